// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A fitted boosting ranker.
///
///     xt::xtensor<double, 1> scores = boosted.predict(x);    // a query's documents, by falling
///     score

#include <copse/core/inputs.hpp>
#include <copse/core/matrix.hpp>
#include <copse/ensemble/boosted_model.hpp>
#include <copse/par/tbb.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace copse {

class boosted_ranker : public detail::boosted_model<boosted_ranker, detail::boosted_parts> {
public:
    static constexpr std::string_view name = "boosted_ranker";

    using boosted_model::boosted_model;

    /// The raw score of each row: only the order within a query has a meaning.
    /// Throws invalid_input if the columns do not match.
    template <backend B = tbb>
    [[nodiscard]] column<double> predict(features_view x, B const& backend = {}) const {
        auto const raw = raw_of(x, backend, "predict");
        return column<double>(raw.data(), raw.data() + raw.rows());
    }
    /// For one row of n_features() values. Neither checks nor allocates.
    template <class T>
    [[nodiscard]] double predict(std::span<T const> row) const noexcept {
        double raw = 0;
        add_raw(row, std::span(&raw, 1));
        return raw;
    }

    bool operator==(boosted_ranker const&) const = default;
};

}  // namespace copse
