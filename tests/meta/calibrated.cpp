// SPDX-License-Identifier: BSD-3-Clause
#include "support/any_fits.hpp"
#include "support/estimator_checks.hpp"

#include <copse/meta/calibrated.hpp>
#include <copse/metrics/calibration_curve.hpp>
#include <copse/metrics/probability.hpp>

#include "calibration_reference.inc"

#include <cmath>
#include <string>
#include <vector>

using namespace copse;
using namespace copse::test;
namespace ref = calibration_reference;

namespace {

/// Scores are the columns of x; nothing is learnt. Says decisions, or probabilities.
template <bool decides>
struct model_as_it_is {
    labels classes_;
    std::size_t n_columns = 0;

    [[nodiscard]] labels const& classes() const noexcept { return classes_; }
    [[nodiscard]] std::size_t n_features() const noexcept { return n_columns; }
    template <backend B = sequential>
    [[nodiscard]] labels predict(features_view x, B const& = {}) const {
        return classes_.at_codes(std::vector<std::size_t>(x.rows()));
    }
    template <backend B = sequential>
    [[nodiscard]] matrix<double> decision_function(features_view x,
                                                   B const& = {}) const requires decides {
        matrix<double> out(x.rows(), x.cols());
        for (std::size_t i = 0; i < x.rows(); ++i) {
            for (std::size_t k = 0; k < x.cols(); ++k) out(i, k) = x(i, k);
        }
        return out;
    }
    template <backend B = sequential>
    [[nodiscard]] matrix<float> predict_proba(features_view x, B const& = {}) const
        requires(!decides) {
        matrix<float> out(x.rows(), classes_.size());
        for (std::size_t i = 0; i < x.rows(); ++i) {
            std::vector<double> e{1};
            if (x.cols() > 1) e.clear();
            for (std::size_t k = 0; k < x.cols(); ++k) e.push_back(std::exp(x(i, k)));
            double sum = 0;
            for (auto const v : e) sum += v;
            for (std::size_t k = 0; k < e.size(); ++k) out(i, k) = static_cast<float>(e[k] / sum);
        }
        return out;
    }
    bool operator==(model_as_it_is const&) const = default;
};

template <bool decides>
struct as_it_is {
    template <backend B = sequential>
    [[nodiscard]] model_as_it_is<decides> fit(features_view x, labels_view y, fit_options const&,
                                              B const& = {}) const {
        return {encode(y).classes, x.cols()};
    }
    bool operator==(as_it_is const&) const = default;
};

template <bool decides>
void check_reference(calibration_method method, bool ensemble, std::vector<double> const& two,
                     std::vector<double> const& three) {
    calibrated<as_it_is<decides>> const trainer{
        .method = method, .folds = {.n_splits = 3}, .ensemble = ensemble};
    auto const same = [&](features_view x, auto const& y, std::vector<double> const& expected) {
        auto const p = trainer.fit(x, y, {.sample_weight = ref::weights}).predict_proba(x);
        for (std::size_t i = 0; i < expected.size(); ++i)
            CHECK(static_cast<double>(p.data()[i]) ==
                  doctest::Approx(expected[i]).epsilon(2e-5).scale(1));
    };
    {
        INFO("two classes");
        same(features_view(ref::scores.data(), 60, 1), ref::positive, two);
    }
    INFO("three classes");
    same(features_view(ref::logits.data(), 60, 3), ref::true_class, three);
}

}  // namespace

TEST_CASE("calibrated probabilities of given scores are scikit-learn's") {
    using enum calibration_method;
    SUBCASE("sigmoid of decisions") {
        check_reference<true>(sigmoid, true, ref::calibrated_sigmoid_decides_ensemble_two,
                              ref::calibrated_sigmoid_decides_ensemble_three);
        check_reference<true>(sigmoid, false, ref::calibrated_sigmoid_decides_single_two,
                              ref::calibrated_sigmoid_decides_single_three);
    }
    SUBCASE("sigmoid of probabilities") {
        check_reference<false>(sigmoid, true, ref::calibrated_sigmoid_estimates_ensemble_two,
                               ref::calibrated_sigmoid_estimates_ensemble_three);
        check_reference<false>(sigmoid, false, ref::calibrated_sigmoid_estimates_single_two,
                               ref::calibrated_sigmoid_estimates_single_three);
    }
    SUBCASE("isotonic of decisions") {
        check_reference<true>(isotonic, true, ref::calibrated_isotonic_decides_ensemble_two,
                              ref::calibrated_isotonic_decides_ensemble_three);
        check_reference<true>(isotonic, false, ref::calibrated_isotonic_decides_single_two,
                              ref::calibrated_isotonic_decides_single_three);
    }
    SUBCASE("temperature of decisions") {
        check_reference<true>(temperature, true, ref::calibrated_temperature_decides_ensemble_two,
                              ref::calibrated_temperature_decides_ensemble_three);
        check_reference<true>(temperature, false, ref::calibrated_temperature_decides_single_two,
                              ref::calibrated_temperature_decides_single_three);
    }
    SUBCASE("temperature of probabilities") {
        check_reference<false>(temperature, true,
                               ref::calibrated_temperature_estimates_ensemble_two,
                               ref::calibrated_temperature_estimates_ensemble_three);
        check_reference<false>(temperature, false, ref::calibrated_temperature_estimates_single_two,
                               ref::calibrated_temperature_estimates_single_three);
    }
}

