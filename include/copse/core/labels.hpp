// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Class labels: integers of any width or text, whichever the user has.
///
///     labels const y = forest.predict(x);
///     if (y[0] == 3) ...                          // or y[0] == "setosa"
///     xt::xtensor<int, 1> as_numbers = y;         // std::vector<std::string> as_text = y;

#include <copse/core/containers.hpp>
#include <copse/core/errors.hpp>

#include <algorithm>
#include <array>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace copse {

/// One label, borrowed. Integers order before text; otherwise by value.
class label {
public:
    template <std::integral Int>
    constexpr label(Int value) : integer_(static_cast<std::int64_t>(value)) {}
    template <std::convertible_to<std::string_view> Text>
    constexpr label(Text const& text) : is_text_(true), text_(text) {}

    [[nodiscard]] constexpr bool is_text() const noexcept { return is_text_; }
    /// 0 if the label is text.
    [[nodiscard]] constexpr std::int64_t integer() const noexcept { return integer_; }
    /// Empty if the label is an integer.
    [[nodiscard]] constexpr std::string_view text() const noexcept { return text_; }

    /// As it is written: `3`, `setosa`.
    [[nodiscard]] std::string to_string() const {
        return is_text_ ? std::string(text_) : detail::sentence(integer_);
    }

    friend constexpr bool operator==(label const&, label const&) = default;
    friend constexpr auto operator<=>(label const&, label const&) = default;

private:
    bool is_text_ = false;
    std::int64_t integer_ = 0;
    std::string_view text_;
};

namespace detail {

template <class C>
concept label_container = shaped_container<C, 1> || flat_container<C>;

}  // namespace detail

/// An owned column of labels, all integers or all text.
class labels {
public:
    labels() = default;
    explicit labels(std::vector<std::int64_t> values) : values_(std::move(values)) {}
    explicit labels(std::vector<std::string> values) : values_(std::move(values)) {}

    [[nodiscard]] std::size_t size() const noexcept {
        return std::visit([](auto const& v) { return v.size(); }, values_);
    }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    [[nodiscard]] bool is_text() const noexcept { return values_.index() == 1; }
    [[nodiscard]] label operator[](std::size_t i) const {
        return is_text() ? label(texts()[i]) : label(integers()[i]);
    }

    /// The values. Throws std::bad_variant_access if they are of the other kind.
    [[nodiscard]] std::vector<std::int64_t> const& integers() const { return std::get<0>(values_); }
    [[nodiscard]] std::vector<std::string> const& texts() const { return std::get<1>(values_); }

    /// A copy as somebody else's container of integers or strings.
    /// Throws invalid_input if the kind is wrong or an integer does not fit.
    template <detail::label_container Container>
    [[nodiscard]] operator Container() const {
        using value_type = typename Container::value_type;
        auto out = detail::made<Container>(std::array{size()});
        for (std::size_t i = 0; i < size(); ++i) out[i] = converted<value_type>(i);
        return out;
    }

    /// One label for each code: element i is (*this)[codes[i]].
    template <class Codes>
    [[nodiscard]] labels at_codes(Codes const& codes) const {
        return std::visit(
            [&](auto const& values) {
                std::remove_cvref_t<decltype(values)> out;
                out.reserve(codes.size());
                for (auto const code : codes) out.push_back(values[code]);
                return labels(std::move(out));
            },
            values_);
    }

    bool operator==(labels const&) const = default;

    template <class Label>
    friend bool operator==(labels const& a, std::vector<Label> const& b) {
        return same(a, b);
    }

private:
    template <class Range>
    static bool same(labels const& a, Range const& b) {
        if (a.size() != b.size()) return false;
        std::size_t i = 0;
        return std::all_of(b.begin(), b.end(),
                           [&](auto const& value) { return a[i++] == label(value); });
    }

    template <class Value>
    [[nodiscard]] Value converted(std::size_t i) const {
        if constexpr (std::integral<Value>) {
            if (is_text()) {
                throw invalid_input(
                    detail::sentence("labels: '", texts()[i], "' is not an integer"));
            }
            if (!std::in_range<Value>(integers()[i])) {
                throw invalid_input(detail::sentence("labels: ", integers()[i], " does not fit in ",
                                                     sizeof(Value), " bytes"));
            }
            return static_cast<Value>(integers()[i]);
        } else {
            return Value((*this)[i].to_string());
        }
    }

    std::variant<std::vector<std::int64_t>, std::vector<std::string>> values_;
};

}  // namespace copse
