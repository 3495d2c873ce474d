// SPDX-License-Identifier: BSD-3-Clause
#include "model_selection/data.hpp"
#include "support/any_fits.hpp"

#include <copse/ensemble/gradient_boosting.hpp>
#include <copse/ensemble/random_forest.hpp>
#include <copse/linear/linear_svc.hpp>
#include <copse/linear/logistic_regression.hpp>
#include <copse/linear/one_vs_rest.hpp>
#include <copse/meta/encoding.hpp>
#include <copse/meta/stacking.hpp>
#include <copse/model_selection/space.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

using namespace copse;
using gbc = gradient_boosting_classifier;

namespace {

std::vector<double> at(distribution const& d, std::vector<double> const& us) {
    std::vector<double> out;
    for (auto const u : us) out.push_back(d.at(u));
    return out;
}

template <class T>
std::string text_of(search_space<T> const& s, detail::point const& at) {
    std::string out;
    for (auto const& v : s.named(at)) out += v.name + "=" + v.to_string() + " ";
    return out;
}

}  // namespace

TEST_CASE("distributions are their quantile functions, by hand") {
    std::vector<double> const us{0, 0.24, 0.5, 0.76, 1 - 0x1p-53};
    CHECK(at(randint(4), us) == std::vector<double>{0, 0, 2, 3, 3});
    CHECK(at(randint(2, 4), us) == std::vector<double>{2, 2, 3, 3, 3});
    CHECK(at(uniform(1, 3), us)[2] == 2);
    CHECK(at(quniform(0, 10, 4), us) == std::vector<double>{0, 4, 4, 8, 8});
    CHECK(loguniform(1, 100).at(0.5) == doctest::Approx(10));
    CHECK(loguniform(0.01, 0.3).at(0) == doctest::Approx(0.01));
    CHECK(loguniform_exponents(0, 2).at(0.5) == doctest::Approx(std::exp(1.0)));
    CHECK(qloguniform(1, 100, 5).at(0.5) == 10);
    CHECK(qloguniform_exponents(0, 2, 1).at(0.5) == 3);
    CHECK(normal(3, 2).at(0.5) == doctest::Approx(3));
    CHECK(qnormal(3, 2, 0.5).at(0.5) == 3);
    CHECK(lognormal(1, 2).at(0.5) == doctest::Approx(std::exp(1.0)));
    CHECK(qlognormal(1, 2, 2).at(0.5) == 2);
    CHECK(std::isfinite(normal(0, 1).at(0)));
}

TEST_CASE("normal quantiles are SciPy's") {
    std::vector<double> const ps{1e-9, 1e-4, 0.02, 0.3, 0.5, 0.77, 0.999, 1 - 1e-9};
    for (std::size_t i = 0; i < ps.size(); ++i) {
        CHECK(detail::normal_quantile(ps[i]) ==
              doctest::Approx(test::reference::normal_quantiles[i]).epsilon(1e-7));
    }
}

TEST_CASE("share_below undoes at") {
    for (auto const& d : {uniform(-1, 4), loguniform(1e-3, 10), normal(1, 2), lognormal(0, 1)}) {
        for (double const u : {0.001, 0.3, 0.5, 0.9})
            CHECK(d.share_below(d.at(u)) == doctest::Approx(u).epsilon(1e-9));
    }
    for (auto const& d : {randint(7), quniform(0, 9, 0.5), qloguniform(1, 50, 3)}) {
        for (double const u : {0.0, 0.3, 0.5, 0.99}) CHECK(d.at(d.share_below(d.at(u))) == d.at(u));
    }
}

TEST_CASE("a space sets the fields it names and no others") {
    auto const s = space(vary(&gbc::learning_rate, uniform(0, 0.5)),
                         vary(&gbc::max_leaf_nodes, choice(15, 31, 63)),
                         vary(&gbc::sampling, &boosting_sampling::subsample, uniform(0.5, 1)),
                         vary("depth", &gbc::max_depth, randint(2, 9)));
    CHECK(s.size() == 4);
    auto const at = s.point_at([](std::size_t) { return 0.5; });
    CHECK(text_of(s, at) ==
          "learning_rate=0.25 max_leaf_nodes=31 sampling.subsample=0.75 depth=5 ");
    auto expected = gbc{.n_estimators = 7};
    expected.learning_rate = at[0];
    expected.max_leaf_nodes = 31;
    expected.sampling.subsample = 0.75;
    expected.max_depth = 5;
    CHECK(s.at(gbc{.n_estimators = 7}, at) == expected);
    CHECK(s.point_of(expected)[1] == 1);
    CHECK(s.point_of(expected)[2] == 0.75);
    CHECK(text_of(s, s.point_of(gbc{.max_leaf_nodes = 8})).find("max_leaf_nodes") ==
          std::string::npos);  // 8 is no option
}

TEST_CASE("choices are of any type") {
    using forest = random_forest_classifier;
    auto const s =
        space(vary(&forest::max_features, choice(feature_count::sqrt(), feature_count::all())),
              vary(&forest::bootstrap, choice(false, true)),
              vary(&forest::max_depth, choice(std::size_t{4}, unlimited)),
              vary(&forest::criterion, choice(class_criterion::gini, class_criterion::entropy)));
    auto const at = s.point_at([](std::size_t) { return 0.9; });
    auto const chosen = s.at(forest{}, at);
    CHECK(chosen.max_features == feature_count::all());
    CHECK(chosen.max_depth == unlimited);
    CHECK(chosen.criterion == class_criterion::entropy);
    CHECK(text_of(s, at) ==
          "max_features=option 1 bootstrap=true max_depth=unlimited criterion=1 ");
    CHECK(s.point_of(forest{})[0] == 0);
    auto const whole = space(vary(&forest::max_features, randint(1, 9)));
    CHECK(whole.at(forest{}, {4}).max_features == feature_count(4));
}

