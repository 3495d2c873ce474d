// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A set as bench/prepare.py leaves it: a folder with X.npy, y.npy, X_test.npy, y_test.npy and
/// set.txt, lines of a word and its values; sets to rank also have group.npy and group_test.npy.
///
///     auto const set = prepared_set::read("bench/.data/letter", 5000);    // its first 5000 rows

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace bench {

inline constexpr std::size_t all_rows = static_cast<std::size_t>(-1);
inline constexpr std::size_t all_columns = all_rows;

/// An .npy file of two or one dimensions; (n) is (n, 1).
template <class T>
struct npy {
    std::vector<T> values;
    std::size_t rows = 0;
    std::size_t cols = 1;

    [[nodiscard]] T const* row(std::size_t i) const noexcept { return values.data() + i * cols; }
};

/// The element type of an .npy file, "<f4" say, and its shape, from the header's text.
struct npy_header {
    std::string type;
    std::vector<std::size_t> shape;

    explicit npy_header(std::ifstream& in) {
        char start[10] = {};
        in.read(start, sizeof(start));
        auto const low = static_cast<unsigned char>(start[8]);
        auto const high = static_cast<unsigned char>(start[9]);
        std::string text(low + 256u * high, ' ');
        in.read(text.data(), static_cast<std::streamsize>(text.size()));
        auto const quoted = text.find("'", text.find(':')) + 1;
        type = text.substr(quoted, text.find("'", quoted) - quoted);
        auto const open = text.find("'shape': (") + 10;
        std::istringstream sizes(text.substr(open, text.find(')', open) - open));
        for (std::string size; std::getline(sizes, size, ',');) {
            if (size.find_first_not_of(' ') != std::string::npos)
                shape.push_back(std::stoull(size));
        }
    }
};

/// At most max_rows rows and max_cols columns of the file. Throws std::runtime_error unless it
/// holds little-endian T.
template <class T>
[[nodiscard]] npy<T> read_npy(std::filesystem::path const& path, std::size_t max_rows = all_rows,
                              std::size_t max_cols = all_columns) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("cannot open " + path.string());
    npy_header const header(in);
    auto const wanted =
        std::string("<") + (std::is_integral_v<T> ? "i" : "f") + std::to_string(sizeof(T));
    if (header.type != wanted || header.shape.empty() || header.shape.size() > 2) {
        throw std::runtime_error(path.string() + ": holds " + header.type + ", not " + wanted);
    }
    npy<T> out;
    out.rows = std::min(max_rows, header.shape[0]);
    out.cols = header.shape.size() == 2 ? header.shape[1] : 1;
    out.values.resize(out.rows * out.cols);
    in.read(reinterpret_cast<char*>(out.values.data()),
            static_cast<std::streamsize>(out.values.size() * sizeof(T)));
    if (!in) throw std::runtime_error(path.string() + ": ends early");
    auto const cols = std::min(max_cols, out.cols);
    for (std::size_t i = 0; i < out.rows && cols < out.cols; ++i)
        std::copy_n(out.row(i), cols, out.values.data() + i * cols);
    out.cols = cols;
    out.values.resize(out.rows * cols);
    return out;
}

enum class set_task { classification, regression, ranking };

/// Targets are labels (int32) of classes, or values (float), by the set's task.
struct prepared_set {
    std::string name;
    set_task task = set_task::classification;
    std::vector<std::size_t> categorical;  ///< columns that hold codes
    npy<float> x, x_test;
    npy<std::int32_t> labels, labels_test;
    npy<float> values, values_test;
    npy<std::int32_t> group, group_test;  ///< rows of each query, if the task is ranking

    [[nodiscard]] bool is_regression() const noexcept { return task == set_task::regression; }

    [[nodiscard]] static prepared_set read(std::filesystem::path const& folder,
                                           std::size_t max_rows = all_rows,
                                           std::size_t max_cols = all_columns) {
        prepared_set out;
        out.name = folder.filename().string();
        out.read_words(folder / "set.txt");
        if (out.task == set_task::ranking) {
            out.group = read_npy<std::int32_t>(folder / "group.npy");
            out.group_test = read_npy<std::int32_t>(folder / "group_test.npy");
            max_rows = out.keep_whole_groups(max_rows);
        }
        out.x = read_npy<float>(folder / "X.npy", max_rows, max_cols);
        out.x_test = read_npy<float>(folder / "X_test.npy", all_rows, max_cols);
        if (out.task != set_task::classification) {
            out.values = read_npy<float>(folder / "y.npy", max_rows);
            out.values_test = read_npy<float>(folder / "y_test.npy");
        } else {
            out.labels = read_npy<std::int32_t>(folder / "y.npy", max_rows);
            out.labels_test = read_npy<std::int32_t>(folder / "y_test.npy");
        }
        return out;
    }

private:
    /// Drops the groups that do not fit in max_rows; returns the rows of the others.
    std::size_t keep_whole_groups(std::size_t max_rows) {
        std::size_t n_rows = 0;
        std::size_t n_groups = 0;
        for (auto const size : group.values) {
            if (n_rows + static_cast<std::size_t>(size) > max_rows) break;
            n_rows += static_cast<std::size_t>(size);
            ++n_groups;
        }
        group.values.resize(n_groups);
        group.rows = n_groups;
        return n_rows;
    }

    void read_words(std::filesystem::path const& path) {
        std::ifstream in(path);
        if (!in) throw std::runtime_error("cannot open " + path.string());
        for (std::string line; std::getline(in, line);) {
            std::istringstream words(line);
            std::string word;
            words >> word;
            if (word == "task") {
                words >> word;
                if (word == "regression") task = set_task::regression;
                if (word == "ranking") task = set_task::ranking;
            } else if (word == "categorical") {
                for (std::size_t column = 0; words >> column;) categorical.push_back(column);
            }
        }
    }
};

}  // namespace bench
