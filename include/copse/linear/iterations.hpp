// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How solvers tell the user's on_iteration what the weights are by now.
///
///     iteration_teller tell(plan.on_iteration);
///     while (step()) tell(n_steps, [&] { return std::vector{so_far()}; });

#include <copse/core/limits.hpp>
#include <copse/core/progress.hpp>
#include <copse/linear/solver_report.hpp>

#include <cstddef>
#include <functional>
#include <vector>

namespace copse::detail {

/// One class against the others, or one target.
struct fitted_class {
    std::vector<double> coef;
    double intercept = 0;
    solver_report report;
};

/// Whom to tell, and how a solver's numbers become those of the model.
class iteration_hook {
public:
    /// Nobody.
    iteration_hook() = default;
    /// `to` must outlive it; it may be empty. There will be at most `most` iterations.
    iteration_hook(std::function<void(progress const&)> const& to, std::size_t most)
        : to_(to ? &to : nullptr), most_(most) {}

    [[nodiscard]] bool is_wanted() const noexcept { return to_ != nullptr; }
    /// A solver that goes on from another's n-th iteration.
    [[nodiscard]] iteration_hook after(std::size_t n) const {
        auto out = *this;
        out.before_ += n;
        return out;
    }
    /// Intercepts of the model are greater by that.
    [[nodiscard]] iteration_hook raised_by(double offset) const {
        auto out = *this;
        out.offset_ += offset;
        return out;
    }

    void tell(std::size_t done, std::vector<fitted_class> const& scores) const {
        std::vector<double> coef;
        std::vector<double> intercept;
        for (auto const& score : scores) {
            coef.insert(coef.end(), score.coef.begin(), score.coef.end());
            intercept.push_back(score.intercept + offset_);
        }
        progress now{before_ + done, most_};
        now.coef = coef;
        now.intercept = intercept;
        (*to_)(now);
    }

private:
    std::function<void(progress const&)> const* to_ = nullptr;
    std::size_t most_ = 0;
    std::size_t before_ = 0;
    double offset_ = 0;
};

/// Tells of each iteration once. `hook` must outlive it.
class iteration_teller {
public:
    explicit iteration_teller(iteration_hook const& hook) : hook_(hook) {}

    /// `done` iterations are; so_far() are the scores by now, asked for if that is news.
    template <class SoFar>
    void operator()(std::size_t done, SoFar const& so_far) {
        if (!hook_.is_wanted() || done <= told_) return;
        told_ = done;
        hook_.tell(done, so_far());
    }

private:
    iteration_hook const& hook_;
    std::size_t told_ = 0;
};

}  // namespace copse::detail
