// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// One measurement as one line of JSON.
///
///     json_line line;  line("set", "letter")("fit_s", 0.31);  line.print();

#include <concepts>
#include <cstdio>
#include <sstream>
#include <string>
#include <string_view>

namespace bench {

class json_line {
public:
    json_line& operator()(std::string_view name, std::string_view value) {
        begin(name);
        text_ << '"' << value << '"';
        return *this;
    }
    json_line& operator()(std::string_view name, char const* value) {
        return (*this)(name, std::string_view(value));
    }
    json_line& operator()(std::string_view name, bool value) {
        begin(name);
        text_ << (value ? "true" : "false");
        return *this;
    }
    template <class Number>
    requires std::integral<Number> || std::floating_point<Number> json_line& operator()(
        std::string_view name, Number value) {
        begin(name);
        text_.precision(8);
        text_ << value;
        return *this;
    }
    void print() const { std::puts((text_.str() + "}").c_str()); }

private:
    void begin(std::string_view name) {
        text_ << (text_.tellp() > 0 ? ", " : "{") << '"' << name << "\": ";
    }
    std::ostringstream text_;
};

}  // namespace bench
