// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// All classes of a one-vs-rest model at once: each has a solver of its own (newton.hpp,
/// lbfgs.hpp), and one pass over x (products.hpp) serves whatever stage each is at. A class that
/// has converged leaves the passes.

#include <copse/core/limits.hpp>
#include <copse/linear/class_solvers.hpp>
#include <copse/linear/column_moments.hpp>
#include <copse/linear/iterations.hpp>
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
#include <memory>
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
template <class Loss, class X, class Solver = newton>
class newton_group {
public:
    using real = typename products<X>::real;

    /// For passes of at most `most` vectors. What the plan says of weights is not looked at.
    newton_group(linear_plan const& plan, X x, std::size_t most) : plan_(plan), pass_(x, most) {}

    /// A solver of class `code`, whose rows weigh weights[i] at every pass.
    void add(solver_rules const& rules, std::uint32_t code, real const* weights) {
        members_.push_back({Solver(rules, 1, plan_.tolerance * rarer_share(plan_, code)), code,
                            weights, std::vector<real>(pass_.rows())});
        if (plan_.start.empty()) return;
        auto const k = score_of(plan_, code);
        members_.back().solver.begin_at(0, plan_.start.coef().row(k), plan_.start.intercept(k));
    }

    /// Until all are done. again(i) is asked of the i-th when it is, and may restart it.
    template <backend B, class Again>
    void run(B const& backend, Again const& again) {
        begin();
        while (advance(backend, again)) {
        }
    }

    /// All solvers are there.
    void begin() {
        for (auto& m : members_) active_.push_back(&m);
    }
    /// One pass for those that are not done; whether there will be some.
    template <backend B, class Again>
    bool advance(B const& backend, Again const& again) {
        if (plan_.stop.stop_requested()) throw stopped(sentence(plan_.who, ": was stopped"));
        pass(backend, active_);
        std::erase_if(active_, [&](member* m) {
            return m->solver.done() && !again(static_cast<std::size_t>(m - members_.data()));
        });
        return !active_.empty();
    }
    /// Steps that all have made who are not done; unlimited if all are.
    [[nodiscard]] std::size_t n_steps() const {
        auto least = unlimited;
        for (auto const* m : active_) least = std::min(least, m->solver.report().n_iter);
        return least;
    }

    [[nodiscard]] Solver& solver(std::size_t i) noexcept { return members_[i].solver; }
    [[nodiscard]] fitted_class result(std::size_t i) const {
        auto const& solver = members_[i].solver;
        return {solver.weights(0), solver.intercept(0), solver.report()};
    }

private:
    struct member {
        Solver solver;
        std::uint32_t code;
        real const* weights;
        std::vector<real> curves;  ///< of each row: the weighted second derivative at w
    };
    /// A vector of this pass. A member has one, or several that want the curvature.
    struct asked {
        member* of;
        real offset;  ///< belongs to every product
    };

    template <backend B>
    void pass(B const& backend, std::vector<member*> const& active) {
        std::vector<asked> vectors;
        std::vector<double const*> v;
        std::vector<double*> g;
        std::vector<std::size_t> first_of;  ///< each member's vectors
        for (auto* m : active) {
            first_of.push_back(v.size());
            for (std::size_t k = 0; k < m->solver.n_vectors(); ++k) {
                vectors.push_back({m, static_cast<real>(m->solver.offset(k))});
                v.push_back(m->solver.request(k));
                g.push_back(m->solver.products(k));
            }
        }
        std::vector<pass_tally> tallies(pass_.n_segments() * v.size());
        pass_(backend, v, g,
              [&](std::size_t segment, std::size_t first, std::size_t count, real* z,
                  std::size_t stride) {
                  for (std::size_t a = 0; a < vectors.size(); ++a) {
                      auto& tally = tallies[segment * vectors.size() + a];
                      if (vectors[a].of->solver.wants() == pass_wants::gradient) {
                          slopes(vectors[a], first, count, z + a * stride, tally);
                      } else {
                          curve(vectors[a], first, count, z + a * stride, tally);
                      }
                  }
              });
        auto found = joined(tallies, v.size());
        add_ranks(plan_.ranks, g, pass_.cols(), found);
        std::vector<pass_sums> sums;
        for (auto const& of_vector : found) sums.push_back(of_vector.sums);
        backend.for_each_index(active.size(), [&](std::size_t a) {
            auto& solver = active[a]->solver;
            solver.answer(found[first_of[a]].loss, {sums.data() + first_of[a], solver.n_vectors()});
        });
    }

