// SPDX-License-Identifier: BSD-3-Clause
#include "automl.hpp"

#include <copse/meta/automl.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/sequential.hpp>
#include <copse/par/tbb.hpp>

#include <chrono>
#include <cmath>
#include <iostream>

any_model found_by_automl(options const& o, copse::dataset const& data, on_progress const& report) {
    copse::automl const how{.max_duration = std::chrono::duration_cast<std::chrono::milliseconds>(
                                std::chrono::duration<double>(o.automl)),
                            .random_state = o.seed,
                            .on_candidate = [&](copse::automl_progress const& p) {
                                report({p.done, p.total});
                            }};
    auto const found = o.backend == "sequential" ? how.fit(data, copse::sequential{})
                                                 : how.fit(data, copse::tbb{.n_jobs = o.n_jobs});
    for (auto const& g : found.guardrails) {
        if (g.state != copse::guardrail_state::passed) std::cerr << "look: " << g.text << '\n';
    }
    for (auto const& c : found.leaderboard) {
        if (c.weight > 0) std::cerr << "member: " << c.name << ", weight " << c.weight << '\n';
    }
    std::cerr << found.metric << ' ' << found.score << " on rows left out of "
              << found.leaderboard.size() << " candidates' fits\n";
    if (found.of_labels) return *found.of_labels;
    return *found.of_values;
}
