// SPDX-License-Identifier: BSD-3-Clause
#include "io/support.hpp"
#include "support/any_fits.hpp"
#include "support/samples.hpp"

#include <copse/io/meta_format.hpp>
#include <copse/io/save_load.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

struct without_format {
    labels classes_;
    [[nodiscard]] labels const& classes() const noexcept { return classes_; }
    [[nodiscard]] std::size_t n_features() const noexcept { return 1; }
    template <backend B = sequential>
    [[nodiscard]] labels predict(features_view, B const& = {}) const {
        return {};
    }
    bool operator==(without_format const&) const = default;
};

template <class Model>
void comes_back(Model const& model) {
    auto const bytes = save(model);
    auto const again = load<Model>(bytes);
    CHECK(again == model);
    CHECK(save(again) == bytes);
}

detail::encoded_column numbers_of_column(std::size_t j) {
    detail::encoded_column out;
    out.from = j;
    return out;
}

random_forest_classifier const two_trees{.n_estimators = 2, .max_depth = 4};
gradient_boosting_classifier const boosting{.n_estimators = 2, .max_leaf_nodes = 4};

}  // namespace

TEST_CASE("ensembles and models of any type come back equal") {
    auto const set = labelled_grid(90, 4, 5);
    auto const& [x, y] = set;
    std::vector<int> two;
    for (auto const label : y) two.push_back(label < 7 ? 0 : 1);

    comes_back(any_classifier_trainer(two_trees).fit(x, y));
    comes_back(any_classifier_trainer(logistic_regression{}).fit(x, y));
    comes_back(any_classifier(logistic_regression_cv{.Cs = 2}.fit(x, y)));
    comes_back(any_classifier(
        kernel_logistic_regression{.kernel = rbf_sampler{.n_components = 8}}.fit(x, y)));
    comes_back(any_classifier(sgd_classifier{.stopping = {.max_iter = 2}}.fit(x, y)));
    comes_back(voting_classifier{.members = {two_trees, boosting}, .weights = {2, 3}}.fit(x, y));
    comes_back(
        voting_classifier{.members = {two_trees, linear_svc{}}, .voting = voting_rule::hard}.fit(
            x, y));
    comes_back(
        stacking_classifier{.members = {two_trees, linear_svc{}}, .passthrough = true}.fit(x, two));
    comes_back(bagging_classifier<random_forest_classifier>{
        .trainer = two_trees, .n_estimators = 3, .max_features = 2, .oob_score = true}
                   .fit(x, y));
    comes_back(bagging_classifier<>{.trainer = boosting, .n_estimators = 3}.fit(x, y));
    comes_back(calibrated{linear_svc{}}.fit(x, y));
    comes_back(calibrated<logistic_regression>{.method = calibration_method::isotonic}.fit(x, two));
    comes_back(calibrated<random_forest_classifier>{
        .trainer = two_trees, .method = calibration_method::temperature, .ensemble = false}
                   .fit(x, y));
    comes_back(encoding_classifier<>{logistic_regression{}, {1}}.fit(x, y));
    // Within each other.
    comes_back(voting_classifier{
        .members = {encoding_classifier<>{calibrated<>{.trainer = linear_svc{}}, {0}},
                    stacking_classifier{.members = {two_trees}}}}
                   .fit(x, y));
    CHECK(detail::model_format<calibrated_classifier<linear_classifier>>::kind ==
          "calibrated_classifier<linear_classifier>");
}

TEST_CASE("ensembles of regressors come back equal") {
    auto const set = valued_grid(90, 4, 5);
    random_forest_regressor const trees{.n_estimators = 2, .max_depth = 4};
    gradient_boosting_regressor const boosted{.n_estimators = 2, .max_leaf_nodes = 4};
    comes_back(any_regressor_trainer(trees).fit(set.x, set.y));
    comes_back(any_regressor(sgd_regressor{.stopping = {.max_iter = 2}}.fit(set.x, set.y)));
    comes_back(voting_regressor{.members = {trees, boosted}}.fit(set.x, set.y));
    comes_back(stacking_regressor{.members = {trees}, .meta = boosted}.fit(set.x, set.y));
    comes_back(bagging_regressor<random_forest_regressor>{
        .trainer = trees, .n_estimators = 3, .max_features = 3, .oob_score = true}
                   .fit(set.x, set.y));
    comes_back(encoding_regressor<>{boosted, {1}}.fit(set.x, set.y));
}

TEST_CASE("a model of any type that copse does not know is refused") {
    any_classifier const model = without_format{labels(std::vector<std::int64_t>{1, 2})};
    CHECK_THROWS_WITH_AS((void)save(model),
                         "save: an any_classifier holds a model of a type that copse has no format "
                         "for; it saves 23 types",
                         invalid_input);
    auto const set = labelled_grid(60, 3, 5);
    auto const voted = voting_classifier{.members = {two_trees}}.fit(set.x, set.y);
    CHECK_THROWS_WITH_AS((void)load<stacked_classifier>(save(voted)),
                         "bytes holds a voted_classifier, not a stacked_classifier", file_error);
}