TEST_CASE("of branches only the chosen one's fields are set") {
    using svc = linear_svc;
    auto const s = space(vary(&svc::C, loguniform(0.1, 10)),
                         one_of("kind",
                                space(vary(&svc::loss, choice(svm_loss::hinge)),
                                      vary(&svc::max_iter, randint(100, 200))),
                                space(vary(&svc::loss, choice(svm_loss::squared_hinge)),
                                      vary(&svc::tolerance, uniform(0.1, 0.2)))));
    CHECK(s.size() == 6);
    auto const first = s.point_at([](std::size_t) { return 0.25; });
    auto const second = s.point_at([](std::size_t) { return 0.75; });
    CHECK(text_of(s, first).find("tolerance") == std::string::npos);
    CHECK(s.at(svc{}, first).loss == svm_loss::hinge);
    CHECK(s.at(svc{}, first).max_iter == 125);
    CHECK(s.at(svc{}, first).tolerance == svc{}.tolerance);
    CHECK(s.at(svc{}, second).loss == svm_loss::squared_hinge);
    CHECK(s.at(svc{}, second).max_iter == svc{}.max_iter);
    CHECK(s.at(svc{}, second).tolerance == doctest::Approx(0.175));
    CHECK(s.point_of(svc{})[1] == 1);  // squared hinge
    // Branches in branches keep to theirs.
    auto const nested = space(one_of(
        space(one_of(space(vary(&svc::C, uniform(1, 2))), space(vary(&svc::C, uniform(3, 4))))),
        space(vary(&svc::C, uniform(5, 6)))));
    CHECK(nested.at(svc{}, nested.point_at([](std::size_t d) { return d == 0 ? 0.9 : 0.5; })).C ==
          5.5);
    CHECK(nested.at(svc{}, nested.point_at([](std::size_t d) { return d == 1 ? 0.9 : 0.3; })).C ==
          doctest::Approx(3.3));
}

TEST_CASE("spaces go through trainers of trainers") {
    using ovr = one_vs_rest<linear_svc>;
    auto const s = space(vary(&ovr::trainer, &linear_svc::C, uniform(1, 3)));
    CHECK(text_of(s, {2}) == "trainer.C=2 ");
    CHECK(s.at(ovr{}, {2}).trainer.C == 2);
    using encoding = encoding_classifier<logistic_regression>;
    auto const of_step = space(vary(&encoding::max_categories, randint(10, 20)),
                               vary(&encoding::trainer, &logistic_regression::C, uniform(1, 3)));
    CHECK(text_of(of_step, {12, 2}) == "max_categories=12 trainer.C=2 ");
    CHECK(of_step.at(encoding{}, {12, 2}).max_categories == 12);
    CHECK(of_step.at(encoding{}, {12, 2}).trainer.C == 2);
}

TEST_CASE("spaces go into lists of trainers, whatever their types") {
    using forest = random_forest_classifier;
    using stack = stacking_classifier;
    auto const s = space(
        vary(&stack::members, element(1), as<forest>, &forest::max_depth, randint(2, 9)),
        vary(&stack::meta, as<logistic_regression>, &logistic_regression::C, loguniform(0.1, 10)),
        vary(&stack::folds, &stratified_k_fold::n_splits, choice(3, 5)));
    stack const base{.members = {linear_svc{}, forest{.n_estimators = 7, .max_depth = 4}}};
    CHECK(text_of(s, {6, 0.5, 0}) == "members.1.max_depth=6 meta.C=0.5 folds.n_splits=3 ");
    auto const own = s.point_of(base);
    CHECK(own == std::vector<double>{4, 1, 1});
    auto const other = s.at(base, {6, 0.5, 0});
    CHECK(*other.members[1].get_if<forest>() == forest{.n_estimators = 7, .max_depth = 6});
    CHECK(other.members[0] == base.members[0]);
    CHECK(other.meta.get_if<logistic_regression>()->C == 0.5);
    CHECK(other.folds.n_splits == 3);
    CHECK(base.members[1].get_if<forest>()->max_depth == 4);
    // Trainers that are not what the space takes them for.
    stack const swapped{.members = {base.members[1], base.members[0]}};
    CHECK(std::isnan(s.point_of(swapped)[0]));
    CHECK_THROWS_WITH_AS((void)s.at(swapped, {6, 0.5, 0}),
                         "vary: a trainer is of another type than the space says by as<>",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)s.at(stack{}, {6, 0.5, 0}), "vary: there is no element 1 among 0",
                         invalid_input);
}

TEST_CASE("bounds that are none are refused in a sentence") {
    auto const says = [](auto const& f, char const* sentence) {
        CHECK_THROWS_WITH_AS((void)f(), sentence, invalid_input);
    };
    says([] { return uniform(2, 2); }, "uniform: least is 2 and greatest 2; they must increase");
    says([] { return loguniform(0, 1); },
         "loguniform: least is 0 and greatest 1; they must increase and be greater than 0");
    says([] { return quniform(0, 1, 0); },
         "quniform: q is 0; it must be greater than 0 and finite");
    says([] { return normal(0, -1); }, "normal: sigma is -1; it must be greater than 0");
    says([] { return choice(std::vector<int>{}); },
         "choice: there are 0 options; it needs at least 1");
    says([] { return space(vary(&gbc::max_depth, randint(3)), vary(&gbc::max_depth, randint(4))); },
         "space: parameters 0 and 1 are both named max_depth");
}