TEST_CASE("calibrated keeps the promises of a trainer") {
    promises const promised{.trainer = "calibrated",
                            .model = "calibrated_classifier",
                            .exact_weights = false,
                            .least_right = 180,
                            .goes_by_row_order = true,
                            .fits_few_rows = false};
    random_forest_classifier const forest{.n_estimators = 3};
    SUBCASE("sigmoid") { check_classifier(calibrated{forest}, promised); }
    SUBCASE("isotonic, one model") {
        check_classifier(
            calibrated<random_forest_classifier>{.trainer = forest,
                                                 .method = calibration_method::isotonic,
                                                 .folds = {.n_splits = 3},
                                                 .ensemble = false},
            promised);
    }
    SUBCASE("temperature, of any type") {
        check_classifier(calibrated<>{.trainer = forest,
                                      .method = calibration_method::temperature,
                                      .folds = {.n_splits = 3}},
                         promised);
    }
}

TEST_CASE("a calibrated vector machine gives probabilities that are frequencies") {
    auto const set = labelled_grid(600, 4, 5);
    std::vector<int> two;
    for (auto const label : set.y) two.push_back(label < 7 ? 0 : 1);
    auto const model = calibrated{linear_svc{.C = 0.1}}.fit(set.x, two);
    auto const other = labelled_grid(600, 4, 6);
    std::vector<int> truth;
    for (auto const label : other.y) truth.push_back(label < 7 ? 0 : 1);
    auto const p = model.predict_proba(other.x);
    std::vector<double> second;
    for (std::size_t i = 0; i < 600; ++i) second.push_back(static_cast<double>(p(i, 1)));
    auto const curve = metrics::calibration_curve(truth, second, {}, {.n_bins = 5});
    CHECK(metrics::expected_calibration_error(curve) < 0.1);
    // A vote of it and a forest can be soft.
    CHECK(any_classifier_trainer(calibrated{linear_svc{}}).gives_probabilities());
}

TEST_CASE("one model's curves come from what models of folds said") {
    auto const set = labelled_grid(120, 4, 5);
    calibrated<linear_svc> const trainer{.ensemble = false};
    auto const model = trainer.fit(set.x, set.y);
    REQUIRE(model.members().size() == 1);
    CHECK(model.members()[0].model == linear_svc{}.fit(set.x, set.y));
    auto const of_folds = calibrated<linear_svc>{}.fit(set.x, set.y);
    CHECK(of_folds.members().size() == 5);
}

TEST_CASE("a temperature keeps the most probable class") {
    auto const set = labelled_grid(150, 4, 5);
    auto const model = calibrated<logistic_regression>{.method = calibration_method::temperature,
                                                       .ensemble = false}
                           .fit(set.x, set.y);
    auto const own = logistic_regression{}.fit(set.x, set.y);
    CHECK(model.predict(set.x) == own.predict(set.x));
}

TEST_CASE("a class with fewer rows than folds is refused, unless it weighs nothing") {
    auto set = labelled_grid(60, 3, 5);
    for (std::size_t i = 0; i < 4; ++i) set.y[i] = 9;
    CHECK_THROWS_WITH_AS((void)calibrated{linear_svc{}}.fit(set.x, set.y),
                         "calibrated::fit: class 9 has 4 rows but there are 5 folds; each needs "
                         "one of every class",
                         invalid_input);
    std::vector<double> weights(60, 1.0);
    for (std::size_t i = 0; i < 4; ++i) weights[i] = 0;
    auto const model = calibrated{linear_svc{}}.fit(set.x, set.y, {.sample_weight = weights});
    CHECK(model.classes() == std::vector<int>{-1, 5, 7});
    auto rest = shuffled(0, 0);
    for (std::size_t i = 4; i < 60; ++i) rest.push_back(i);
    auto const without = calibrated{linear_svc{}}.fit(rows_of(set.x, rest), rows_of(set.y, rest));
    CHECK(without.predict(set.x) == model.predict(set.x));
}
