// How do I train one model of rows that are in several places, without bringing them together?
#include <copse/copse.hpp>
#include <copse/data/gzip.hpp>

#include <cstdio>
#include <numeric>
#include <optional>
#include <vector>

int main() {
    auto const digits = copse::parse_csv(copse::gunzip("examples/data/digits8x8.csv.gz"));
    auto const trainer = copse::logistic_regression{.C = 0.01, .tolerance = 1e-4};
    auto const cols = digits.x.cols();

    // A rank is a thread here; a communicator over MPI would make it a process. Each has a part of
    // the rows and calls fit with that alone: what a pass over them found is added up.
    constexpr std::size_t n_ranks = 4;
    std::vector<std::optional<copse::logistic_classifier>> models(n_ranks);
    copse::run_ranks(n_ranks, [&](copse::thread_communicator& ranks) {
        auto const first = digits.x.rows() * ranks.rank() / n_ranks;
        auto const last = digits.x.rows() * (ranks.rank() + 1) / n_ranks;
        copse::features_view const own_x(digits.x.row(first).data(), last - first, cols);
        std::vector<std::size_t> rows(last - first);
        std::iota(rows.begin(), rows.end(), first);
        copse::labels const own_y = digits.y.classes().at_codes(rows);
        models[ranks.rank()] = trainer.fit(own_x, own_y, {.ranks = ranks});
    });

    bool same = true;
    for (auto const& model : models) same = same && *model == *models[0];
    std::printf("the %zu ranks have %s model\n", n_ranks, same ? "the same" : "NOT the same");

    auto const alone = trainer.fit(digits.x, digits.y).predict(digits.x);
    auto const together = models[0]->predict(digits.x);
    std::size_t n_equal = 0;
    for (std::size_t i = 0; i < alone.size(); ++i) n_equal += alone[i] == together[i] ? 1 : 0;
    std::printf("of %zu images they name %zu as a model of all rows does\n", alone.size(), n_equal);
}
