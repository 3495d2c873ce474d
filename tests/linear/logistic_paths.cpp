// SPDX-License-Identifier: BSD-3-Clause
// Paths of C: each fit begins where the last one ended, and ends where one from 0 would.
#include "support/samples.hpp"

#include <copse/core/labels.hpp>
#include <copse/linear/logistic_paths.hpp>
#include <copse/par/sequential.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <vector>

using namespace copse;
using detail::fitted_class;

namespace {

/// What fit_paths finds: [place of C][fold][score].
using found = std::vector<std::vector<std::vector<fitted_class>>>;

found walk(matrix<double> const& x, encoded_labels const& y, multi_class_rule rule,
           std::vector<detail::path_fold> const& folds, std::vector<double> const& Cs,
           double l1_ratio) {
    auto const n_classes = y.classes.size();
    found out(Cs.size(), {folds.size(), std::vector<fitted_class>(n_classes)});
    std::vector<double> const none;
    detail::linear_plan const plan{"walk", y.codes, n_classes, none, 1e-7, 1000, true, {}};
    matrix_view<double const> const rows(x.data(), x.rows(), x.cols());
    detail::fit_paths(sequential{}, rows, plan, rule, folds, Cs, l1_ratio,
                      [&](std::size_t c, std::size_t fold, std::size_t k, fitted_class fitted) {
                          CHECK(out[c][fold][k].coef.empty());  // each is said once
                          out[c][fold][k] = std::move(fitted);
                      });
    return out;
}

}  // namespace

TEST_CASE("each fit of a path is that from 0, and in all they take fewer passes") {
    auto const set = test::labelled_grid(200, 6, 3);
    auto const x = test::wide(set.x);
    auto const y = encode(set.y);
    std::vector<double> const Cs{0.01, 0.03, 0.1, 0.3, 1, 3};
    std::vector<detail::path_fold> folds(3, {std::vector<double>(200, 1.0)});
    for (std::size_t i = 0; i < 200; ++i) folds[i % 3].weights[i] = 0;
    struct problem {
        multi_class_rule rule;
        double l1_ratio;
    };
    std::vector<problem> const problems{{multi_class_rule::one_vs_rest, 0},
                                        {multinomial, 0},
                                        {multi_class_rule::one_vs_rest, 0.5},
                                        {multi_class_rule::one_vs_rest, 1}};
    for (auto const& p : problems) {
        CAPTURE(p.l1_ratio);
        auto const path = walk(x, y, p.rule, folds, Cs, p.l1_ratio);
        std::size_t n_passes = 0, n_from_zero = 0;
        for (std::size_t c = 0; c < Cs.size(); ++c) {
            auto const alone = walk(x, y, p.rule, folds, {Cs[c]}, p.l1_ratio)[0];
            for (std::size_t fold = 0; fold < 3; ++fold) {
                for (std::size_t k = 0; k < 3; ++k) {
                    auto const& a = path[c][fold][k];
                    auto const& b = alone[fold][k];
                    CHECK(a.report.converged);
                    CHECK(a.report.objective == doctest::Approx(b.report.objective).epsilon(1e-8));
                    CHECK(a.report.gradient_limit ==
                          doctest::Approx(b.report.gradient_limit).epsilon(1e-9));
                    for (std::size_t j = 0; j < 6; ++j)
                        CHECK(std::abs(a.coef[j] - b.coef[j]) < 1e-4);
                    n_passes += a.report.n_passes;
                    n_from_zero += b.report.n_passes;
                }
            }
        }
        CHECK(n_passes < n_from_zero);
    }
}
