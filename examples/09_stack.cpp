// How do I put models of different kinds together, and is the result better, and calibrated?
#include <copse/copse.hpp>
#include <copse/data/gzip.hpp>

#include <cstdio>
#include <vector>

int main() {
    auto const train = copse::parse_csv(copse::gunzip("examples/data/adult_train.csv.gz"));
    auto const test =
        copse::parse_csv(copse::gunzip("examples/data/adult_test.csv.gz"), {.like = &train});
    auto const categorical = train.categorical_features();

    // Linear models read numbers: the table is encoded for them, and the encoder is in the model.
    copse::any_classifier_trainer const boosting = copse::gradient_boosting_classifier{
        .n_estimators = 60, .categorical_features = categorical};
    copse::any_classifier_trainer const forest = copse::random_forest_classifier{
        .n_estimators = 40, .min_samples_leaf = 3, .categorical_features = categorical};
    copse::any_classifier_trainer const logistic =
        copse::encoding_classifier<>{copse::logistic_regression{}, categorical};
    copse::any_classifier_trainer const machine = copse::encoding_classifier<>{
        copse::calibrated<copse::linear_svc>{.trainer = {.C = 0.1}, .folds = {.n_splits = 3}},
        categorical};

    auto const judge = [&](char const* name, copse::any_classifier_trainer const& trainer) {
        auto const model = trainer.fit(train.x, train.y);
        auto const p = model.predict_proba(test.x);
        std::vector<double> second;
        for (std::size_t i = 0; i < p.rows(); ++i) second.push_back(static_cast<double>(p(i, 1)));
        auto const curve = copse::metrics::calibration_curve(test.y, second, {}, {.n_bins = 10});
        std::printf("%-16s  AUC %.3f  log loss %.3f  calibration error %.3f\n", name,
                    copse::metrics::roc_auc(test.y, second),
                    copse::metrics::log_loss(test.y, second),
                    copse::metrics::expected_calibration_error(curve));
    };
    judge("boosting", boosting);
    judge("forest", forest);
    judge("logistic", logistic);
    judge("vector machine", machine);
    judge("vote", copse::voting_classifier{.members = {boosting, forest, logistic}});
    judge("stack", copse::stacking_classifier{.members = {boosting, forest, logistic},
                                              .folds = {.n_splits = 3}});
}
