// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// All classes of a one-vs-rest model at once: each has a Newton solver of its own (newton.hpp),
/// and one pass over x (products.hpp) serves whatever stage each is at. A class that has converged
/// leaves the passes.

#include <copse/linear/column_moments.hpp>
#include <copse/linear/linear_plan.hpp>
#include <copse/linear/margin_loss.hpp>
#include <copse/linear/newton.hpp>
#include <copse/linear/products.hpp>
#include <copse/linear/shards.hpp>
#include <copse/par/backend.hpp>
#include <copse/par/ranks_view.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace copse::detail {

/// Classes side by side in one pass: as many as lanes of a sparse row.
inline constexpr std::size_t classes_together = most_lanes;

/// Sums over the rows of one segment for one class.
struct pass_tally {
    double loss = 0;
    pass_sums sums{};

    void add(double loss_of_rows, double r, double curvature) noexcept {
        loss += loss_of_rows;
        sums.r += r;
        sums.curvature += curvature;
    }
};

/// What all segments found, in their order; tallies are (segment, class).
[[nodiscard]] inline std::vector<pass_tally> joined(std::vector<pass_tally> const& tallies,
                                                    std::size_t n_classes) {
    std::vector<pass_tally> sums(n_classes);
    for (std::size_t at = 0; at < tallies.size(); ++at) {
        auto const& t = tallies[at];
        sums[at % n_classes].add(t.loss, t.sums.r, t.sums.curvature);
    }
    return sums;
}

/// Adds up what the ranks found in a pass: d products and a tally of each class. One message.
inline void add_ranks(ranks_view ranks, view<double* const> g, std::size_t d,
                      std::vector<pass_tally>& sums) {
    if (ranks.size() == 1) return;
    std::vector<double> packed;
    packed.reserve(g.size() * (d + 3));
    for (std::size_t k = 0; k < g.size(); ++k) {
        packed.insert(packed.end(), g[k], g[k] + d);
        packed.insert(packed.end(), {sums[k].loss, sums[k].sums.r, sums[k].sums.curvature});
    }
    ranks.allreduce_sum(packed);
    auto const* at = packed.data();
    for (std::size_t k = 0; k < g.size(); ++k, at += d + 3) {
        std::copy_n(at, d, g[k]);
        sums[k] = {at[d], {at[d + 1], at[d + 2]}};
    }
}

/// Solvers, each of one class against the others, that share passes.
template <class Loss, class X>
class newton_group {
public:
    using real = typename products<X>::real;

    /// For at most `most` solvers. What the plan says of weights is not looked at.
    newton_group(linear_plan const& plan, X x, std::size_t most) : plan_(plan), pass_(x, most) {}

    /// A solver of class `code`, whose rows weigh weights[i] at every pass.
    void add(newton_rules const& rules, std::uint32_t code, real const* weights) {
        members_.push_back({newton(rules, 1, plan_.tolerance * rarer_share(plan_, code)), code,
                            weights, std::vector<real>(pass_.rows())});
    }

    /// Until all are done. again(i) is asked of the i-th when it is, and may restart it.
    template <backend B, class Again>
    void run(B const& backend, Again const& again) {
        std::vector<member*> active;
        for (auto& m : members_) active.push_back(&m);
        while (!active.empty()) {
            if (plan_.stop.stop_requested()) throw stopped(sentence(plan_.who, ": was stopped"));
            pass(backend, active);
            std::erase_if(active, [&](member* m) {
                return m->solver.done() && !again(static_cast<std::size_t>(m - members_.data()));
            });
        }
    }

    [[nodiscard]] newton& solver(std::size_t i) noexcept { return members_[i].solver; }
    [[nodiscard]] fitted_class result(std::size_t i) const {
        auto const& solver = members_[i].solver;
        return {solver.weights(0), solver.intercept(0), solver.report()};
    }

private:
    struct member {
        newton solver;
        std::uint32_t code;
        real const* weights;
        std::vector<real> curves;  ///< of each row: the weighted second derivative at w
        real offset = 0;           ///< of this pass: belongs to every product
    };