    void slopes(asked const& vector, std::size_t first, std::size_t count, real* z,
                pass_tally& tally) const {
        auto& m = *vector.of;
        auto* const curves = m.curves.data() + first;
        auto const* const codes = plan_.codes.data() + first;
        auto const* const weights = m.weights + first;
        double loss = 0, sum_r = 0, curvature = 0;
        for (std::size_t i = 0; i < count; ++i) {
            auto const y = codes[i] == m.code ? real{1} : real{-1};
            auto const at = Loss{}(z[i] + vector.offset, y);
            z[i] = weights[i] * at.slope;
            curves[i] = weights[i] * at.curve;
            loss += static_cast<double>(weights[i] * at.loss);
            sum_r += static_cast<double>(z[i]);
            curvature += static_cast<double>(curves[i]);
        }
        tally.add(loss, sum_r, curvature);
    }

    void curve(asked const& vector, std::size_t first, std::size_t count, real* z,
               pass_tally& tally) const {
        auto const* const curves = vector.of->curves.data() + first;
        for (std::size_t i = 0; i < count; ++i) z[i] = curves[i] * (z[i] + vector.offset);
        if (!plan_.fit_intercept) return;
        double sum_r = 0;
        for (std::size_t i = 0; i < count; ++i) sum_r += static_cast<double>(z[i]);
        tally.add(0, sum_r, 0);
    }

    linear_plan const& plan_;
    products<X> pass_;
    std::vector<member> members_;
    std::vector<member*> active_{};
};

/// What all solvers of a fit share. Throws invalid_input if a value of x is not finite.
template <backend B, class X>
[[nodiscard]] solver_rules rules_for(B const& backend, X const& x, linear_plan const& plan) {
    using real = typename products<X>::real;
    auto moments = moments_of<real>(backend, x, plan.who);
    add_moments(moments, x.rows(), plan.ranks);
    solver_rules rules{{},
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
template <class Loss, class Solver = newton, backend B, class X>
[[nodiscard]] std::vector<fitted_class> fit_one_vs_rest(B const& backend, X const& x,
                                                        linear_plan const& plan,
                                                        solver_choice choice = {}) {
    auto rules = rules_for(backend, x, plan);
    rules.choice = choice;
    std::vector<typename products<X>::real> const weights(plan.weights.begin(), plan.weights.end());
    std::size_t const begin = plan.n_classes == 2 ? 1 : 0;
    std::vector<fitted_class> out(plan.n_classes - begin);
    // Classes whose Hessians are asked for bring many vectors, and gain nothing by sharing a pass.
    auto const n_vectors = choice.factorises ? x.cols() + 1 : 1;
    auto const in_group = choice.factorises ? std::size_t{1} : classes_together;
    auto const n_groups = n_blocks(out.size(), in_group);
    auto const size_of = [&](std::size_t group) {
        return std::min(in_group, out.size() - group * in_group);
    };
    auto const make = [&](std::size_t group) {
        auto made =
            std::make_unique<newton_group<Loss, X, Solver>>(plan, x, size_of(group) * n_vectors);
        for (std::size_t i = 0; i < size_of(group); ++i) {
            made->add(rules, static_cast<std::uint32_t>(begin + group * in_group + i),
                      weights.data());
        }
        made->begin();
        return made;
    };
    auto const never = [](std::size_t) { return false; };
    auto const take = [&](std::size_t group, newton_group<Loss, X, Solver> const& from) {
        for (std::size_t i = 0; i < size_of(group); ++i) out[group * in_group + i] = from.result(i);
    };
    if (!is_watched(plan.on_iteration, plan.ranks)) {
        for_each_ranked(backend, plan.ranks, n_groups, plan.stop, [&](std::size_t group) {
            auto const together = make(group);
            while (together->advance(backend, never)) {
            }
            take(group, *together);
        });
        return out;
    }
    std::vector<std::unique_ptr<newton_group<Loss, X, Solver>>> groups(n_groups);
    for (std::size_t group = 0; group < n_groups; ++group) groups[group] = make(group);
    iteration_teller tell(plan.on_iteration);
    step_together(
        backend, plan.ranks, n_groups, plan.stop,
        [&](std::size_t group) { return groups[group]->advance(backend, never); },
        [&] {
            auto steps = unlimited;
            std::size_t most = 0;
            for (std::size_t group = 0; group < n_groups; ++group) {
                steps = std::min(steps, groups[group]->n_steps());
                take(group, *groups[group]);
            }
            for (auto const& of_class : out) most = std::max(most, of_class.report.n_iter);
            tell(std::min(steps, most), [&] { return out; });
        });
    return out;
}

}  // namespace copse::detail
