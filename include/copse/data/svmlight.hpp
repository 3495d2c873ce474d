// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The text format of SVMlight, LIBSVM and LETOR: a row is `target [qid:q] index:value ... [#
/// note]` with increasing indices.
///
///     auto const train = copse::read_svmlight("a9a");
///     auto const test = copse::read_svmlight("a9a.t", {.like = &train});
///     auto const model = copse::linear_svc{}.fit(train.x, train.y);
///     auto const forest = copse::random_forest_classifier{}.fit(train.to_dense().x, train.y);
///
/// T. Joachims, "Making Large-Scale SVM Learning Practical", 1999.

#include <copse/core/errors.hpp>
#include <copse/data/csr.hpp>
#include <copse/data/dataset.hpp>
#include <copse/data/file.hpp>
#include <copse/data/target.hpp>
#include <copse/data/text.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

/// What a file calls its first feature. `automatic`: 0 if it says so anywhere, else 1.
enum class index_base { automatic, zero, one };

struct svmlight_options {
    task_kind task = task_kind::automatic;  ///< with queries, automatic means regression
    index_base base = index_base::automatic;
    std::optional<std::size_t> n_features = {};  ///< otherwise by the largest index
    /// Data whose task, base and number of features this file shall have, whatever is said above.
    sparse_dataset const* like = nullptr;
};

/// Reads text that is in memory; `name` stands for it in errors. Throws file_error with the line
/// and the character: `a9a:17:12: index 5 comes after 7; indices must increase`.
[[nodiscard]] sparse_dataset parse_svmlight(std::string_view text,
                                            svmlight_options const& options = {},
                                            std::string_view name = "svmlight");

/// Reads a file. Throws also file_error if there is none.
[[nodiscard]] inline sparse_dataset read_svmlight(std::filesystem::path const& path,
                                                  svmlight_options const& options = {}) {
    return parse_svmlight(read_file(path), options, path.string());
}

// ------------------------------------------------------------------ implementation below

namespace detail {

class svmlight_reader {
public:
    svmlight_reader(std::string_view text, svmlight_options const& options, std::string_view name)
        : text_(readable(text, name)),
          name_(name),
          options_(options),
          at_(text_.data()),
          end_(text_.data() + text_.size()) {
        if (auto const like = options.like) {
            options_.base = like->first_index == 0 ? index_base::zero : index_base::one;
            options_.n_features = like->x.cols();
            options_.task =
                like->y.is_regression() ? task_kind::regression : task_kind::classification;
        }
    }

    [[nodiscard]] sparse_dataset read() {
        while (at_ != end_) {
            skip_blanks();
            if (!at_line_end()) read_row();
            at_ = std::find(at_, end_, '\n');
            if (at_ != end_) ++at_;
        }
        if (y_.empty()) throw file_error(sentence(name_, ": has no rows"));

        auto const first = first_index();
        for (auto& index : indices_) index -= static_cast<std::uint32_t>(first);
        auto const cols =
            options_.n_features.value_or(indices_.empty() ? 0 : std::size_t{largest_} + 1 - first);
        auto const queries_rank = options_.task == task_kind::automatic && !query_id_.empty();
        auto const classes =
            options_.task == task_kind::classification ||
            (options_.task == task_kind::automatic && !queries_rank && look_like_classes(y_));
        auto y =
            classes ? target("target", integer_labels(y_)) : target("target", number_column(y_));
        return {csr_matrix(std::move(offsets_), std::move(indices_), std::move(values_), cols),
                std::move(y), std::move(query_id_), first};
    }

private:
    void read_row() {
        read_target();
        skip_blanks();
        read_query();
        std::optional<std::uint32_t> last;
        for (skip_blanks(); !at_line_end(); skip_blanks()) {
            auto const place = at_;
            auto const index = read_index();
            if (last && index <= *last) {
                fail(place,
                     sentence("index ", index, " comes after ", *last, "; indices must increase"));
            }
            last = index;
            indices_.push_back(index);
            values_.push_back(to_float(read_value("a value")));
        }
        if (last) largest_ = std::max(largest_, *last);
        offsets_.push_back(indices_.size());
    }

    void read_target() {
        auto const place = at_;
        auto const y = read_value("a target");
        if (!std::isfinite(y)) fail(place, sentence("target ", word(place), " is not finite"));
        if (options_.task == task_kind::classification && !is_integer(y)) {
            fail(place, sentence("target ", word(place), " is not an integer"));
        }
        y_.push_back(y);
    }

