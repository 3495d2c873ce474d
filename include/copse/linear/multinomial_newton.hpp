// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Multinomial logistic regression: one solver (newton.hpp, lbfgs.hpp) over the weights of all
/// classes, which depend on each other through the softmax. A pass over x serves all of them.
///
/// For row i with scores s: p = softmax(s), loss = -log p[y], slope k = p[k] - [k = y], and the
/// curvature turns products t into p[k] (t[k] - sum_l p[l] t[l]).

#include <copse/linear/column_moments.hpp>
#include <copse/linear/iterations.hpp>
#include <copse/linear/one_vs_rest_newton.hpp>
#include <copse/linear/products.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

namespace copse::detail {

template <class X, class Solver = newton>
class softmax_problem {
public:
    using real = typename products<X>::real;

    softmax_problem(linear_plan const& plan, solver_rules const& rules, X x)
        : plan_(plan),
          pass_(x, plan.n_classes),
          solver_(rules, plan.n_classes, plan.tolerance * rarest_share()),
          weights_(plan.weights.begin(), plan.weights.end()),
          probability_(x.rows() * plan.n_classes),
          offsets_(plan.n_classes) {
        if (plan.start.empty()) return;
        for (std::size_t k = 0; k < plan.n_classes; ++k)
            solver_.begin_at(k, plan.start.coef().row(k), plan.start.intercept(k));
    }

    template <backend B>
    void run(B const& backend) {
        iteration_teller tell(plan_.on_iteration);
        while (!solver_.done()) {
            if (plan_.stop.stop_requested()) throw stopped(sentence(plan_.who, ": was stopped"));
            pass(backend);
            tell(solver_.report().n_iter, [&] { return results(); });
        }
    }

    /// Goes on from where it ended: the plan's weights are now `ratio` times what they were.
    void restart(double ratio) {
        std::ranges::transform(plan_.weights, weights_.begin(),
                               [](double weight) { return static_cast<real>(weight); });
        solver_.restart(ratio);
    }

    [[nodiscard]] fitted_class result(std::size_t k) const {
        return {solver_.weights(k), solver_.intercept(k), solver_.report()};
    }
    /// Of all classes, done or not.
    [[nodiscard]] std::vector<fitted_class> results() const {
        std::vector<fitted_class> out;
        for (std::size_t k = 0; k < plan_.n_classes; ++k) out.push_back(result(k));
        return out;
    }

private:
    [[nodiscard]] double rarest_share() const {
        auto const counts = rows_of_classes(plan_);
        return std::max(1.0, *std::min_element(counts.begin(), counts.end())) /
               std::accumulate(counts.begin(), counts.end(), 0.0);
    }

    template <backend B>
    void pass(B const& backend) {
        auto const n = plan_.n_classes;
        std::vector<double const*> v;
        std::vector<double*> g;
        for (std::size_t k = 0; k < n; ++k) {
            v.push_back(solver_.request(k));
            g.push_back(solver_.products(k));
            offsets_[k] = static_cast<real>(solver_.offset(k));
        }
        std::vector<pass_tally> tallies(pass_.n_segments() * n);
        pass_(backend, v, g,
              [&](std::size_t segment, std::size_t first, std::size_t count, real* z,
                  std::size_t stride) {
                  auto* const tally = tallies.data() + segment * n;
                  for (std::size_t i = 0; i < count; ++i) {
                      if (solver_.wants() == pass_wants::gradient) {
                          slopes(first + i, z + i, stride, tally);
                      } else {
                          curve(first + i, z + i, stride, tally);
                      }
                  }
              });
        auto found = joined(tallies, n);  // the loss of all is with the first class
        add_ranks(plan_.ranks, g, pass_.cols(), found);
        std::vector<pass_sums> sums;
        for (auto const& of_class : found) sums.push_back(of_class.sums);
        solver_.answer(found[0].loss, sums);
    }

    void slopes(std::size_t row, real* z, std::size_t stride, pass_tally* tally) {
        auto const n = plan_.n_classes;
        auto* const p = probability_.data() + row * n;
        auto const y = plan_.codes[row];
        auto greatest = z[0] + offsets_[0];
        for (std::size_t k = 0; k < n; ++k) {
            p[k] = z[k * stride] + offsets_[k];
            greatest = std::max(greatest, p[k]);
        }
        auto const of_y = p[y] - greatest;
        real sum = 0;
        for (std::size_t k = 0; k < n; ++k) sum += p[k] = std::exp(p[k] - greatest);
        auto const c = weights_[row];
        for (std::size_t k = 0; k < n; ++k) {
            p[k] /= sum;
            z[k * stride] = c * (p[k] - (k == y ? real{1} : real{0}));
            tally[k].add(0, static_cast<double>(z[k * stride]),
                         static_cast<double>(c * p[k] * (1 - p[k])));
        }
        tally[0].loss += static_cast<double>(c * (std::log(sum) - of_y));
    }

    void curve(std::size_t row, real* z, std::size_t stride, pass_tally* tally) const {
        auto const n = plan_.n_classes;
        auto const* const p = probability_.data() + row * n;
        real mean = 0;
        for (std::size_t k = 0; k < n; ++k) mean += p[k] * (z[k * stride] + offsets_[k]);
        for (std::size_t k = 0; k < n; ++k) {
            auto const t = z[k * stride] + offsets_[k];
            z[k * stride] = weights_[row] * p[k] * (t - mean);
            tally[k].add(0, static_cast<double>(z[k * stride]), 0);
        }
    }

    linear_plan const& plan_;
    products<X> pass_;
    Solver solver_;
    std::vector<real> weights_;
    std::vector<real> probability_;  ///< (row, class), at w
    std::vector<real> offsets_;
};

/// All classes of a softmax. Inside backend.enter. Throws stopped.
template <class Solver = newton, backend B, class X>
[[nodiscard]] std::vector<fitted_class> fit_multinomial(B const& backend, X const& x,
                                                        linear_plan const& plan,
                                                        solver_choice choice = {}) {
    auto rules = rules_for(backend, x, plan);
    rules.choice = choice;
    softmax_problem<X, Solver> problem(plan, rules, x);
    problem.run(backend);
    return problem.results();
}

}  // namespace copse::detail
