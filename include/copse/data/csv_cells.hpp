// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Walks over the cells of separated text: RFC 4180 (quotes, doubled quotes, separators and line
/// ends within quotes), with any separator, lines ended by LF or CRLF, the last one by nothing if
/// it likes. Deviations: blanks around a cell are not part of it, and lines without a character
/// are not rows.

#include <copse/core/errors.hpp>
#include <copse/data/text.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace copse::detail {

struct csv_cell {
    std::string_view text;  ///< without the quotes around it
    bool has_doubled_quotes = false;
    bool ends_row = false;
};

/// A cell's text with doubled quotes made single.
[[nodiscard]] inline std::string single_quotes(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        out += text[i];
        if (text[i] == '"') ++i;
    }
    return out;
}

class csv_cells {
public:
    csv_cells(std::string_view text, std::string_view name, char separator)
        : text_(text),
          name_(name),
          separator_(separator),
          at_(text.data()),
          end_(text.data() + text.size()) {}

    /// Moves to the first cell of the next row; false if there is none.
    [[nodiscard]] bool next_row() {
        while (at_ != end_) {
            if (*at_ == '\n') {
                ++at_;
            } else if (*at_ == '\r' && at_ + 1 != end_ && at_[1] == '\n') {
                at_ += 2;
            } else {
                return true;
            }
        }
        return false;
    }

    /// The next cell, which must exist: a row's cells end with one that says so.
    [[nodiscard]] csv_cell next() {
        auto const from = at_;
        if (auto const quote = skip_blanks(at_); quote != end_ && *quote == '"') {
            return quoted_cell(quote + 1);
        }
        while (at_ != end_ && *at_ != separator_ && *at_ != '\n') ++at_;
        auto const text = trimmed({from, static_cast<std::size_t>(at_ - from)});
        return {text, false, end_cell()};
    }

    /// Reads the next cell if it is a plain number without blanks or quotes around it;
    /// otherwise stays where it is and returns false.
    [[nodiscard]] bool next_number(double& number, bool& ends_row) {
        // A single digit, the commonest number of all.
        if (end_ - at_ > 1 && at_[1] == separator_ && is_digit(*at_)) {
            number = *at_ - '0';
            at_ += 2;
            ends_row = false;
            return true;
        }
        auto const stop = read_number(at_, end_, number);
        if (stop == at_) return false;
        if (stop != end_ && *stop != separator_ && *stop != '\n') {
            auto const is_crlf = *stop == '\r' && stop + 1 != end_ && stop[1] == '\n';
            if (!is_crlf) return false;
            at_ = stop + 1;
        } else {
            at_ = stop;
        }
        ends_row = end_cell();
        return true;
    }

    [[nodiscard]] char const* place() const noexcept { return at_; }
    void move_to(char const* place) noexcept { at_ = place; }

    /// `adult.csv:17: `, for an error at `place`.
    [[nodiscard]] std::string where(char const* place) const {
        auto const line = 1 + std::count(text_.data(), place, '\n');
        return sentence(name_, ":", line, ": ");
    }

private:
    [[nodiscard]] char const* skip_blanks(char const* at) const {
        while (at != end_ && is_blank(*at) && *at != separator_) ++at;
        return at;
    }

    /// Steps over what ends a cell; true if it ended the row.
    [[nodiscard]] bool end_cell() {
        if (at_ == end_) return true;
        return *at_++ == '\n';
    }

    [[nodiscard]] csv_cell quoted_cell(char const* from) {
        bool doubled = false;
        for (auto at = from;;) {
            auto const left = static_cast<std::size_t>(end_ - at);
            auto const quote = static_cast<char const*>(std::memchr(at, '"', left));
            if (quote == nullptr) {
                throw file_error(
                    sentence(where(from), "a quote is opened here that is never closed: ",
                             in_quotes({from, static_cast<std::size_t>(end_ - from)})));
            }
            if (quote + 1 != end_ && quote[1] == '"') {
                doubled = true;
                at = quote + 2;
                continue;
            }
            at_ = skip_blanks(quote + 1);
            if (at_ != end_ && *at_ != separator_ && *at_ != '\n') {
                auto const after = std::string_view(at_, static_cast<std::size_t>(end_ - at_));
                throw file_error(sentence(where(at_), "a closing quote is followed by ",
                                          in_quotes(after.substr(0, after.find_first_of("\r\n")))));
            }
            std::string_view const text(from, static_cast<std::size_t>(quote - from));
            return {text, doubled, end_cell()};
        }
    }

    std::string_view text_;
    std::string_view name_;
    char separator_;
    char const* at_;
    char const* end_;
};

}  // namespace copse::detail
