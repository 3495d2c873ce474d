// SPDX-License-Identifier: BSD-3-Clause
#include "support/emulated_block.hpp"
#include "support/samples.hpp"

#include <copse/ensemble/boost_by_levels.hpp>
#include <copse/ensemble/gradient_boosting.hpp>
#include <copse/par/sequential.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

gradient_boosting_regressor by_depth(std::size_t rounds, regression_loss loss) {
    gradient_boosting_regressor out;
    out.n_estimators = rounds;
    out.max_leaf_nodes = unlimited;
    out.max_depth = 3;
    out.min_samples_leaf = 4;
    out.loss = loss;
    return out;
}

/// What the trainer's plan makes of these targets by the stream's kernels.
template <class Loss, kernel_stream S, class Trainer>
detail::boosted_parts boosted_on(S const& stream, Trainer const& trainer, Loss const& loss,
                                 features_view x, std::vector<double> const& y,
                                 std::vector<double> const& weight = {}) {
    auto const plan = detail::plan_of(trainer, "fit");
    CHECK(detail::why_not_boosted_by_levels(plan).empty());
    auto const bins = bin_features(sequential{}, x, plan.binning);
    detail::boosting_targets targets;
    targets.y = y;
    targets.weight = weight;
    detail::boosted_parts parts;
    detail::boost_by_levels(plan, bins, loss, targets, stream, parts);
    return parts;
}

/// f(stream) for a CPU block and for emulated ones.
template <class F>
void for_each_booster_stream(F const& f) {
    f(host_stream<sequential>{});
    for_some_emulated_streams(f);
}

template <class Loss>
void check_rounds(Loss const& loss, std::size_t rounds) {
    auto data = valued_grid(300, 4, 3);
    auto& x = data.x;
    auto const& y = data.y;
    for (std::size_t i = 0; i < 300; i += 4) x(i, i % 4) = missing;
    auto trainer = by_depth(rounds, loss);
    trainer.l2_regularization = 0.5;
    trainer.sampling.columns_by_tree = 0.8;
    detail::boosted_parts const expected = trainer.fit(x, y).parts();
    CHECK(expected.trees.front().nodes().size() > 3);
    for_each_booster_stream(
        [&](auto const& stream) { CHECK(boosted_on(stream, trainer, loss, x, y) == expected); });
}

}  // namespace

TEST_CASE("rounds of squared error on a stream are the CPU's, bit for bit") {
    check_rounds(squared_error_loss{}, 5);
}

TEST_CASE("rounds of other losses for numbers are, too") {
    check_rounds(poisson_loss{}, 3);
    check_rounds(huber_loss{}, 3);
}

TEST_CASE("rounds of log loss are, too: its exponential is shared arithmetic") {
    auto const data = labelled_grid(300, 4, 4);
    auto const& x = data.x;
    std::vector<double> targets;
    std::vector<int> two;
    for (auto const label : data.y) {
        two.push_back(label == 7 ? 1 : 0);
        targets.push_back(label == 7 ? 1 : 0);
    }
    gradient_boosting_classifier trainer{.n_estimators = 5};
    trainer.max_leaf_nodes = unlimited;
    trainer.max_depth = 3;
    detail::boosted_parts const expected = trainer.fit(x, two).parts();
    for_each_booster_stream([&](auto const& stream) {
        CHECK(boosted_on(stream, trainer, log_loss{}, x, targets) == expected);
    });
}

TEST_CASE("rows that weigh more count more, as on the CPU") {
    auto const data = valued_grid(200, 3, 5);
    auto const& x = data.x;
    auto const& y = data.y;
    std::vector<double> weight;
    for (std::size_t i = 0; i < 200; ++i) weight.push_back(0.5 + static_cast<double>(i % 7));
    auto const trainer = by_depth(3, squared_error_loss{});
    detail::boosted_parts const expected = trainer.fit(x, y, {.sample_weight = weight}).parts();
    for_each_booster_stream([&](auto const& stream) {
        CHECK(boosted_on(stream, trainer, squared_error_loss{}, x, y, weight) == expected);
    });
}

