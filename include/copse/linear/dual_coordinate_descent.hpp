// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Dual coordinate descent for support vector machines, one class against the rest a task: a row's
/// multiplier at a time, the weights kept up to date. Best for sparse text, where a row touches few
/// weights and most rows are soon set aside.
///
///     maximise sum_i a_i - 1/2 ||w||^2 - 1/2 sum_i a_i^2 e_i,  w = sum_i a_i y_i x_i,  0 <= a_i <=
///     u_i
///
/// with u_i = c_i, e_i = 0 for the hinge loss and u_i = inf, e_i = 1 / (2 c_i) for its square.
///
/// Source  C.-J. Hsieh, K.-W. Chang, C.-J. Lin, S. S. Keerthi, S. Sundararajan, "A Dual Coordinate
///         Descent Method for Large-scale Linear SVM", ICML 2008, Algorithm 3 (with shrinking), and
///         LIBLINEAR's rule for stopping: projected gradients within `limit` of each other and of 0
///         over all rows. Deviation: rows are visited in an order drawn by index.

#include <copse/core/random.hpp>
#include <copse/core/view.hpp>
#include <copse/data/csr.hpp>
#include <copse/linear/column_moments.hpp>
#include <copse/linear/one_vs_rest_newton.hpp>
#include <copse/par/backend.hpp>
#include <copse/par/components.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace copse::detail {

/// x[i] . w, in four partial sums.
template <class T>
[[nodiscard]] double row_times(matrix_view<T const> x, std::size_t i, double const* w) noexcept {
    double sum[4] = {};
    auto const* at = x.row(i);
    for (std::size_t j = 0; j < x.cols(); ++j, at += x.col_stride())
        sum[j % 4] += static_cast<double>(*at) * w[j];
    return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}
