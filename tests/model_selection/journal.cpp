// SPDX-License-Identifier: BSD-3-Clause
// Studies that are killed and go on from their journal.
#include "io/support.hpp"
#include "support/boosting_fits.hpp"
#include "support/samples.hpp"

#include <copse/metrics.hpp>
#include <copse/model_selection/search.hpp>

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

using namespace copse;
using detail::json;
using detail::parse_json;
using test::scratch_folder;
using gbc = gradient_boosting_classifier;

namespace {

std::string bytes_of(std::filesystem::path const& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}
void write(std::filesystem::path const& path, std::string const& text) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

struct study_of_grid {
    matrix<float> x;
    std::vector<int> y;
    search_options<classification_metric> options{.sampling = bayesian{.n_startup = 3},
                                                  .primary_metric = metrics::log_loss,
                                                  .max_total_runs = 12,
                                                  .early_termination = median_stopping{},
                                                  .splits = k_fold{3},
                                                  .wave_size = 3};

    study_of_grid() {
        auto [rows, labels] = test::labelled_grid(200, 4, 1);
        x = rows;
        y = labels;
    }
    [[nodiscard]] auto run() const {
        return search(gbc{.n_estimators = 4, .min_samples_leaf = 3},
                      space(vary(&gbc::learning_rate, loguniform(0.01, 1)),
                            vary(&gbc::max_leaf_nodes, choice(2, 4, 8))),
                      options)
            .run(x, y, sequential{});
    }
};

/// All that does not depend on time.
template <class Study>
std::vector<std::string> outline(Study const& study) {
    std::vector<std::string> out;
    for (auto r : study.runs()) {
        r.seconds = 0;
        out.push_back(detail::json_of(r).to_string());
    }
    return out;
}

/// The numbers of the runs that the journal has, which must be distinct.
std::set<std::size_t> runs_in(std::filesystem::path const& path) {
    std::set<std::size_t> out;
    std::istringstream lines(bytes_of(path));
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
        if (lines.eof()) break;  // no whole line
        CHECK(out.insert(static_cast<std::size_t>(parse_json(line)["run"].number())).second);
    }
    return out;
}

}  // namespace

TEST_CASE("a study killed at any moment goes on to the study of an undisturbed one") {
    study_of_grid const undisturbed_study;
    auto const undisturbed = undisturbed_study.run();
    for (int const delay : {0, 200, 3000}) {
        scratch_folder const folder;
        auto killed = undisturbed_study;
        killed.options.journal = folder / "study.jsonl";
        std::size_t done = 0;
        for (std::size_t const n_runs : {2u, 3u, 1u}) {
            int ends[2];
            REQUIRE(pipe(ends) == 0);
            auto const child = fork();
            REQUIRE(child >= 0);
            if (child == 0) {
                killed.options.on_run = [&](run_record const& r) {
                    if (r.status != run_status::running) (void)!::write(ends[1], "r", 1);
                };
                try {
                    (void)killed.run();
                } catch (...) {
                }
                close(ends[1]);
                for (;;) pause();
            }
            close(ends[1]);
            char byte = 0;
            for (std::size_t n = 0; n < n_runs && read(ends[0], &byte, 1) == 1; ++n) ++done;
            std::this_thread::sleep_for(std::chrono::microseconds(delay));
            kill(child, SIGKILL);
            int status = 0;
            waitpid(child, &status, 0);
            close(ends[0]);
            REQUIRE(WIFSIGNALED(status));
            CHECK(runs_in(killed.options.journal).size() >= done);
        }
        std::size_t n_run = 0;
        auto const before = runs_in(killed.options.journal);
        killed.options.on_run = [&](run_record const& r) {
            if (r.status != run_status::running) return;
            CHECK(!before.contains(r.index));
            ++n_run;
        };
        auto const study = killed.run();
        CHECK(n_run == 12 - before.size());
        CHECK(outline(study) == outline(undisturbed));
        CHECK(study.best_model() == undisturbed.best_model());
        CHECK(runs_in(killed.options.journal).size() == 12);
    }
}

TEST_CASE("half a line at a journal's end is forgotten") {
    scratch_folder const folder;
    study_of_grid study;
    study.options.journal = folder / "study.jsonl";
    auto const whole = outline(study.run());
    auto const text = bytes_of(study.options.journal);
    for (std::size_t const cut : {text.size() - 1, text.size() / 2, std::size_t{5}}) {
        write(study.options.journal, text.substr(0, cut));
        CHECK(outline(study.run()) == whole);
        CHECK(runs_in(study.options.journal).size() == 12);
    }
}

TEST_CASE("a journal of another search, or of none, is refused") {
    scratch_folder const folder;
    study_of_grid study;
    study.options.journal = folder / "study.jsonl";
    (void)study.run();
    auto other = study;
    other.options.random_state = 1;
    CHECK_THROWS_AS((void)other.run(), file_error);
    write(study.options.journal, "what is this?\n");
    CHECK_THROWS_AS((void)study.run(), file_error);
    study.options.journal = folder / "no" / "study.jsonl";
    CHECK_THROWS_AS((void)study.run(), file_error);
}

TEST_CASE("JSON reads back as it was written") {
    std::string const text =
        R"({"a": [1, -0.5, 1e-300, null, 1e999], "b": {"c": "x\"\\y"}, "d": true, "e": []})";
    auto const value = parse_json(text);
    CHECK(value.to_string() == text);
    CHECK(parse_json(value.to_string()) == value);
    CHECK(value["b"]["c"].text() == "x\"\\y");
    CHECK(std::isnan(value["a"].numbers()[3]));
    CHECK(std::isnan(value["none"].number()));
    CHECK(json("a\nb").to_string() == R"("a\u000ab")");
    CHECK(parse_json(R"("a\u000ab\tc")").text() == "a\nb\tc");
    for (double const x : {0.1, 1.0 / 3, 6.02e23, 5e-324, -0.0})
        CHECK(parse_json(json(x).to_string()).number() == x);
    for (auto const* const bad :
         {"", "{", "[1,", "[1 2]", "{\"a\" 1}", "tru", "\"a", "1 2", "\"\\u00e4\"", "{1: 2}"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS((void)parse_json(bad), file_error);
    }
    CHECK_THROWS_AS((void)parse_json(std::string(1000, '[')), file_error);
}
