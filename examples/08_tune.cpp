// Which hyper-parameters are best, and what was searching worth?
#include <copse/copse.hpp>
#include <copse/data/gzip.hpp>

#include <iomanip>
#include <iostream>

int main() {
    using gbc = copse::gradient_boosting_classifier;
    auto const train = copse::parse_csv(copse::gunzip("examples/data/adult_train.csv.gz"));
    auto const test =
        copse::parse_csv(copse::gunzip("examples/data/adult_test.csv.gz"), {.like = &train});
    std::cout << std::fixed << std::setprecision(4);

    // Each run is judged on a fifth of the rows, drawn once; all share one binned matrix. From the
    // fifth round on, a run that is worse than half of the earlier ones is given up.
    auto const study =
        copse::search(gbc{.n_estimators = 40, .categorical_features = train.categorical_features()},
                      copse::space(copse::vary(&gbc::learning_rate, copse::loguniform(0.02, 0.5)),
                                   copse::vary(&gbc::max_leaf_nodes, copse::choice(7, 15, 31, 63)),
                                   copse::vary(&gbc::sampling, &copse::boosting_sampling::subsample,
                                               copse::quniform(0.5, 1, 0.1))),
                      {.sampling = copse::bayesian{},
                       .primary_metric = copse::metrics::roc_auc,
                       .max_total_runs = 24,
                       .early_termination = copse::median_stopping{.delay_evaluation = 5},
                       .splits = copse::stratified_shuffle_split{.n_splits = 1, .test_size = 0.2},
                       .random_state = 7})
            .run(train.x, train.y, copse::tbb{.n_jobs = 2});

    std::cout << "run  AUC     rounds  parameters\n";
    for (auto const& run : study.runs()) {
        bool const shown = run.index == 0 || run.index == study.best_run().index;
        if (!shown) continue;
        std::cout << std::setw(3) << run.index << "  " << run.score << "  " << std::setw(6)
                  << run.reports.size() << "  ";
        for (auto const& p : run.parameters) std::cout << p.name << '=' << p.to_string() << ' ';
        std::cout << '\n';
    }
    std::size_t n_given_up = 0;
    for (auto const& run : study.runs())
        n_given_up += run.status == copse::run_status::stopped_early ? 1 : 0;
    std::cout << n_given_up << " of " << study.runs().size() << " runs were given up early\n";

    // The best trainer, fitted on all rows, and the trainer as it was, on rows that neither saw.
    auto const auc = [&](copse::boosted_classifier const& model) {
        return copse::metrics::roc_auc(test.y, model.predict_proba(test.x), model.classes());
    };
    gbc const as_it_was{.n_estimators = 40, .categorical_features = train.categorical_features()};
    std::cout << "AUC on other rows: tuned " << auc(study.best_model()) << ", as it was "
              << auc(as_it_was.fit(train.x, train.y)) << '\n';
}
