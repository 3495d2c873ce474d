// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What ranks that train one model, each on rows of its own, must agree on before they begin: the
/// columns, the settings, and the classes, of which a rank may lack some.
///
///     check_shard(who, ranks, x.rows(), x.cols(), y.size(), "labels", weights);
///     check_same(who, ranks, {{"C", C}, {"tolerance", tolerance}});
///     auto const encoded = encode_shard(who, ranks, y);

#include <copse/core/checks.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/par/backend.hpp>
#include <copse/par/components.hpp>
#include <copse/par/ranks_view.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::detail {

/// As check_training_set; but a rank among others may have no rows at all.
inline void check_shard(std::string_view who, ranks_view ranks, std::size_t rows, std::size_t cols,
                        std::size_t n_targets, std::string_view targets, values_view weights) {
    bool const may_be_empty = ranks.size() > 1 && rows == 0 && cols > 0 && n_targets == 0;
    if (!may_be_empty) check_training_set(who, rows, cols, n_targets, targets, weights);
    if (ranks.sum(static_cast<double>(rows)) > 0) return;
    throw invalid_input(sentence(who, ": x has 0 rows on all ", ranks.size(), " ranks"));
}

/// A setting, and what it is called in a sentence.
struct named_number {
    std::string_view name;
    double value;
};

/// Throws invalid_input unless these are on every rank what they are on rank 0.
inline void check_same(std::string_view who, ranks_view ranks,
                       std::vector<named_number> const& settings) {
    if (ranks.size() == 1) return;
    std::vector<double> first;
    for (auto const& s : settings) first.push_back(s.value);
    ranks.broadcast(first, 0);
    for (std::size_t i = 0; i < settings.size(); ++i) {
        if (settings[i].value == first[i]) continue;
        throw invalid_input(sentence(who, ": ", settings[i].name, " is ", settings[i].value,
                                     " on rank ", ranks.rank(), " but ", first[i], " on rank 0"));
    }
}

/// Throws invalid_input if there are several ranks: the `solver` is of those that do not add up
/// passes over x.
inline void check_alone(std::string_view who, ranks_view ranks, std::string_view solver) {
    if (ranks.size() == 1) return;
    throw invalid_input(sentence(who, ": there are ", ranks.size(), " ranks, but ", solver,
                                 " needs all rows on 1"));
}

/// As for_each_component, for components that add up over ranks: those must do so in one order, so
/// that with several ranks components come one after the other.
template <backend B, class F>
void for_each_ranked(B const& backend, ranks_view ranks, std::size_t n, std::stop_token const& stop,
                     F const& f) {
    if (ranks.size() == 1) return for_each_component(backend, n, stop, f);
    for (std::size_t i = 0; i < n; ++i) f(i);
}

// ------------------------------------------------------------------ implementation below

// Communicators carry doubles alone: an integer goes as two halves, text as its length and bytes.
[[nodiscard]] inline std::vector<double> as_numbers(std::vector<std::int64_t> const& values) {
    std::vector<double> out;
    for (auto const value : values) {
        auto const bits = static_cast<std::uint64_t>(value);
        out.push_back(static_cast<double>(bits >> 32));
        out.push_back(static_cast<double>(bits & 0xffffffffu));
    }
    return out;
}
[[nodiscard]] inline std::vector<double> as_numbers(std::vector<std::string> const& values) {
    std::vector<double> out;
    for (auto const& text : values) {
        out.push_back(static_cast<double>(text.size()));
        for (auto const c : text) out.push_back(static_cast<double>(static_cast<unsigned char>(c)));
    }
    return out;
}
inline void from_numbers(std::vector<double> const& from, std::vector<std::int64_t>& to) {
    for (std::size_t at = 0; at < from.size(); at += 2) {
        auto const high = static_cast<std::uint64_t>(from[at]);
        to.push_back(
            static_cast<std::int64_t>(high << 32 | static_cast<std::uint64_t>(from[at + 1])));
    }
}
inline void from_numbers(std::vector<double> const& from, std::vector<std::string>& to) {
    for (std::size_t at = 0; at < from.size();) {
        std::string text(static_cast<std::size_t>(from[at++]), ' ');
        for (auto& c : text) c = static_cast<char>(static_cast<unsigned char>(from[at++]));
        to.push_back(std::move(text));
    }
}

/// The distinct values of all ranks, increasing.
template <class Value>
[[nodiscard]] std::vector<Value> merged(ranks_view ranks, std::vector<Value> const& own) {
    auto const numbers = as_numbers(own);
    std::vector<Value> all;
    from_numbers(gathered(ranks, numbers, rank_offsets(ranks, numbers.size())), all);
    std::ranges::sort(all);
    all.erase(std::unique(all.begin(), all.end()), all.end());  // clang 14 lacks the ranges' one
    return all;
}

/// As encode, with the classes of all ranks. Throws invalid_input if some labels are text and some
/// integers.
[[nodiscard]] inline encoded_labels encode_shard(std::string_view who, ranks_view ranks,
                                                 labels_view y) {
    if (ranks.size() == 1) return encode(y);
    auto const of_text = ranks.sum(y.is_text() && y.size() > 0 ? 1 : 0);
    auto const of_integers = ranks.sum(!y.is_text() && y.size() > 0 ? 1 : 0);
    if (of_text > 0 && of_integers > 0) {
        throw invalid_input(sentence(who, ": labels are text on ", of_text,
                                     " ranks but integers on ", of_integers));
    }
    auto own = encode(y).classes;
    labels const classes =
        of_text > 0
            ? labels(merged(ranks, own.is_text() ? own.texts() : std::vector<std::string>()))
            : labels(merged(ranks, own.is_text() ? std::vector<std::int64_t>() : own.integers()));
    if (y.size() == 0) return {classes, {}};
    return {classes, encode(y, classes, who)};
}

}  // namespace copse::detail
