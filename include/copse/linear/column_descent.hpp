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
#include <copse/linear/fit_regressor.hpp>
#include <copse/linear/iterations.hpp>
#include <copse/linear/l1_penalty.hpp>
#include <copse/linear/linear_plan.hpp>
#include <copse/linear/linear_regressor.hpp>
#include <copse/linear/samples_view.hpp>
#include <copse/linear/shards.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/par/backend.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace copse::detail {

/// The problem with weights of sum 1, y of mean 0 and columns less their means. The residual is
/// kept as residual_[i] + shift_, so that a sparse column stays sparse.
template <class Columns>
class column_descent {
public:
    template <backend B>
    column_descent(B const& backend, Columns const& columns, std::size_t d,
                   regression_problem const& problem, l1_penalty penalty)
        : columns_(columns),
          plan_(problem.plan),
          penalty_(penalty),
          weights_(problem.shares),
          target_(problem.y),
          residual_(problem.y),
          mean_(d),
          square_(d),
          w_(d) {
        for_each_range(backend, d, 16, [&](std::size_t, std::size_t first, std::size_t last) {
            for (auto j = first; j < last; ++j) measure(j);
        });
        for (std::size_t i = 0; i < target_.size(); ++i)
            target_square_ += weights_[i] * target_[i] * target_[i];
        report_.gradient_limit = plan_.tolerance * target_square_;
        if (!plan_.start.empty()) take_start();
    }

    template <backend B>
    void run(B const& backend) {
        constexpr std::size_t between_checks = 10;
        std::vector<std::size_t> all(w_.size());
        for (std::size_t j = 0; j < all.size(); ++j) all[j] = j;
        iteration_teller tell(plan_.on_iteration);
        while (report_.n_iter < plan_.max_iter && !report_.converged) {
            if (plan_.stop.stop_requested()) throw stopped(sentence(plan_.who, ": was stopped"));
            auto const moved = sweep(all);
            std::vector<std::size_t> active;
            for (auto const j : all) {
                if (w_[j] != 0) active.push_back(j);
            }
            for (std::size_t i = 0; i < between_checks && report_.n_iter < plan_.max_iter; ++i) {
                if (sweep(active) <= 1e-3 * moved) break;
            }
            judge(backend);
            tell(report_.n_iter, [&] { return std::vector{result()}; });
        }
    }

    [[nodiscard]] fitted_class result() const {
        double intercept = 0;
        auto coef = w_;
        for (std::size_t j = 0; j < w_.size(); ++j) {
            intercept -= mean_[j] * w_[j];
            coef[j] *= columns_.unit(j);
        }
        return {std::move(coef), intercept, report_};
    }

private:
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

    /// The intercept follows from the weights.
    void take_start() {
        auto const coef = plan_.start.coef().row(0);
        for (std::size_t j = 0; j < w_.size(); ++j) {
            if (coef[j] != 0 && square_[j] > 0) move(j, coef[j] / columns_.unit(j));
        }
    }
    void move(std::size_t j, double next) {
        auto const change = next - w_[j];
        w_[j] = next;
        columns_.for_each(j, [&](std::size_t i, double value) { residual_[i] -= change * value; });
        shift_ += change * mean_[j];
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
            auto const next = shrunk(wanted, penalty_.l1) / (square_[j] + penalty_.l2);
            auto const change = next - w_[j];
            if (change == 0) continue;
            move(j, next);
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
        double penalty = 0;
        double squared = 0;
        for (auto const w : w_) {
            penalty += penalty_.of(w);
            squared += w * w;
        }
        auto const steepest = reduce(
            backend, w_.size(), 0.0,
            [&](std::size_t j) {
                return square_[j] == 0 ? 0.0 : std::abs(slope(j) - penalty_.l2 * w_[j]);
            },
            [](double a, double b) { return std::max(a, b); });
        // The residual, shrunk until it is feasible in the dual.
        auto const scale = steepest > penalty_.l1 ? penalty_.l1 / steepest : 1.0;
        report_.objective = 0.5 * square + penalty;
        report_.duality_gap = report_.objective +
                              0.5 * scale * scale * (square + penalty_.l2 * squared) -
                              scale * with_target;
        report_.n_passes = report_.n_iter;
        report_.gradient_norm = steepest;
        report_.converged = report_.duality_gap <= report_.gradient_limit;
    }

    Columns const& columns_;
    linear_plan const& plan_;
    l1_penalty penalty_;
    std::vector<double> const& weights_;
    std::vector<double> const& target_;
    std::vector<double> residual_;
    double shift_ = 0;
    std::vector<double> mean_, square_, w_;
    double target_square_ = 0;
    solver_report report_{};
};

/// Least squares, halved and averaged, with that penalty. Inside backend.enter. Throws stopped.
template <backend B, class X>
[[nodiscard]] fitted_class fit_columns(B const& backend, X const& x,
                                       regression_problem const& problem, l1_penalty penalty) {
    check_alone(problem.plan.who, problem.plan.ranks, "coordinate descent");
    check_finite(x, problem.plan.who);
    auto const columns = columns_by(backend, x, problem.plan.scales);
    column_descent descent(backend, columns, x.cols(), problem, penalty);
    descent.run(backend);
    return descent.result();
}

/// The entrance of lasso and elastic_net.
template <backend B>
[[nodiscard]] linear_regressor fit_net(regressor_settings const& s, double alpha,
                                       l1_penalty penalty, samples_view x, values_view y,
                                       linear_fit_options const& options, B const& backend) {
    check_range(s.who, "alpha", alpha, 0, std::numeric_limits<double>::max(),
                "at least 0 and finite");
    return fit_regressor(s, x, y, options, backend,
                         [&](auto const& inside, auto const& rows, auto const& problem) {
                             return fit_columns(inside, rows, problem, penalty);
                         });
}

}  // namespace copse::detail
