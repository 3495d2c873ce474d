// How good is a model on my CSV file, and can I have its predictions? A small command line.
// Try --help.
#include "estimators.hpp"
#include "holdout.hpp"
#include "metrics.hpp"
#include "options.hpp"

#include <copse/data/csv.hpp>
#include <copse/io/save_load.hpp>
#include <copse/model_selection/progress_bar.hpp>
#include <copse/par/tbb.hpp>

#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>

namespace {

/// With a bar on standard error, if that is a terminal.
any_model train_with_bar(options const& o, copse::dataset const& data) {
    std::optional<copse::progress_bar> bar;
    if (isatty(STDERR_FILENO) == 1) bar.emplace(std::cerr);
    return train(o, data, [&](copse::progress const& p) {
        if (bar) (*bar)(p);
    });
}

/// A cell that a CSV reader takes for one cell.
std::string cell(std::string const& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string out = "\"";
    for (auto const c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + '"';
}

/// The fewest digits that read back the same.
template <class Number>
std::string written(Number value) {
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

/// One line for each row: what is predicted, and the probability of each class if the model knows.
template <class Model>
void write_predictions(std::ostream& out, Model const& m, copse::dataset const& data,
                       copse::tbb where) {
    auto const predicted = m.predict(data.x, where);
    out << "prediction";
    if constexpr (requires { m.predict_proba(data.x, where); }) {
        auto const proba = m.predict_proba(data.x, where);
        for (std::size_t k = 0; k < m.classes().size(); ++k)
            out << ',' << cell("P(" + m.classes()[k].to_string() + ")");
        out << '\n';
        for (std::size_t i = 0; i < predicted.size(); ++i) {
            out << cell(predicted[i].to_string());
            for (auto const p : proba.row(i)) out << ',' << written(p);
            out << '\n';
        }
    } else if constexpr (requires { m.classes(); }) {
        out << '\n';
        for (std::size_t i = 0; i < predicted.size(); ++i)
            out << cell(predicted[i].to_string()) << '\n';
    } else {
        out << '\n';
        for (auto const value : predicted) out << written(value) << '\n';
    }
}

void predict(options const& o, any_model const& model, copse::dataset like) {
    like.y = {};  // the file may have the target or not
    auto const data = copse::read_csv(o.predict, {.like = &like});
    std::ofstream file;
    if (!o.out.empty()) file.open(o.out);
    auto& out = o.out.empty() ? std::cout : file;
    std::visit(
        [&](auto const& m) { write_predictions(out, m, data, copse::tbb{.n_jobs = o.n_jobs}); },
        model);
    out.flush();
    if (!out) throw copse::file_error(o.out + ": cannot be written");
}

/// Better now than after an hour of training.
void check_before(options const& o, copse::dataset const& data) {
    if (!o.save.empty()) {
        auto const folder = std::filesystem::absolute(o.save).parent_path();
        if (!std::filesystem::is_directory(folder))
            throw copse::file_error(o.save + ": there is no folder " + folder.string());
    }
    if (o.test.empty() && data.x.rows() < 5)
        throw copse::file_error(o.data + ": has " + std::to_string(data.x.rows()) +
                                " rows, too few to hold out a fifth; give --test");
}

void train_and_judge(options const& o) {
    auto const target =
        o.target.empty() ? copse::column_ref(copse::last_column) : copse::column_ref(o.target);
    auto const data = copse::read_csv(o.data, {.target = target, .task = o.task});
    auto const metric = o.metric.empty() ? usual_metric(data.y) : o.metric;
    check_columns(o.model, data);
    check_metric(metric, o.model, data.y);
    check_before(o, data);
    // Predictions on standard output stay alone there.
    auto& log = o.predict.empty() || !o.out.empty() ? std::cout : std::cerr;
    log << data.x.rows() << " rows, " << data.x.cols() << " features ("
        << data.categorical_features().size() << " categorical); "
        << (data.y.is_classification() ? "classification" : "regression") << " of " << data.y.name()
        << std::endl;

    bool const has_test = !o.test.empty();
    auto const [rest, test] = has_test ? std::pair(data, copse::read_csv(o.test, {.like = &data}))
                                       : holdout(data, o.seed);
    if (test.y.empty()) throw copse::file_error(o.test + ": has no column " + data.y.name());
    auto const judged = train_with_bar(o, rest);
    auto const score = judge(metric, judged, test, o.n_jobs);
    log << metric << " on " << (has_test ? o.test : "a fifth of the rows, held out") << ": "
        << score << std::endl;

    if (o.save.empty() && o.predict.empty()) return;
    auto const model = has_test ? judged : train_with_bar(o, data);
    if (!o.save.empty()) save_model(model, o.save, data);
    if (!o.predict.empty()) predict(o, model, data);
}

}  // namespace

int main(int argc, char** argv) try {
    auto const o = parse(argc, argv);
    if (o.load.empty()) {
        train_and_judge(o);
    } else {
        predict(o, load_model(o.load), copse::load_columns(o.load));
    }
} catch (std::exception const& e) {
    std::cerr << "train_csv: " << e.what() << '\n';
    return 1;
}
