// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A fitted linear model for regression. An immutable value; predicting is safe from any number of
/// threads at once.
///
///     auto const model = copse::ridge{.alpha = 0.1}.fit(x, y);
///     column<double> const y_new = model.predict(x_new);

#include <copse/core/errors.hpp>
#include <copse/core/matrix.hpp>
#include <copse/linear/samples_view.hpp>
#include <copse/linear/scores.hpp>
#include <copse/linear/solver_report.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/tbb.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace copse {

namespace detail {

/// What a linear regressor is made of.
struct linear_regressor_parts {
    matrix<double> coef;            ///< (1, n_features)
    std::vector<double> intercept;  ///< one
    solver_report report{};

    bool operator==(linear_regressor_parts const&) const = default;
};

}  // namespace detail

class linear_regressor {
public:
    explicit linear_regressor(detail::linear_regressor_parts parts) : parts_(std::move(parts)) {}
    linear_regressor(std::vector<double> const& coef, double intercept, solver_report report)
        : parts_{matrix<double>(1, coef.size()), {intercept}, report} {
        std::ranges::copy(coef, parts_.coef.data());
    }

    [[nodiscard]] std::size_t n_features() const noexcept { return parts_.coef.cols(); }
    [[nodiscard]] std::span<double const> coef() const noexcept { return parts_.coef.row(0); }
    [[nodiscard]] double intercept() const noexcept { return parts_.intercept[0]; }
    [[nodiscard]] solver_report const& report() const noexcept { return parts_.report; }

    /// x[i] . coef() + intercept(), in the precision of x. Throws invalid_input if the columns do
    /// not match.
    template <backend B = tbb>
    [[nodiscard]] column<double> predict(samples_view x, B const& backend = {}) const {
        detail::check_n_jobs(backend, "linear_regressor::predict");
        if (x.cols() != n_features()) {
            throw invalid_input(detail::sentence("linear_regressor::predict: x has ", x.cols(),
                                                 " columns but the model was fitted on ",
                                                 n_features()));
        }
        matrix<double> out(x.rows(), 1);
        any_backend const outer = backend;
        outer.enter([&] {
            auto const inner = outer.inherited();
            x.visit([&](auto const& rows) {
                if constexpr (requires { rows.validate(); }) rows.validate();
                detail::add_scores(inner, rows, parts_.coef, parts_.intercept, out);
            });
        });
        return {out.data(), out.data() + out.rows()};
    }

    /// Everything the model knows, for saving it.
    [[nodiscard]] detail::linear_regressor_parts const& parts() const noexcept { return parts_; }

    bool operator==(linear_regressor const&) const = default;

private:
    detail::linear_regressor_parts parts_;
};

}  // namespace copse
