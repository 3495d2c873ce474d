// SPDX-License-Identifier: BSD-3-Clause
#include "options.hpp"

#include "estimators.hpp"
#include "metrics.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <map>
#include <string>

options parse(int argc, char** argv) {
    options o;
    CLI::App app(
        "Trains a model on a CSV file with a header, says how good it is, saves it;\n"
        "or predicts with a model that was saved.\n\n"
        "  train_csv --data train.csv --target income --save income.copse\n"
        "  train_csv --load income.copse --predict new.csv --out answers.csv\n");
    auto* const data = app.add_option("--data", o.data, "CSV file to train on");
    app.add_option("--target", o.target, "name of the column to predict; else the last")
        ->needs(data);
    app.add_option("--task", o.task, "classification or regression; else by the target")
        ->transform(CLI::CheckedTransformer(
            std::map<std::string, copse::task_kind>{
                {"classification", copse::task_kind::classification},
                {"regression", copse::task_kind::regression}},
            CLI::ignore_case))
        ->needs(data);
    app.add_option("--test", o.test, "CSV file to judge on; else a fifth of the rows is held out")
        ->needs(data);
    auto* const model = app.add_option("--model", o.model, "kind of model")
                            ->check(CLI::IsMember(estimator_names()))
                            ->capture_default_str();
    app.add_option("--trees", o.trees, "how many trees, or at most how many rounds of boosting")
        ->check(CLI::Range(1, 1000000))
        ->capture_default_str();
    auto* const tune =
        app.add_option("--tune", o.tune, "search for hyper-parameters, in so many runs")
            ->check(CLI::Range(1, 1000))
            ->needs(data);
    auto* const automl =
        app.add_option("--automl", o.automl,
                       "try models of all kinds and their means, in so many seconds a fit")
            ->check(CLI::Range(0.1, 1e6))
            ->needs(data)
            ->excludes(model)
            ->excludes(tune);
    app.add_option("--seed", o.seed, "decides all that is random")->capture_default_str();
    app.add_option("--backend", o.backend, "where to train")
        ->check(CLI::IsMember(backend_names()))
        ->capture_default_str();
    app.add_option("--n-jobs", o.n_jobs, "threads; -1: all cores")->capture_default_str();
    app.add_option("--metric", o.metric, "how to judge; else accuracy or r2")
        ->check(CLI::IsMember(metric_names()));
    app.add_option("--save", o.save, "file for the model, trained on all of --data")->needs(data);
    auto* const load = app.add_option("--load", o.load, "model to predict with")->excludes(data);
    auto* const predict = app.add_option("--predict", o.predict, "CSV file to predict");
    app.add_option("--out", o.out, "CSV file for the predictions; else standard output")
        ->needs(predict);
    load->needs(predict);
    try {
        app.parse(argc, argv);
        if (o.data.empty() && o.load.empty())
            throw CLI::RequiredError("--data, or --load and --predict,");
        if (automl->count() > 0) o.model = "automl";
    } catch (CLI::ParseError const& e) {
        std::exit(app.exit(e));
    }
    return o;
}
