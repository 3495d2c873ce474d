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
#include <copse/par/tbb.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace copse {

class linear_regressor {
public:
    linear_regressor(std::vector<double> coef, double intercept, solver_report report)
        : coef_(1, coef.size()), intercept_{intercept}, report_(report) {
        std::ranges::copy(coef, coef_.data());
    }

    [[nodiscard]] std::size_t n_features() const noexcept { return coef_.cols(); }
    [[nodiscard]] std::span<double const> coef() const noexcept { return coef_.row(0); }
    [[nodiscard]] double intercept() const noexcept { return intercept_[0]; }
    [[nodiscard]] solver_report const& report() const noexcept { return report_; }

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
        backend.enter([&] {
            auto const inner = backend.inherited();
            x.visit([&](auto const& rows) {
                if constexpr (requires { rows.validate(); }) rows.validate();
                detail::add_scores(inner, rows, coef_, intercept_, out);
            });
        });
        return {out.data(), out.data() + out.rows()};
    }

    bool operator==(linear_regressor const&) const = default;

private:
    matrix<double> coef_;  ///< (1, n_features)
    std::vector<double> intercept_;
    solver_report report_;
};

}  // namespace copse
