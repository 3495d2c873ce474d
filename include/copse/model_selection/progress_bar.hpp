// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A bar on a console, for programs that want one: nothing of copse includes this.
///
///     copse::progress_bar bar(std::cerr, "trees");
///     forest.fit(x, y, {.on_iteration = std::ref(bar)});        // trees [####      ] 40/100
///
///     copse::progress_bar runs(std::cerr, "runs", 40);
///     search(trainer, space, {.max_total_runs = 40, .on_run = std::ref(runs)}).run(x, y);
///                                          // runs [##        ] 8/40, run 7: finished, 0.9312

#include <copse/core/errors.hpp>
#include <copse/model_selection/study.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace copse {

/// Draws on one line, over what it drew before, and ends the line when all is done or it goes out
/// of scope. Not for several threads at once; copse's callbacks come one at a time.
class progress_bar {
public:
    /// `out` must outlive it. `total` is needed where what is shown does not know it: runs.
    explicit progress_bar(std::ostream& out, std::string name = {}, std::size_t total = 0,
                          std::size_t width = 30)
        : out_(out), name_(std::move(name)), total_(total), width_(width) {}
    ~progress_bar() { end(); }
    progress_bar(progress_bar const&) = delete;
    progress_bar& operator=(progress_bar const&) = delete;

    /// A fit's progress, or an automl's: whatever has done and total.
    template <class Progress>
    requires requires(Progress const& p) { p.done + p.total; }
    void operator()(Progress const& p) {
        std::string note;
        if constexpr (requires { p.validation_losses; }) {
            if (p.validation_losses.size() > 0)
                note = detail::sentence("loss ", p.validation_losses[0]);
        }
        show(p.done, p.total, note);
    }

    /// A run of a search, when it begins and when it is over.
    void operator()(run_record const& run) {
        std::string note;
        bool const over = run.status != run_status::running;
        if (over) {
            ++n_over_;
            note = detail::sentence("run ", run.index, ": ", name_of(run.status));
            if (!std::isnan(run.score)) note += detail::sentence(", ", run.score);
        }
        show(n_over_, total_, note);
    }

    void show(std::size_t done, std::size_t total, std::string_view note) {
        auto const share =
            total == 0 ? 0.0 : static_cast<double>(done) / static_cast<double>(total);
        auto const full =
            static_cast<std::size_t>(std::min(share, 1.0) * static_cast<double>(width_));
        auto line = detail::sentence(name_, name_.empty() ? "[" : " [", std::string(full, '#'),
                                     std::string(width_ - full, ' '), "] ", done, "/", total,
                                     note.empty() ? "" : ", ", note);
        auto const length = line.size();
        // What is left of a longer line is overwritten.
        if (length < drawn_) line.append(drawn_ - length, ' ');
        drawn_ = length;
        out_ << '\r' << line << std::flush;
        if (total > 0 && done >= total) end();
    }

private:
    void end() {
        if (drawn_ > 0) out_ << '\n' << std::flush;
        drawn_ = 0;
    }

    std::ostream& out_;
    std::string name_;
    std::size_t total_;
    std::size_t width_;
    std::size_t n_over_ = 0;
    std::size_t drawn_ = 0;  ///< characters on the line
};

}  // namespace copse
