// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A study on disk, a line of JSON for each run that is over, written when it is. A search that was
/// killed is begun again with the same journal and does not repeat them.
///
/// The first line says what was searched; a journal of another search is refused. What follows the
/// last whole line, the half of one that a kill left, is removed.

#include <copse/core/errors.hpp>
#include <copse/model_selection/json.hpp>
#include <copse/model_selection/study.hpp>

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace copse::detail {

class study_journal {
public:
    study_journal() = default;

    /// Reads the runs that are there. `header` is of this search. No path: nothing is kept.
    /// Throws file_error naming the path.
    study_journal(std::filesystem::path path, json const& header) : path_(std::move(path)) {
        if (path_.empty()) return;
        auto const whole = read_lines(header);
        std::error_code failure;
        if (whole > 0) std::filesystem::resize_file(path_, whole, failure);
        if (failure) fail(failure.message());
        out_.open(path_, std::ios::binary | std::ios::app);
        if (whole == 0) {
            out_.close();
            out_.open(path_, std::ios::binary | std::ios::trunc);
            write(header);
        }
        if (!out_) fail("cannot be written");
    }

    /// The run with this number, if it is over and was at this point.
    [[nodiscard]] run_record const* find(std::size_t index, point const& at) const {
        auto const found = runs_.find(index);
        if (found == runs_.end()) return nullptr;
        auto const& known = found->second.point;
        if (known.size() != at.size()) return nullptr;
        for (std::size_t d = 0; d < at.size(); ++d) {
            if (known[d] != at[d] && !(std::isnan(known[d]) && std::isnan(at[d]))) return nullptr;
        }
        return &found->second;
    }
    /// The run with this number, wherever it was.
    [[nodiscard]] run_record const* find(std::size_t index) const {
        auto const found = runs_.find(index);
        return found == runs_.end() ? nullptr : &found->second;
    }

    /// A run that was cancelled is not over: it is to be run again.
    void add(run_record const& run) {
        if (path_.empty() || run.status == run_status::cancelled) return;
        write(json_of(run));
        if (!out_) fail("cannot be written");
    }

private:
    [[noreturn]] void fail(std::string_view why) const {
        throw file_error(sentence(path_.string(), ": ", why));
    }
    void write(json const& line) { out_ << line.to_string() << '\n' << std::flush; }

    /// Returns how many bytes are whole lines.
    [[nodiscard]] std::size_t read_lines(json const& header) {
        std::ifstream in(path_, std::ios::binary);
        if (!in) return 0;
        std::string const text{std::istreambuf_iterator<char>(in),
                               std::istreambuf_iterator<char>()};
        std::size_t first = 0;
        for (auto end = text.find('\n'); end != text.npos; end = text.find('\n', first)) {
            auto const line = parse(std::string_view(text).substr(first, end - first));
            if (first == 0) {
                if (!(line == header)) {
                    fail(sentence("is the journal of another search: ", line.to_string(), ", not ",
                                  header.to_string()));
                }
            } else {
                auto run = run_of(line);
                auto const index = run.index;
                runs_.insert_or_assign(index, std::move(run));
            }
            first = end + 1;
        }
        return first;
    }
    [[nodiscard]] json parse(std::string_view line) const {
        try {
            return parse_json(line);
        } catch (file_error const& e) {
            fail(e.what());
        }
    }
    [[nodiscard]] run_record run_of(json const& line) const try {
        run_record out;
        out.index = static_cast<std::size_t>(line["run"].number());
        for (auto const status :
             {run_status::finished, run_status::stopped_early, run_status::failed}) {
            if (line["status"].text() == name_of(status)) out.status = status;
        }
        out.score = line["score"].number();
        out.seconds = line["seconds"].number();
        for (auto const& [name, numbers] : line["scores"].members())
            out.scores.push_back({name, true, numbers.numbers(), {}});
        out.reports = line["reports"].numbers();
        out.reason = line["reason"].text();
        out.point = line["point"].numbers();
        return out;
    } catch (file_error const& e) {
        fail(e.what());
    }

    std::filesystem::path path_;
    std::map<std::size_t, run_record> runs_;
    std::ofstream out_;
};

}  // namespace copse::detail