    void read_query() {
        constexpr std::string_view key = "qid:";
        auto const place = at_;
        auto const has_query = std::string_view(at_, rest()).starts_with(key);
        if (has_query != !query_id_.empty() && y_.size() > 1) {
            fail(place, has_query ? "a qid, which the rows before lack"
                                  : "no qid, which the rows before have");
        }
        if (!has_query) return;
        at_ += key.size();
        std::uint64_t query = 0;
        auto const stop = read_integer(at_, end_, query);
        if (stop == at_ || !ends_word(stop) || query > std::numeric_limits<std::int64_t>::max()) {
            fail(place, sentence(word(place), " is not qid: and an integer"));
        }
        at_ = stop;
        query_id_.push_back(static_cast<std::int64_t>(query));
    }

    [[nodiscard]] std::uint32_t read_index() {
        auto const place = at_;
        std::uint64_t index = 0;
        auto const stop = read_integer(at_, end_, index);
        if (stop == at_ || stop == end_ || *stop != ':') {
            fail(place, sentence(word(place), " is not index:value"));
        }
        if (index >= std::numeric_limits<std::uint32_t>::max()) {
            fail(place, sentence("index ", index, " does not fit in 32 bits"));
        }
        if (index == 0 && options_.base == index_base::one) {
            fail(place, "index 0 in a file whose first index is 1");
        }
        has_zero_ = has_zero_ || index == 0;
        if (options_.n_features) check_width(place, index);
        at_ = stop + 1;
        return static_cast<std::uint32_t>(index);
    }

    void check_width(char const* place, std::uint64_t index) const {
        auto const first = options_.base == index_base::zero ? 0u : 1u;
        if (index < *options_.n_features + first) return;
        // By automatic base the width is known only at the end if the index is one too large.
        fail(place, sentence("index ", index, " is too large for ", *options_.n_features,
                             " features counted from ", first));
    }

    /// A number that ends its word.
    [[nodiscard]] double read_value(std::string_view what) {
        double number = 0;
        auto const stop = read_number(at_, end_, number);
        if (stop == at_ || !ends_word(stop)) {
            fail(at_, sentence(word(at_), " is not ", what));
        }
        at_ = stop;
        return number;
    }

    [[nodiscard]] std::size_t first_index() const {
        if (options_.base != index_base::automatic) return options_.base == index_base::one;
        if (has_zero_ && options_.n_features && largest_ >= *options_.n_features) {
            throw file_error(sentence(name_, ": index ", largest_, " is too large for ",
                                      *options_.n_features, " features counted from 0"));
        }
        return has_zero_ ? 0 : 1;
    }

    void skip_blanks() {
        while (at_ != end_ && is_blank(*at_)) ++at_;
    }
    [[nodiscard]] bool at_line_end() const { return at_ == end_ || *at_ == '\n' || *at_ == '#'; }
    [[nodiscard]] bool ends_word(char const* at) const {
        return at == end_ || is_blank(*at) || *at == '\n' || *at == '#';
    }
    [[nodiscard]] std::size_t rest() const { return static_cast<std::size_t>(end_ - at_); }

    /// The word at `place`, quoted.
    [[nodiscard]] std::string word(char const* place) const {
        auto stop = place;
        while (stop != end_ && !is_blank(*stop) && *stop != '\n') ++stop;
        return in_quotes({place, static_cast<std::size_t>(stop - place)});
    }

    [[noreturn]] void fail(char const* place, std::string_view fact) const {
        auto const line = 1 + std::count(text_.data(), place, '\n');
        auto from = place;
        while (from != text_.data() && from[-1] != '\n') --from;
        throw file_error(sentence(name_, ":", line, ":", 1 + (place - from), ": ", fact));
    }

    std::string_view text_;
    std::string_view name_;
    svmlight_options options_;
    char const* at_;
    char const* end_;
    std::vector<double> y_;
    std::vector<std::int64_t> query_id_;
    std::vector<std::size_t> offsets_{0};
    std::vector<std::uint32_t> indices_;
    std::vector<float> values_;
    std::uint32_t largest_ = 0;
    bool has_zero_ = false;
};

}  // namespace detail

inline sparse_dataset parse_svmlight(std::string_view text, svmlight_options const& options,
                                     std::string_view name) {
    return detail::svmlight_reader(text, options, name).read();
}

}  // namespace copse
