// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Coordinate descent on the columns of x for lasso and elastic net. Full sweeps find the columns
/// that matter, sweeps over those alone follow until they hardly move, and the duality gap decides
/// when it is enough.
///
/// Source  J. Friedman, T. Hastie, R. Tibshirani, "Regularization Paths for Generalized Linear
/// Models
///         via Coordinate Descent", J. Stat. Software 33(1), 2010, section 2 (active sets); the gap
///         as scikit-learn has it. Deviation: columns are centred virtually.

#include <copse/core/view.hpp>
#include <copse/data/csr.hpp>
#include <copse/linear/column_moments.hpp>
#include <copse/linear/columns.hpp>
#include <copse/linear/fit_linear.hpp>
#include <copse/linear/linear_regressor.hpp>
#include <copse/linear/squares_plan.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/par/backend.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stop_token>
#include <utility>
#include <vector>

namespace copse::detail {

/// The problem with weights c of sum 1, y of mean 0 and columns less their means. The residual is
/// kept as residual_[i] + shift_, so that a sparse column stays sparse.
template <class Columns>
class column_descent {
public:
    template <backend B>
    column_descent(B const& backend, Columns const& columns, std::size_t d,
                   squares_plan const& plan, std::vector<double> const& weights,
                   std::vector<double> const& y)
        : columns_(columns),
          plan_(plan),
          weights_(weights),
          target_(y),
          residual_(y),
          mean_(d),
          square_(d),
          w_(d) {
        for_each_range(backend, d, 16, [&](std::size_t, std::size_t first, std::size_t last) {
            for (auto j = first; j < last; ++j) measure(j);
        });
        for (std::size_t i = 0; i < y.size(); ++i) target_square_ += weights[i] * y[i] * y[i];
        report_.gradient_limit = plan.tolerance * target_square_;
    }

    template <backend B>
    void run(B const& backend, std::stop_token const& stop) {
        constexpr std::size_t between_checks = 10;
        std::vector<std::size_t> all(w_.size());
        for (std::size_t j = 0; j < all.size(); ++j) all[j] = j;
        while (report_.n_iter < plan_.max_iter && !report_.converged) {
            if (stop.stop_requested()) throw stopped(sentence(plan_.who, ": was stopped"));
            auto const moved = sweep(all);
            std::vector<std::size_t> active;
            for (auto const j : all) {
                if (w_[j] != 0) active.push_back(j);
            }
            for (std::size_t i = 0; i < between_checks && report_.n_iter < plan_.max_iter; ++i) {
                if (sweep(active) <= 1e-3 * moved) break;
            }
            judge(backend);
        }
    }

    [[nodiscard]] linear_regressor result(double mean_of_y) const {
        auto intercept = mean_of_y;
        for (std::size_t j = 0; j < w_.size(); ++j) intercept -= mean_[j] * w_[j];
        return {w_, plan_.fit_intercept ? intercept : 0, report_};
    }

private:
    [[nodiscard]] double l1() const noexcept { return plan_.alpha * plan_.l1_ratio; }
    [[nodiscard]] double l2() const noexcept { return plan_.alpha * (1 - plan_.l1_ratio); }

    void measure(std::size_t j) {
        double sum = 0;
        double square = 0;
        columns_.for_each(j, [&](std::size_t i, double value) {
            sum += weights_[i] * value;
            square += weights_[i] * value * value;
        });
        mean_[j] = plan_.fit_intercept ? sum : 0;
        // What rounding leaves of a constant column is no column.
        auto const centred = square - mean_[j] * mean_[j];
        square_[j] = centred > 1e-14 * square ? centred : 0;
    }

    /// Column j, centred, times the residual. The weighted residuals sum to 0 with an intercept.
    [[nodiscard]] double slope(std::size_t j) const {
        double sum = 0;
        columns_.for_each(
            j, [&](std::size_t i, double value) { sum += weights_[i] * value * residual_[i]; });
        return sum + mean_[j] * shift_;
    }

    /// The largest change of a weight, in units of its column's spread.
    double sweep(std::vector<std::size_t> const& places) {
        ++report_.n_iter;
        double most = 0;
        for (auto const j : places) {
            if (square_[j] == 0) continue;
            auto const wanted = slope(j) + square_[j] * w_[j];
            auto const shrunk = std::max(0.0, std::abs(wanted) - l1());
            auto const next = std::copysign(shrunk, wanted) / (square_[j] + l2());
            auto const change = next - w_[j];
            if (change == 0) continue;
            w_[j] = next;
            columns_.for_each(j,
                              [&](std::size_t i, double value) { residual_[i] -= change * value; });
            shift_ += change * mean_[j];
            most = std::max(most, std::abs(change) * std::sqrt(square_[j]));
        }
        return most;
    }

    /// Objective, duality gap, and whether that is small enough.
    template <backend B>
    void judge(B const& backend) {
        double square = 0;
        double with_target = 0;
        for (std::size_t i = 0; i < residual_.size(); ++i) {
            auto const r = residual_[i] + shift_;
            square += weights_[i] * r * r;
            with_target += weights_[i] * r * target_[i];
        }
        double absolute = 0;
        double squared = 0;
        for (auto const w : w_) {
            absolute += std::abs(w);
            squared += w * w;
        }
        auto const steepest = reduce(
            backend, w_.size(), 0.0,
            [&](std::size_t j) {
                return square_[j] == 0 ? 0.0 : std::abs(slope(j) - l2() * w_[j]);
            },
            [](double a, double b) { return std::max(a, b); });
        // The residual, shrunk until it is feasible in the dual.
        auto const scale = steepest > l1() ? l1() / steepest : 1.0;
        report_.objective = 0.5 * square + l1() * absolute + 0.5 * l2() * squared;
        report_.duality_gap = report_.objective + 0.5 * scale * scale * (square + l2() * squared) -
                              scale * with_target;
        report_.n_passes = report_.n_iter;
        report_.gradient_norm = steepest;
        report_.converged = report_.duality_gap <= report_.gradient_limit;
    }

    Columns const& columns_;
    squares_plan const& plan_;
    std::vector<double> const& weights_;
    std::vector<double> const& target_;
    std::vector<double> residual_;
    double shift_ = 0;
    std::vector<double> mean_, square_, w_;
    double target_square_ = 0;
    solver_report report_{};
};

/// The entrance of lasso and elastic_net.
template <backend B>
[[nodiscard]] linear_regressor fit_columns(squares_plan const& plan, samples_view x, values_view y,
                                           linear_fit_options const& options, B const& outer) {
    check_n_jobs(outer, plan.who);
    auto targets = checked_targets(plan, x, y, options.sample_weight);
    check_range(plan.who, "l1_ratio", plan.l1_ratio, std::numeric_limits<double>::min(), 1,
                "above 0 and at most 1; ridge is for 0");
    auto const weights = shares_of(options.sample_weight, targets.size());
    auto const mean = plan.fit_intercept ? centre(targets, weights) : 0.0;
    return outer.enter([&] {
        auto const backend = outer.inherited();
        auto const solve = [&](auto const& rows, auto const& columns) {
            check_finite(rows, plan.who);
            column_descent descent(backend, columns, x.cols(), plan, weights, targets);
            descent.run(backend, options.stop);
            return descent.result(mean);
        };
        return x.visit([&](auto const& rows) { return solve(rows, columns_by(backend, rows)); });
    });
}

}  // namespace copse::detail
