// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Several trainers fitted together, and the predictions of several models put together. Members
/// are a std::vector of one type, any_classifier_trainer for example, or a std::tuple of several.
///
///     auto const models = detail::fit_members(trainers, stop, backend,
///                                             [&](auto const& t) { return t.fit(x, y); });

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/meta/any_classifier.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/par/components.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace copse::detail {

template <class T>
[[nodiscard]] std::size_t n_members(std::vector<T> const& members) noexcept {
    return members.size();
}
template <class... Ts>
[[nodiscard]] constexpr std::size_t n_members(std::tuple<Ts...> const&) noexcept {
    return sizeof...(Ts);
}

/// f(k, member) for every member, in order.
template <class T, class F>
void for_each_member(std::vector<T> const& members, F const& f) {
    for (std::size_t k = 0; k < members.size(); ++k) f(k, members[k]);
}
template <class... Ts, class F>
void for_each_member(std::tuple<Ts...> const& members, F const& f) {
    std::apply(
        [&f](Ts const&... each) {
            std::size_t k = 0;
            (f(k++, each), ...);
        },
        members);
}

/// fit(trainer) of every member, as independent components. Inside backend.enter.
template <class Trainer, backend B, class Fit>
[[nodiscard]] auto fit_members(std::vector<Trainer> const& trainers, std::stop_token const& stop,
                               B const& inside, Fit const& fit) {
    using model = decltype(fit(trainers.front()));
    std::vector<std::optional<model>> fitted(trainers.size());
    for_each_component(inside, trainers.size(), stop,
                       [&](std::size_t k) { fitted[k].emplace(fit(trainers[k])); });
    std::vector<model> models;
    models.reserve(fitted.size());
    for (auto& m : fitted) models.push_back(std::move(*m));
    return models;
}

/// fit(trainers[k]) into fitted[k], where k is known when the program runs.
template <std::size_t I, class Trainers, class Fitted, class Fit>
void fit_member(std::size_t k, Trainers const& trainers, Fitted& fitted, Fit const& fit) {
    if constexpr (I < std::tuple_size_v<Trainers>) {
        if (k == I) {
            std::get<I>(fitted).emplace(fit(std::get<I>(trainers)));
        } else {
            fit_member<I + 1>(k, trainers, fitted, fit);
        }
    }
}

template <class... Models>
[[nodiscard]] std::tuple<Models...> taken(std::tuple<std::optional<Models>...>&& fitted) {
    return std::apply(
        [](std::optional<Models>&... each) { return std::tuple<Models...>(std::move(*each)...); },
        fitted);
}

template <class... Trainers, backend B, class Fit>
[[nodiscard]] auto fit_members(std::tuple<Trainers...> const& trainers, std::stop_token const& stop,
                               B const& inside, Fit const& fit) {
    std::tuple<std::optional<decltype(fit(std::declval<Trainers const&>()))>...> fitted;
    for_each_component(inside, sizeof...(Trainers), stop,
                       [&](std::size_t k) { fit_member<0>(k, trainers, fitted, fit); });
    return taken(std::move(fitted));
}

/// The weights of members, 1 each if none are given. Throws invalid_input, beginning with `who`,
/// unless there are members, and none or as many weights, finite, none below 0, not all 0.
[[nodiscard]] inline std::vector<double> member_weights(std::string_view who, std::size_t n_members,
                                                        std::vector<double> const& weights) {
    if (n_members == 0) {
        throw invalid_input(sentence(who, ": there are 0 members; there must be at least 1"));
    }
    if (weights.empty()) return std::vector<double>(n_members, 1.0);
    if (weights.size() != n_members) {
        throw invalid_input(sentence(who, ": weights has ", weights.size(),
                                     " values but there are ", n_members, " members"));
    }
    double sum = 0;
    for (std::size_t k = 0; k < n_members; ++k) {
        if (!(weights[k] >= 0) || !std::isfinite(weights[k])) {
            throw invalid_input(sentence(who, ": the weight of member ", k, " is ", weights[k],
                                         "; it must be at least 0 and finite"));
        }
        sum += weights[k];
    }
    if (!(sum > 0) || !std::isfinite(sum)) {
        throw invalid_input(sentence(who, ": the ", n_members, " weights sum to ", sum,
                                     "; the sum must be greater than 0 and finite"));
    }
    return weights;
}

[[nodiscard]] inline double sum_of(std::vector<double> const& weights) noexcept {
    double sum = 0;
    for (auto const w : weights) sum += w;
    return sum;
}

/// The labels of the greatest share of each row; ties go to the lower class.
[[nodiscard]] inline labels labels_of_shares(matrix<float> const& shares, labels const& classes) {
    std::vector<std::size_t> codes(shares.rows());
    for (std::size_t i = 0; i < codes.size(); ++i) {
        auto const row = shares.row(i);
        codes[i] = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
    }
    return classes.at_codes(codes);
}

/// Where each of a member's classes is among `classes`, which has them all.
[[nodiscard]] inline std::vector<std::uint32_t> places_among(labels const& of_member,
                                                             labels const& classes) {
    return encode(labels_view(of_member), classes, "members");
}

/// Throws invalid_input, in the words of every model, unless x has the columns of the fit.
inline void check_n_features(std::string_view who, features_view x, std::size_t n_features) {
    if (x.cols() != n_features) {
        throw invalid_input(sentence(who, ": x has ", x.cols(),
                                     " columns but the model was fitted on ", n_features));
    }
}

/// The sum of what members say of each row and class, in the members' order.
class class_shares {
public:
    class_shares(std::size_t n_rows, labels const& classes)
        : classes_(classes), sums_(n_rows, classes.size()) {}

    /// A member's probabilities, `weight` times. `rows` are those it was asked about; all if empty.
    template <class Model, backend B>
    void add_probabilities(Model const& model, features_view x, double weight, B const& inside,
                           std::vector<std::size_t> const& rows = {}) {
        auto const p = model.predict_proba(x, inside);
        auto const at = places_among(model.classes(), classes_);
        for_each(inside, p.rows(), [&](std::size_t i) {
            auto const sums = sums_.row(rows.empty() ? i : rows[i]);
            for (std::size_t k = 0; k < at.size(); ++k)
                sums[at[k]] += weight * static_cast<double>(p(i, k));
        });
    }
    /// A member's votes, `weight` times.
    template <class Model, backend B>
    void add_votes(Model const& model, features_view x, double weight, B const& inside,
                   std::vector<std::size_t> const& rows = {}) {
        auto const votes = encode(model.predict(x, inside), classes_, "members");
        for (std::size_t i = 0; i < votes.size(); ++i)
            sums_(rows.empty() ? i : rows[i], votes[i]) += weight;
    }
    /// Its probabilities, or its votes if it gives none.
    template <class Model, backend B>
    void add(Model const& model, features_view x, double weight, B const& inside,
             std::vector<std::size_t> const& rows = {}) {
        if constexpr (gives_probabilities<Model>) {
            if (has_probabilities(model)) {
                add_probabilities(model, x, weight, inside, rows);
                return;
            }
        }
        add_votes(model, x, weight, inside, rows);
    }

    [[nodiscard]] matrix<double> const& sums() const noexcept { return sums_; }

    /// The sums, divided by the sum of weights.
    [[nodiscard]] matrix<float> shares(double total) const {
        matrix<float> out(sums_.rows(), sums_.cols());
        std::transform(sums_.data(), sums_.data() + sums_.rows() * sums_.cols(), out.data(),
                       [total](double sum) { return static_cast<float>(sum / total); });
        return out;
    }

private:
    labels const& classes_;
    matrix<double> sums_;
};

}  // namespace copse::detail
