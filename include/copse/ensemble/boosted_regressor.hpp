// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A fitted boosting regressor.
///
///     xt::xtensor<double, 1> y = boosted.predict(x);

#include <copse/core/inputs.hpp>
#include <copse/core/matrix.hpp>
#include <copse/ensemble/boosted_model.hpp>
#include <copse/loss/link.hpp>
#include <copse/par/tbb.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace copse {

namespace detail {

struct boosted_regressor_parts : boosted_parts {
    link_function link = link_function::identity;

    bool operator==(boosted_regressor_parts const&) const = default;
};

}  // namespace detail

class boosted_regressor
    : public detail::boosted_model<boosted_regressor, detail::boosted_regressor_parts> {
public:
    static constexpr std::string_view name = "boosted_regressor";

    using boosted_model::boosted_model;

    /// The prediction for each row. Throws invalid_input if the columns do not match.
    template <backend B = tbb>
    [[nodiscard]] column<double> predict(features_view x, B const& backend = {}) const {
        auto const raw = raw_of(x, backend, "predict");
        column<double> out(x.rows());
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = response(link(), raw(i, 0));
        return out;
    }
    /// For one row of n_features() values. Neither checks nor allocates.
    template <class T>
    [[nodiscard]] double predict(std::span<T const> row) const noexcept {
        double raw = 0;
        add_raw(row, std::span(&raw, 1));
        return response(link(), raw);
    }
    [[nodiscard]] link_function link() const noexcept { return parts_.link; }

    bool operator==(boosted_regressor const&) const = default;
};

}  // namespace copse