TEST_CASE("a derivative that is too great gets the CPU's sentence") {
    auto const x = grid(50, 2, 1);
    std::vector<double> y(50, 1e300);
    y[0] = -1e300;
    auto const trainer = by_depth(3, squared_error_loss{});
    std::string said;
    try {
        (void)trainer.fit(x, y);
    } catch (invalid_input const& e) {
        said = e.what();
    }
    CHECK(said.find("1e38") != std::string::npos);
    auto plan = detail::plan_of(trainer, "gradient_boosting_regressor::fit");
    auto const bins = bin_features(sequential{}, x, plan.binning);
    detail::boosting_targets targets;
    targets.y = y;
    for_each_booster_stream([&](auto const& stream) {
        detail::boosted_parts parts;
        CHECK_THROWS_WITH_AS(
            detail::boost_by_levels(plan, bins, squared_error_loss{}, targets, stream, parts),
            said.c_str(), invalid_input);
    });
}

TEST_CASE("what rounds by levels do not do is named") {
    auto trainer = by_depth(3, squared_error_loss{});
    trainer.sampling.subsample = 0.5;
    CHECK(detail::why_not_boosted_by_levels(detail::plan_of(trainer, "fit")) ==
          "subsample is 0.5; it must be 1");
    trainer = by_depth(3, squared_error_loss{});
    trainer.dropout.rate = 0.25;
    CHECK(detail::why_not_boosted_by_levels(detail::plan_of(trainer, "fit")) ==
          "dropout.rate is 0.25; it must be 0");
    CHECK(
        detail::why_not_boosted_by_levels(detail::plan_of(gradient_boosting_regressor{}, "fit")) ==
        "max_leaf_nodes is 31; it must be unlimited, and max_depth then limits a tree");
}

TEST_CASE("a trainer fits on a device what it fits on the CPU") {
    auto const [x, y] = valued_grid(150, 3, 6);
    auto const regressor = by_depth(2, poisson_loss{});
    emulated_device const device{{3, member_order::backwards}};
    CHECK(regressor.fit(x, y, device) == regressor.fit(x, y));
    std::vector<int> labels;
    for (auto const v : y) labels.push_back(v < 10 ? 4 : 9);
    gradient_boosting_classifier classifier{
        .n_estimators = 2, .max_leaf_nodes = unlimited, .max_depth = 2};
    CHECK(classifier.fit(x, labels, device) == classifier.fit(x, labels));
    CHECK(classifier.fit(x, std::vector<int>(150, 7), device) ==
          classifier.fit(x, std::vector<int>(150, 7)));
}

TEST_CASE("what a device does not fit gets a sentence before any work") {
    auto const [x, y] = labelled_grid(60, 3, 6);
    auto const [z, values] = valued_grid(60, 3, 6);
    emulated_device const device{};
    gradient_boosting_classifier classifier;
    CHECK_THROWS_WITH_AS((void)classifier.fit(x, y, device),
                         "gradient_boosting_classifier::fit: on a device, max_leaf_nodes is 31; it "
                         "must be unlimited, and max_depth then limits a tree",
                         invalid_input);
    classifier.max_leaf_nodes = unlimited;
    CHECK_THROWS_WITH_AS((void)classifier.fit(x, y, device),
                         "gradient_boosting_classifier::fit: on a device, y has 3 classes; it may "
                         "have 2",
                         invalid_input);
    classifier.class_weight = class_weights::balanced();
    CHECK_THROWS_WITH_AS(
        (void)classifier.fit(x, y, device),
        "gradient_boosting_classifier::fit: on a device, class_weight must not be set",
        invalid_input);
    CHECK_THROWS_WITH_AS((void)by_depth(2, absolute_error_loss{}).fit(z, values, device),
                         "gradient_boosting_regressor::fit: on a device, leaves are Newton steps, "
                         "not quantiles; use squared_error_loss or huber_loss there",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)by_depth(2, huber_loss{}).fit(x, std::vector<double>(59), device),
                         "gradient_boosting_regressor::fit: y has 59 values but x has 60 rows",
                         invalid_input);
}
