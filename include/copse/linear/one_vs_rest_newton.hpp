// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// All classes of a one-vs-rest model at once: each has a Newton solver of its own (newton.hpp),
/// and one pass over x (products.hpp) serves whatever stage each is at. A class that has converged
/// leaves the passes.

#include <copse/core/limits.hpp>
#include <copse/linear/class_solvers.hpp>
#include <copse/linear/column_moments.hpp>
#include <copse/linear/iterations.hpp>
#include <copse/linear/linear_plan.hpp>
#include <copse/linear/margin_loss.hpp>
#include <copse/linear/newton.hpp>
#include <copse/linear/products.hpp>
#include <copse/par/backend.hpp>
#include <copse/par/components.hpp>

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
    /// Newton steps that all have made who are not done; unlimited if all are.
    [[nodiscard]] std::size_t n_steps() const {
        auto least = unlimited;
        for (auto const* m : active_) least = std::min(least, m->solver.report().n_iter);
        return least;
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
        backend.for_each_index(active.size(), [&](std::size_t a) {
            pass_tally sum;
            for (std::size_t s = 0; s < pass_.n_segments(); ++s) {
                auto const& t = tallies[s * active.size() + a];
                sum.add(t.loss, t.sums.r, t.sums.curvature);
            }
            active[a]->solver.answer(sum.loss, {&sum.sums, 1});
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
    std::vector<member*> active_{};
};

/// What all solvers of a fit share. Throws invalid_input if a value of x is not finite.
template <backend B, class X>
[[nodiscard]] newton_rules rules_for(B const& backend, X const& x, linear_plan const& plan) {
    using real = typename products<X>::real;
    auto moments = moments_of<real>(backend, x, plan.who);
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
    auto const size_of = [&](std::size_t group) {
        return std::min(classes_together, out.size() - group * classes_together);
    };
    auto const make = [&](std::size_t group) {
        auto made = std::make_unique<newton_group<Loss, X>>(plan, x, size_of(group));
        for (std::size_t i = 0; i < size_of(group); ++i) {
            made->add(rules, static_cast<std::uint32_t>(begin + group * classes_together + i),
                      weights.data());
        }
        made->begin();
        return made;
    };
    auto const never = [](std::size_t) { return false; };
    auto const take = [&](std::size_t group, newton_group<Loss, X> const& from) {
        for (std::size_t i = 0; i < size_of(group); ++i)
            out[group * classes_together + i] = from.result(i);
    };
    if (!plan.on_iteration.is_wanted()) {
        for_each_component(backend, n_groups, plan.stop, [&](std::size_t group) {
            auto const together = make(group);
            while (together->advance(backend, never)) {
            }
            take(group, *together);
        });
        return out;
    }
    std::vector<std::unique_ptr<newton_group<Loss, X>>> groups(n_groups);
    for (std::size_t group = 0; group < n_groups; ++group) groups[group] = make(group);
    iteration_teller tell(plan.on_iteration);
    step_together(
        backend, n_groups, plan.stop,
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
