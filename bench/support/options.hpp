// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A benchmark's command line: pairs of --name and value.
///
///     options const given(argc, argv);
///     auto const trees = given.number("--trees", 100);

#include <cstddef>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bench {

class options {
public:
    options(int argc, char const* const* argv) {
        for (int i = 1; i < argc; i += 2) {
            if (i + 1 == argc) throw std::runtime_error(std::string(argv[i]) + " lacks a value");
            given_[argv[i]] = argv[i + 1];
        }
    }
    [[nodiscard]] std::string text(std::string const& name, std::string const& otherwise) const {
        auto const at = given_.find(name);
        return at == given_.end() ? otherwise : at->second;
    }
    [[nodiscard]] std::size_t number(std::string const& name, std::size_t otherwise) const {
        auto const at = given_.find(name);
        return at == given_.end() ? otherwise : std::stoull(at->second);
    }

private:
    std::map<std::string, std::string> given_;
};

}  // namespace bench