    template <backend B>
    void pass(B const& backend, std::vector<member*> const& active) {
        std::vector<double const*> v;
        std::vector<double*> g;
        for (auto* m : active) {
            m->offset = static_cast<real>(m->solver.offset(0));
            v.push_back(m->solver.request(0));
            g.push_back(m->solver.products(0));
        }
        std::vector<pass_tally> tallies(pass_.n_segments() * active.size());
        pass_(backend, v, g,
              [&](std::size_t segment, std::size_t first, std::size_t count, real* z,
                  std::size_t stride) {
                  for (std::size_t a = 0; a < active.size(); ++a) {
                      auto& tally = tallies[segment * active.size() + a];
                      if (active[a]->solver.wants() == newton_wants::gradient) {
                          slopes(*active[a], first, count, z + a * stride, tally);
                      } else {
                          curve(*active[a], first, count, z + a * stride, tally);
                      }
                  }
              });
        auto sums = joined(tallies, active.size());
        add_ranks(plan_.ranks, g, pass_.cols(), sums);
        backend.for_each_index(active.size(), [&](std::size_t a) {
            active[a]->solver.answer(sums[a].loss, {&sums[a].sums, 1});
        });
    }

    void slopes(member& m, std::size_t first, std::size_t count, real* z, pass_tally& tally) const {
        auto* const curves = m.curves.data() + first;
        auto const* const codes = plan_.codes.data() + first;
        auto const* const weights = m.weights + first;
        double loss = 0, sum_r = 0, curvature = 0;
        for (std::size_t i = 0; i < count; ++i) {
            auto const y = codes[i] == m.code ? real{1} : real{-1};
            auto const at = Loss{}(z[i] + m.offset, y);
            z[i] = weights[i] * at.slope;
            curves[i] = weights[i] * at.curve;
            loss += static_cast<double>(weights[i] * at.loss);
            sum_r += static_cast<double>(z[i]);
            curvature += static_cast<double>(curves[i]);
        }
        tally.add(loss, sum_r, curvature);
    }

    void curve(member const& m, std::size_t first, std::size_t count, real* z,
               pass_tally& tally) const {
        auto const* const curves = m.curves.data() + first;
        for (std::size_t i = 0; i < count; ++i) z[i] = curves[i] * (z[i] + m.offset);
        if (!plan_.fit_intercept) return;
        double sum_r = 0;
        for (std::size_t i = 0; i < count; ++i) sum_r += static_cast<double>(z[i]);
        tally.add(0, sum_r, 0);
    }

    linear_plan const& plan_;
    products<X> pass_;
    std::vector<member> members_;
};

/// What all solvers of a fit share. Throws invalid_input if a value of x is not finite.
template <backend B, class X>
[[nodiscard]] newton_rules rules_for(B const& backend, X const& x, linear_plan const& plan) {
    using real = typename products<X>::real;
    auto moments = moments_of<real>(backend, x, plan.who);
    add_moments(moments, x.rows(), plan.ranks);
    newton_rules rules{{},
                       std::move(moments.square),
                       plan.max_iter,
                       static_cast<double>(std::numeric_limits<real>::epsilon()),
                       plan.scales.unit};
    if (plan.fit_intercept) {
        rules.mean = std::move(moments.mean);
        for (std::size_t j = 0; j < rules.mean.size(); ++j)
            rules.square[j] = std::max(0.0, rules.square[j] - rules.mean[j] * rules.mean[j]);
    }
    if (!plan.scales.mean.empty()) rules.mean = plan.scales.mean;
    for (std::size_t j = 0; j < rules.unit.size(); ++j)
        rules.square[j] *= rules.unit[j] * rules.unit[j];
    return rules;
}

/// Fits class k against the others, for every k or, of two classes, for the second. Inside
/// backend.enter. Throws stopped.
template <class Loss, backend B, class X>
[[nodiscard]] std::vector<fitted_class> fit_one_vs_rest(B const& backend, X const& x,
                                                        linear_plan const& plan) {
    auto const rules = rules_for(backend, x, plan);
    std::vector<typename products<X>::real> const weights(plan.weights.begin(), plan.weights.end());
    std::size_t const begin = plan.n_classes == 2 ? 1 : 0;
    std::vector<fitted_class> out(plan.n_classes - begin);
    auto const n_groups = n_blocks(out.size(), classes_together);
    for_each_ranked(backend, plan.ranks, n_groups, plan.stop, [&](std::size_t group) {
        auto const first = group * classes_together;
        auto const count = std::min(classes_together, out.size() - first);
        newton_group<Loss, X> together(plan, x, count);
        for (std::size_t i = 0; i < count; ++i) {
            together.add(rules, static_cast<std::uint32_t>(begin + first + i), weights.data());
        }
        together.run(backend, [](std::size_t) { return false; });
        for (std::size_t i = 0; i < count; ++i) out[first + i] = together.result(i);
    });
    return out;
}

}  // namespace copse::detail
