// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A fitted boosting classifier.
///
///     labels const y = boosted.predict(x);                    // the most probable class of each
///     row xt::xtensor<float, 2> p = boosted.predict_proba(x, tbb{.n_jobs = 2});

#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/ensemble/boosted_model.hpp>
#include <copse/loss/log_loss.hpp>
#include <copse/loss/softmax.hpp>
#include <copse/par/tbb.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace copse {

namespace detail {

struct boosted_classifier_parts : boosted_parts {
    labels classes;

    bool operator==(boosted_classifier_parts const&) const = default;
};

}  // namespace detail

class boosted_classifier
    : public detail::boosted_model<boosted_classifier, detail::boosted_classifier_parts> {
public:
    static constexpr std::string_view name = "boosted_classifier";

    using boosted_model::boosted_model;

    /// The distinct labels of the training set, increasing.
    [[nodiscard]] labels const& classes() const noexcept { return parts_.classes; }

    /// The most probable class of each row. Ties go to the lower class.
    /// Throws invalid_input if the columns do not match.
    template <backend B = tbb>
    [[nodiscard]] labels predict(features_view x, B const& backend = {}) const;

    /// (n, classes().size()); rows sum to 1 up to rounding; column j belongs to classes()[j].
    template <backend B = tbb>
    [[nodiscard]] matrix<float> predict_proba(features_view x, B const& backend = {}) const;

    /// Of two classes, the log-odds of the second, (n, 1); of more, (n, K) scores whose softmax are
    /// the probabilities.
    template <backend B = tbb>
    [[nodiscard]] matrix<double> decision_function(features_view x, B const& backend = {}) const {
        return raw_of(x, backend, "decision_function");
    }

    /// The probabilities of one row of n_features() values, into `out` of classes().size() places.
    /// Neither checks nor, for two classes, allocates.
    template <class T>
    void predict_proba(std::span<T const> row, std::span<float> out) const;

    bool operator==(boosted_classifier const&) const = default;
};

// ------------------------------------------------------------------ implementation below

namespace detail {

/// Of one row, from its raw scores.
inline void probabilities_of(std::span<double const> raw, std::span<float> out) {
    if (raw.size() == out.size()) {
        std::vector<double> shares(raw.size());
        softmax_loss{}.response(view<double const>(raw.data(), raw.size()), view<double>(shares));
        std::transform(shares.begin(), shares.end(), out.begin(),
                       [](double p) { return static_cast<float>(p); });
    } else if (out.size() == 2) {
        out[1] = static_cast<float>(log_loss{}.response(raw[0]));
        out[0] = static_cast<float>(log_loss{}.response(-raw[0]));
    } else {
        out[0] = 1;  // a single class
    }
}

/// Of rows, from theirs.
[[nodiscard]] inline matrix<float> probabilities_of(matrix<double> const& raw,
                                                    std::size_t n_classes) {
    matrix<float> out(raw.rows(), n_classes);
    for (std::size_t i = 0; i < raw.rows(); ++i) probabilities_of(raw.row(i), out.row(i));
    return out;
}

/// The labels of rows with these raw scores. Ties go to the lower class.
[[nodiscard]] inline labels most_probable(labels const& classes, matrix<double> const& raw) {
    std::vector<std::size_t> codes(raw.rows());
    for (std::size_t i = 0; i < raw.rows(); ++i) {
        auto const row = raw.row(i);
        codes[i] =
            row.size() == 1
                ? (row[0] > 0 && classes.size() > 1 ? std::size_t{1} : std::size_t{0})
                : static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
    }
    return classes.at_codes(codes);
}

}  // namespace detail

template <backend B>
matrix<float> boosted_classifier::predict_proba(features_view x, B const& backend) const {
    return detail::probabilities_of(raw_of(x, backend, "predict_proba"), classes().size());
}

template <class T>
void boosted_classifier::predict_proba(std::span<T const> row, std::span<float> out) const {
    if (n_outputs() == 1) {
        double raw = 0;
        add_raw(row, std::span(&raw, 1));
        detail::probabilities_of(std::span(&raw, 1), out);
    } else {
        std::vector<double> raw(n_outputs());
        add_raw(row, std::span<double>(raw));
        detail::probabilities_of(raw, out);
    }
}

template <backend B>
labels boosted_classifier::predict(features_view x, B const& backend) const {
    return detail::most_probable(classes(), raw_of(x, backend, "predict"));
}

}  // namespace copse
