// How do I get a good model of a table without deciding anything?
#include <copse/copse.hpp>
#include <copse/data/gzip.hpp>
#include <copse/meta/automl.hpp>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>

int main(int argc, char** argv) {
    bool const quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
    auto const train = copse::parse_csv(copse::gunzip("examples/data/adult_train.csv.gz"));
    auto const test =
        copse::parse_csv(copse::gunzip("examples/data/adult_test.csv.gz"), {.like = &train});

    auto const found =
        copse::automl{.max_duration = std::chrono::seconds(quick ? 8 : 60)}.fit(train);

    for (auto const& g : found.guardrails) {
        if (g.state != copse::guardrail_state::passed) std::printf("look: %s\n", g.text.c_str());
    }
    std::printf("\n%-42s %9s %8s %7s\n", "candidate", found.metric.c_str(), "seconds", "weight");
    for (auto const& c : found.leaderboard) {
        if (std::isnan(c.score)) continue;
        std::printf("%-42s %9.4f %8.2f %7.2f\n", c.name.c_str(), -c.score, c.seconds, c.weight);
    }
    std::printf("%-42s %9.4f %8.2f\n", "together", -found.score, found.seconds);

    auto const& model = found.classifier();
    std::printf("\non rows that nobody saw: log loss %.4f, accuracy %.3f\n",
                copse::metrics::log_loss(test.y, model.predict_proba(test.x), model.classes()),
                copse::metrics::accuracy(test.y, model.predict(test.x)));
}
