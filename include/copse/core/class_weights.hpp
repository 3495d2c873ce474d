// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Weights of classes, for every trainer of a classifier.
///
///     .class_weight = class_weights::balanced()      .class_weight = {{"no", 1.0}, {"yes", 8.0}}

#include <copse/core/errors.hpp>
#include <copse/core/labels.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace copse {

/// How much a row counts because of its class.
class class_weights {
public:
    enum class rule { none, balanced, balanced_subsample, given };

    class_weights() = default;
    /// A weight for each class named; the others have 1.
    class_weights(std::initializer_list<std::pair<label, double>> weights) : rule_(rule::given) {
        for (auto const& [of, weight] : weights) {
            given_.push_back({of.is_text()
                                  ? std::variant<std::int64_t, std::string>(std::string(of.text()))
                                  : std::variant<std::int64_t, std::string>(of.integer()),
                              weight});
        }
    }
    /// n / (n_classes * n_k): every class the same in sum.
    [[nodiscard]] static class_weights balanced() { return class_weights(rule::balanced); }
    /// The same, from each tree's own sample.
    [[nodiscard]] static class_weights balanced_subsample() {
        return class_weights(rule::balanced_subsample);
    }

    [[nodiscard]] rule kind() const noexcept { return rule_; }

    /// For each class, where `counts` has its rows. Throws invalid_input, beginning with `who`, for
    /// a class that y lacks and a weight that is negative or not finite.
    [[nodiscard]] std::vector<double> of(labels const& classes, std::vector<double> const& counts,
                                         std::string_view who) const;

    bool operator==(class_weights const&) const = default;

private:
    struct entry {
        std::variant<std::int64_t, std::string> of;
        double weight;
        bool operator==(entry const&) const = default;
    };
    explicit class_weights(rule r) : rule_(r) {}

    rule rule_ = rule::none;
    std::vector<entry> given_;
};

// ------------------------------------------------------------------ implementation below

inline std::vector<double> class_weights::of(labels const& classes,
                                             std::vector<double> const& counts,
                                             std::string_view who) const {
    std::vector<double> out(classes.size(), 1.0);
    if (rule_ == rule::balanced || rule_ == rule::balanced_subsample) {
        double total = 0;
        double present = 0;
        for (auto const n : counts) {
            total += n;
            present += n > 0 ? 1 : 0;
        }
        for (std::size_t k = 0; k < out.size(); ++k) {
            if (counts[k] > 0) out[k] = total / (present * counts[k]);
        }
    }
    for (auto const& [of, weight] : given_) {
        auto const name = std::visit([](auto const& value) { return label(value); }, of);
        std::size_t k = 0;
        while (k < classes.size() && !(classes[k] == name)) ++k;
        if (k == classes.size()) {
            throw invalid_input(
                detail::sentence(who, ": class_weight names class ", name.to_string(),
                                 " but y has none of it among its ", classes.size(), " classes"));
        }
        if (!(weight >= 0) || !std::isfinite(weight)) {
            throw invalid_input(detail::sentence(who, ": class_weight of class ", name.to_string(),
                                                 " is ", weight,
                                                 "; it must be at least 0 and finite"));
        }
        out[k] = weight;
    }
    return out;
}

}  // namespace copse
