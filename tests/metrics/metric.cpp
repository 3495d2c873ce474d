// SPDX-License-Identifier: BSD-3-Clause
#include <copse/metrics.hpp>

#include "data.hpp"

#include <cstddef>
#include <string>
#include <string_view>

using namespace copse;
namespace ref = reference;

namespace {

/// What a search does with a metric: asks what it needs, and which way is better.
template <metrics::metric Metric>
std::string described(Metric) {
    std::string const goal = Metric::greater_is_better ? "maximize " : "minimize ";
    switch (Metric::needs) {
        case metrics::prediction::labels:
            return goal + std::string(Metric::name) + " of labels";
        case metrics::prediction::scores:
            return goal + std::string(Metric::name) + " of scores";
        case metrics::prediction::values:
            return goal + std::string(Metric::name) + " of values";
        case metrics::prediction::probabilities:
            break;
    }
    return goal + std::string(Metric::name) + " of probabilities";
}

struct not_a_metric {
    double operator()(labels_view, labels_view, values_view = {}) const { return 0; }
};

/// A user's own: how often the prediction is the greater class.
struct alarms_metric {
    static constexpr std::string_view name = "alarms";
    static constexpr bool greater_is_better = false;
    static constexpr auto needs = metrics::prediction::labels;
    double operator()(labels_view, labels_view y_pred, values_view = {}) const {
        double n = 0;
        for (std::size_t i = 0; i < y_pred.size(); ++i) n += y_pred[i] == label(1) ? 1 : 0;
        return n / static_cast<double>(y_pred.size());
    }
};

static_assert(metrics::label_metric<alarms_metric> && !metrics::value_metric<alarms_metric>);
static_assert(!metrics::metric<not_a_metric>);
static_assert(!metrics::score_metric<metrics::accuracy_metric>);
static_assert(!metrics::probability_metric<metrics::f_beta>);
static_assert(!metrics::label_metric<metrics::roc_auc_metric>);
static_assert(!metrics::label_metric<metrics::r2_metric>);

}  // namespace

TEST_CASE("metrics can be passed as values") {
    CHECK(described(metrics::roc_auc) == "maximize roc_auc of scores");
    CHECK(described(metrics::accuracy) == "maximize accuracy of labels");
    CHECK(described(metrics::log_loss) == "minimize log_loss of probabilities");
    CHECK(described(metrics::mean_pinball_loss{.alpha = 0.9}) ==
          "minimize mean_pinball_loss of values");
    CHECK(described(alarms_metric{}) == "minimize alarms of labels");
}

TEST_CASE("metrics take labels as models return them") {
    labels const y(ref::t2);
    CHECK(metrics::accuracy(y, labels(ref::u2)) == metrics::accuracy(ref::t2, ref::u2));
}
