// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// As much JSON as a study writes and reads: values, lists, and objects that keep their order.
///
///     json const run = parse_json(line);      run["score"].number();      run.to_string();

#include <copse/core/errors.hpp>

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace copse::detail {

/// A value. Numbers are doubles, which read back as they were; NaN is null.
class json {
public:
    using list = std::vector<json>;
    using object = std::vector<std::pair<std::string, json>>;

    json() = default;
    json(bool value) : value_(value) {}
    json(double value) : value_(value) {}
    json(std::int64_t value) : value_(static_cast<double>(value)) {}
    json(std::size_t value) : value_(static_cast<double>(value)) {}
    json(std::string value) : value_(std::move(value)) {}
    json(std::string_view value) : value_(std::string(value)) {}
    json(char const* value) : value_(std::string(value)) {}
    json(list values) : value_(std::move(values)) {}
    json(object members) : value_(std::move(members)) {}
    json(std::vector<double> const& values) : value_(list(values.begin(), values.end())) {}

    /// NaN if it is null. Throws file_error if it is something else.
    [[nodiscard]] double number() const {
        if (value_.index() == 0) return std::numeric_limits<double>::quiet_NaN();
        return get<double>("a number");
    }
    [[nodiscard]] std::string const& text() const { return get<std::string>("text"); }
    [[nodiscard]] list const& values() const { return get<list>("a list"); }
    [[nodiscard]] std::vector<double> numbers() const {
        std::vector<double> out;
        for (auto const& v : values()) out.push_back(v.number());
        return out;
    }
    [[nodiscard]] object const& members() const { return get<object>("an object"); }
    /// Null if there is no such member.
    [[nodiscard]] json const& operator[](std::string_view name) const {
        for (auto const& [key, value] : members()) {
            if (key == name) return value;
        }
        static json const null;
        return null;
    }

    [[nodiscard]] std::string to_string() const {
        std::string out;
        write(out);
        return out;
    }

    bool operator==(json const&) const = default;

private:
    template <class T>
    [[nodiscard]] T const& get(std::string_view what) const {
        if (auto const* const value = std::get_if<T>(&value_)) return *value;
        throw file_error(sentence("JSON: ", to_string(), " is not ", what));
    }
    static void write_text(std::string& out, std::string_view text) {
        constexpr char digits[] = "0123456789abcdef";
        out += '"';
        for (auto const c : text) {
            auto const byte = static_cast<unsigned char>(c);
            if (c == '"' || c == '\\') {
                out += '\\';
                out += c;
            } else if (byte < 0x20) {
                out += "\\u00";
                out += digits[byte >> 4];
                out += digits[byte & 15];
            } else {
                out += c;
            }
        }
        out += '"';
    }
    void write(std::string& out) const {
        std::visit(
            [&]<class T>(T const& value) {
                if constexpr (std::same_as<T, std::monostate>) {
                    out += "null";
                } else if constexpr (std::same_as<T, bool>) {
                    out += value ? "true" : "false";
                } else if constexpr (std::same_as<T, double>) {
                    if (std::isfinite(value)) {
                        append(out, value);
                    } else {  // JSON has no infinity; a number too great reads back as one
                        out += std::isnan(value) ? "null" : value > 0 ? "1e999" : "-1e999";
                    }
                } else if constexpr (std::same_as<T, std::string>) {
                    write_text(out, value);
                } else if constexpr (std::same_as<T, list>) {
                    out += '[';
                    for (std::size_t i = 0; i < value.size(); ++i) {
                        if (i > 0) out += ", ";
                        value[i].write(out);
                    }
                    out += ']';
                } else {
                    out += '{';
                    for (std::size_t i = 0; i < value.size(); ++i) {
                        if (i > 0) out += ", ";
                        write_text(out, value[i].first);
                        out += ": ";
                        value[i].second.write(out);
                    }
                    out += '}';
                }
            },
            value_);
    }

    std::variant<std::monostate, bool, double, std::string, list, object> value_;
};

/// Reads one value.
class json_reader {
public:
    explicit json_reader(std::string_view text) : text_(text) {}

    [[nodiscard]] json read_all() {
        auto out = read(0);
        skip_space();
        if (at_ != text_.size()) fail("something after the value");
        return out;
    }

private:
    static constexpr int most_depth = 64;

    [[noreturn]] void fail(std::string_view why) const {
        throw file_error(sentence("JSON: ", why, " at byte ", at_, " of ", text_.size()));
    }
    void skip_space() {
        while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos)
            ++at_;
    }
    [[nodiscard]] char next() {
        if (at_ == text_.size()) fail("the end");
        return text_[at_++];
    }
    [[nodiscard]] bool takes(std::string_view word) {
        if (text_.substr(at_, word.size()) != word) return false;
        at_ += word.size();
        return true;
    }
    [[nodiscard]] json read(int depth) {
        if (depth > most_depth) fail("too many levels");
        skip_space();
        if (takes("null")) return {};
        if (takes("true")) return json(true);
        if (takes("false")) return json(false);
        if (takes("[")) return read_list(depth);
        if (takes("{")) return read_object(depth);
        if (takes("\"")) return json(read_text());
        return json(read_number());
    }
    [[nodiscard]] double read_number() {
        double out = 0;
        auto const* const first = text_.data() + at_;
        auto const [end, error] = std::from_chars(first, text_.data() + text_.size(), out);
        if (error == std::errc::result_out_of_range) {
            out = *first == '-' ? -std::numeric_limits<double>::infinity()
                                : std::numeric_limits<double>::infinity();
        } else if (error != std::errc{}) {
            fail("no value");
        }
        at_ += static_cast<std::size_t>(end - first);
        return out;
    }
    [[nodiscard]] std::string read_text() {
        std::string out;
        for (char c = next(); c != '"'; c = next()) {
            if (c != '\\') {
                out += c;
                continue;
            }
            c = next();
            if (c == 'u') {
                unsigned code = 0;
                auto const digits = text_.substr(at_, 4);
                auto const [end, error] =
                    std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
                if (error != std::errc{} || end != digits.data() + 4 || code > 0x7f)
                    fail("a character that no study writes");
                at_ += 4;
                out += static_cast<char>(code);
            } else {
                out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
            }
        }
        return out;
    }
    [[nodiscard]] json read_list(int depth) {
        json::list out;
        skip_space();
        if (takes("]")) return json(std::move(out));
        for (;;) {
            out.push_back(read(depth + 1));
            skip_space();
            if (takes("]")) return json(std::move(out));
            if (!takes(",")) fail("no comma");
        }
    }
    [[nodiscard]] json read_object(int depth) {
        json::object out;
        skip_space();
        if (takes("}")) return json(std::move(out));
        for (;;) {
            skip_space();
            if (!takes("\"")) fail("no name");
            auto name = read_text();
            skip_space();
            if (!takes(":")) fail("no colon");
            out.emplace_back(std::move(name), read(depth + 1));
            skip_space();
            if (takes("}")) return json(std::move(out));
            if (!takes(",")) fail("no comma");
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

/// Throws file_error unless the text is one value.
[[nodiscard]] inline json parse_json(std::string_view text) { return json_reader(text).read_all(); }

}  // namespace copse::detail