TEST_CASE("members that do not fit their ensemble are refused") {
    auto const set = labelled_grid(60, 3, 5);
    auto const wide = labelled_grid(60, 4, 5);
    any_classifier const member = any_classifier_trainer(two_trees).fit(set.x, set.y);
    any_classifier const other = any_classifier_trainer(two_trees).fit(wide.x, wide.y);
    any_classifier const svm = any_classifier_trainer(linear_svc{}).fit(set.x, set.y);
    auto const classes = member.classes();
    auto const refuses = [](auto const& model, std::string const& text) {
        using type = std::remove_cvref_t<decltype(model)>;
        CHECK_THROWS_WITH_AS((void)load<type>(save(model)), ("bytes: section '" + text).c_str(),
                             file_error);
    };
    refuses(voted_classifier(classes, {member, other}, {1, 1}, voting_rule::soft, 3),
            "member 1': is of 4 features where 3 must be");
    refuses(voted_classifier(classes, {svm}, {1}, voting_rule::soft, 3),
            "member 0': gives no probabilities");
    refuses(voted_classifier(classes, {member}, {-1}, voting_rule::soft, 3),
            "voting': has 1 weights, or one that is not a weight");
    refuses(voted_classifier(labels(std::vector<std::int64_t>{-1, 5}), {member}, {1},
                             voting_rule::soft, 3),
            "member 0': knows another class: members: label 7 at row 2 is none of the 2 classes");
    refuses(stacked_classifier(classes, {member}, member, true, 3),
            "meta': is of 3 features where 6 must be");
    refuses(bagged_classifier<any_classifier>(classes, {{member, {0, 1, 3}}}, 3),
            "bagging': has column 3 of 3");
    refuses(bagged_classifier<any_classifier>(classes, {{member, {1, 1, 2}}}, 3),
            "bagging': has columns that do not increase");
    refuses(calibrated_classifier<any_classifier>(
                classes, {{member, score_calibrator(std::vector<sigmoid_curve>(2))}}, 3),
            "calibration': has 2 curves for 3 classes");
    refuses(calibrated_classifier<any_classifier>(
                classes,
                {{member, score_calibrator(
                              std::vector<isotonic_curve>(3, isotonic_curve{{1, 1}, {0, 0.5}}))}},
                3),
            "calibration': has scores that do not increase");
    refuses(encoded_classifier<any_classifier>(table_encoder({numbers_of_column(2)}, 3), member),
            "model': is of 3 features where 1 must be");
    refuses(encoded_classifier<any_classifier>(table_encoder({numbers_of_column(4)}, 3), member),
            "encoder': has column 4 of 3");
}

TEST_CASE("models within models have a bottom") {
    auto const set = labelled_grid(40, 3, 5);
    any_classifier model = any_classifier_trainer(two_trees).fit(set.x, set.y);
    auto const classes = model.classes();
    for (int depth = 0; depth < 7; ++depth)
        model = voted_classifier(classes, {model}, {1}, voting_rule::soft, 3);
    comes_back(model);
    for (int depth = 0; depth < 3; ++depth)
        model = voted_classifier(classes, {model}, {1}, voting_rule::soft, 3);
    CHECK_THROWS_AS((void)load<any_classifier>(save(model)), file_error);
}

TEST_CASE("a damaged ensemble with a right checksum is an error or safe to predict with") {
    auto const set = labelled_grid(60, 3, 5);
    auto const damages = [&](auto const& model) {
        using type = std::remove_cvref_t<decltype(model)>;
        auto const bytes = save(model);
        std::size_t n_refused = 0;
        for (auto i = detail::model_head_bytes; i + detail::checksum_bytes < bytes.size(); ++i) {
            auto damaged = bytes;
            damaged[i] ^= std::byte{0x15};
            seal(damaged);
            try {
                auto const again = load<type>(damaged);
                if (again.n_features() == 3) (void)again.predict(set.x, sequential{});
            } catch (file_error const&) {
                ++n_refused;
            }
        }
        CHECK(n_refused > bytes.size() / 2);  // members have checksums of their own
        for (std::size_t n = 0; n < bytes.size(); n += 97)
            CHECK_THROWS_AS((void)load<type>(std::span(bytes).first(n)), file_error);
    };
    damages(calibrated<linear_svc>{.folds = {.n_splits = 2}}.fit(set.x, set.y));
    damages(calibrated<linear_svc>{.method = calibration_method::isotonic, .folds = {.n_splits = 2}}
                .fit(set.x, set.y));
    damages(encoding_classifier<>{linear_svc{}, {1}}.fit(set.x, set.y));
    damages(bagging_classifier<linear_svc>{.n_estimators = 2, .max_features = 2}.fit(set.x, set.y));
    damages(voting_classifier{.members = {linear_svc{}}, .voting = voting_rule::hard}.fit(set.x,
                                                                                          set.y));
    damages(stacking_classifier{.members = {linear_svc{}}, .meta = linear_svc{}}.fit(set.x, set.y));
}