[[nodiscard]] inline double row_times(csr_view x, std::size_t i, double const* w) noexcept {
    auto const row = x.row(i);
    auto const* const at = row.indices.data();
    auto const* const values = row.values.data();
    auto const n = row.size();
    double sum[4] = {};
    std::size_t k = 0;
    for (; k + 4 <= n; k += 4) {
        for (std::size_t l = 0; l < 4; ++l)
            sum[l] += static_cast<double>(values[k + l]) * w[at[k + l]];
    }
    for (; k < n; ++k) sum[0] += static_cast<double>(values[k]) * w[at[k]];
    return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

/// w += factor x[i].
template <class T>
void add_row_to(matrix_view<T const> x, std::size_t i, double factor, double* w) noexcept {
    auto const* at = x.row(i);
    for (std::size_t j = 0; j < x.cols(); ++j, at += x.col_stride())
        w[j] += factor * static_cast<double>(*at);
}
inline void add_row_to(csr_view x, std::size_t i, double factor, double* w) noexcept {
    auto const row = x.row(i);
    for (std::size_t k = 0; k < row.size(); ++k)
        w[row.indices[k]] += factor * static_cast<double>(row.values[k]);
}

template <class T>
[[nodiscard]] double square_of_row(matrix_view<T const> x, std::size_t i) noexcept {
    double sum = 0;
    for (std::size_t j = 0; j < x.cols(); ++j)
        sum += static_cast<double>(x(i, j)) * static_cast<double>(x(i, j));
    return sum;
}
[[nodiscard]] inline double square_of_row(csr_view x, std::size_t i) noexcept {
    double sum = 0;
    for (auto const value : x.row(i).values)
        sum += static_cast<double>(value) * static_cast<double>(value);
    return sum;
}

/// One class against the rest. An intercept is a last weight, of a column of ones, regularised like
/// the others: the dual of a free one is no longer solved a coordinate at a time.
template <class X>
class dual_class {
public:
    /// `squares` holds x[i] . x[i].
    dual_class(linear_plan const& plan, X x, std::vector<double> const& squares, std::size_t code,
               bool squared)
        : plan_(plan),
          x_(x),
          squares_(squares),
          code_(static_cast<std::uint32_t>(code)),
          squared_(squared),
          w_(x.cols() + 1),
          multiplier_(x.rows()),
          draws_(random_stream(code).split(purpose::rows)) {
        for (std::uint32_t i = 0; i < x.rows(); ++i) {
            if (plan.weights[i] > 0) order_.push_back(i);
        }
        // LIBLINEAR's -e for these solvers is 100 times that of Newton's.
        report_.gradient_limit = 100 * plan.tolerance;
    }

    [[nodiscard]] fitted_class solve() {
        auto n_active = order_.size();
        while (report_.n_iter < plan_.max_iter && !report_.converged) {
            if (plan_.stop.stop_requested()) throw stopped(sentence(plan_.who, ": was stopped"));
            n_active = sweep(n_active);
            ++report_.n_iter;
            report_.gradient_norm = std::max({seen_.most - seen_.least, seen_.most, -seen_.least});
            if (report_.gradient_norm <= report_.gradient_limit) {
                report_.converged = n_active == order_.size();
                n_active = order_.size();  // what was set aside is looked at again
                bounds_ = {};
            } else {
                bounds_.most = seen_.most > 0 ? seen_.most : infinite;
                bounds_.least = seen_.least < 0 ? seen_.least : -infinite;
            }
        }
        report_.n_passes = report_.n_iter;
        judge();
        auto const intercept = w_.back();
        w_.pop_back();
        return {std::move(w_), plan_.fit_intercept ? intercept : 0, report_};
    }

private:
    static constexpr double infinite = std::numeric_limits<double>::infinity();
    /// Of projected gradients.
    struct range {
        double most = infinite, least = -infinite;
    };

    [[nodiscard]] double label(std::size_t i) const noexcept {
        return plan_.codes[i] == code_ ? 1.0 : -1.0;
    }
    [[nodiscard]] double bound(std::size_t i) const noexcept {
        return squared_ ? infinite : plan_.weights[i];
    }
    [[nodiscard]] double extra(std::size_t i) const noexcept {
        return squared_ ? 0.5 / plan_.weights[i] : 0;
    }
    [[nodiscard]] double score(std::size_t i) const noexcept {
        return row_times(x_, i, w_.data()) + (plan_.fit_intercept ? w_.back() : 0);
    }

    /// Visits the first n rows of the order, drawn anew; returns how many of them stay there.
    std::size_t sweep(std::size_t n) {
        auto const draws = draws_.split(report_.n_iter);
        for (std::size_t s = 0; s + 1 < n; ++s)
            std::swap(order_[s], order_[s + draws.below(static_cast<std::uint32_t>(n - s), s)]);
        seen_ = {-infinite, infinite};
        for (std::size_t s = 0; s < n;) {
            if (visit(order_[s])) {
                ++s;
            } else {
                std::swap(order_[s], order_[--n]);
            }
        }
        return n;
    }

    /// False if row i is to be set aside: at a bound, and likely to stay.
    bool visit(std::size_t i) {
        auto& a = multiplier_[i];
        auto const y = label(i);
        auto const gradient = y * score(i) - 1 + a * extra(i);
        double projected = gradient;
        if (a == 0) {
            if (gradient > bounds_.most) return false;
            projected = std::min(gradient, 0.0);
        } else if (a == bound(i)) {
            if (gradient < bounds_.least) return false;
            projected = std::max(gradient, 0.0);
        }
        seen_.most = std::max(seen_.most, projected);
        seen_.least = std::min(seen_.least, projected);
        if (std::abs(projected) <= 1e-12) return true;
        auto const before = a;
        auto const curve = squares_[i] + extra(i) + (plan_.fit_intercept ? 1 : 0);
        a = curve > 0 ? std::clamp(a - gradient / curve, 0.0, bound(i)) : bound(i);
        auto const change = (a - before) * y;
        add_row_to(x_, i, change, w_.data());
        if (plan_.fit_intercept) w_.back() += change;
        return true;
    }

    /// The objective at w and how far it can be from the least.
    void judge() {
        double regular = 0;
        for (auto const w : w_) regular += 0.5 * w * w;
        double loss = 0;
        double dual = -regular;
        for (std::size_t i = 0; i < multiplier_.size(); ++i) {
            auto const short_by = std::max(0.0, 1 - label(i) * score(i));
            loss += plan_.weights[i] * (squared_ ? short_by * short_by : short_by);
            auto const a = multiplier_[i];
            if (a > 0) dual += a - 0.5 * a * a * extra(i);
        }
        report_.objective = regular + loss;
        report_.duality_gap = report_.objective - dual;
    }

    linear_plan const& plan_;
    X x_;
    std::vector<double> const& squares_;
    std::uint32_t code_;
    bool squared_;
    std::vector<double> w_;  ///< and the intercept
    std::vector<double> multiplier_;
    std::vector<std::uint32_t> order_;  ///< rows that are visited, then those set aside
    random_stream draws_;
    range bounds_{};  ///< beyond which a row at a bound is set aside
    range seen_{};
    solver_report report_{};
};

/// As fit_one_vs_rest, the classes at the same time. Inside backend.enter.
template <backend B, class X>
[[nodiscard]] std::vector<fitted_class> fit_dual(B const& backend, X const& x,
                                                 linear_plan const& plan, bool squared) {
    std::vector<double> squares(x.rows());
    for_each(backend, x.rows(), [&](std::size_t i) { squares[i] = square_of_row(x, i); });
    if (!std::ranges::all_of(squares, [](double s) { return std::isfinite(s); }))
        check_finite(x, plan.who);
    std::size_t const begin = plan.n_classes == 2 ? 1 : 0;
    std::vector<fitted_class> out(plan.n_classes - begin);
    for_each_component(backend, out.size(), plan.stop, [&](std::size_t k) {
        out[k] = dual_class<X>(plan, x, squares, begin + k, squared).solve();
    });
    return out;
}

}  // namespace copse::detail
