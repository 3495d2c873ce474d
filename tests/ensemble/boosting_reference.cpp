// SPDX-License-Identifier: BSD-3-Clause
// Boosting against others: LightGBM's numbers where definitions agree, its and XGBoost's test
// metrics on real sets (COPSE_DATA_DIR), and a plain float64 booster.
#include "support/boosting_fits.hpp"
#include "support/samples.hpp"

#include <copse/data/binned_matrix.hpp>
#include <copse/data/csv.hpp>
#include <copse/metrics/regression.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#if __has_include(<zlib.h>)
#include <copse/data/gzip.hpp>
#endif

using namespace copse;
using namespace copse::test;

namespace reference {

#include "boosting_reference.inc"

}  // namespace reference

namespace {

matrix<double> small_x() {
    matrix<double> x(reference::small_real.size(), 3);
    std::ranges::copy(reference::small_x, x.data());
    return x;
}

/// LightGBM sums gradients that are floats.
void check_scores(matrix<double> const& raw, std::vector<double> const& expected) {
    CAPTURE(expected[0]);
    REQUIRE(raw.rows() * raw.cols() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CHECK(raw.data()[i] == doctest::Approx(expected[i]).epsilon(1e-5).scale(1));
    }
}

gradient_boosting_regressor const small_regressor{
    .n_estimators = 5, .learning_rate = 0.3, .max_leaf_nodes = 6, .min_samples_leaf = 5};

/// Where Hessians are not 1, they bound leaves, not rows: LightGBM only estimates numbers of rows.
template <class Trainer>
Trainer bounded_by_hessian(Trainer trainer) {
    trainer.min_samples_leaf = 1;
    trainer.regularization.min_child_weight = 1.5;
    return trainer;
}

void check_regressor_scores(regression_loss const& loss, std::vector<double> const& y,
                            std::vector<double> const& expected) {
    CAPTURE(loss.index());
    bool const has_unit_hessian =
        std::visit([]<class L>(L const&) { return copse::has_unit_hessian<L>; }, loss);
    auto recipe = has_unit_hessian ? small_regressor : bounded_by_hessian(small_regressor);
    recipe.loss = loss;
    auto const x = small_x();
    matrix<double> const zeros(y.size(), 1);
    check_scores(recipe.fit(x, y, {.initial_raw = zeros}).predict_raw(x), expected);
}

std::vector<int> as_labels(std::vector<double> const& y) { return {y.begin(), y.end()}; }

struct halves {
    matrix<float> x, x_test;
    std::vector<double> y, y_test;
};

/// A set of COPSE_DATA_DIR, every fifth row for testing; or nothing, with a message.
std::optional<halves> real_set(std::string const& name, std::string const& target) {
#if __has_include(<zlib.h>)
    auto const folder = std::getenv("COPSE_DATA_DIR");
    auto const path = std::filesystem::path(folder == nullptr ? "" : folder) / (name + ".csv.gz");
    if (folder != nullptr && std::filesystem::exists(path)) {
        auto const data =
            parse_csv(gunzip(path), {.target = target, .task = task_kind::regression});
        std::vector<std::size_t> rows[2];
        for (std::size_t i = 0; i < data.x.rows(); ++i) rows[i % 5 == 0 ? 1 : 0].push_back(i);
        std::vector<double> const y(data.y.values().begin(), data.y.values().end());
        return halves{rows_of(data.x, rows[0]), rows_of(data.x, rows[1]), rows_of(y, rows[0]),
                      rows_of(y, rows[1])};
    }
#endif
    MESSAGE("skipped: COPSE_DATA_DIR has no " << name << ".csv.gz");
    return std::nullopt;
}

/// The root mean squared error of raw scores, or their log loss of y in {0, 1}.
double error_of(bool is_regression, std::vector<double> const& y, std::vector<double> const& raw) {
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        sum += is_regression ? (y[i] - raw[i]) * (y[i] - raw[i]) : log_loss{}.value(y[i], raw[i]);
    }
    auto const mean = sum / static_cast<double>(y.size());
    return is_regression ? std::sqrt(mean) : mean;
}

/// copse's test error after n_rounds with its defaults.
double error_of_copse(bool is_regression, halves const& set, std::size_t n_rounds,
                      boosting_sampling const& sampling = {}, std::uint64_t seed = 0) {
    matrix<double> raw;
    if (is_regression) {
        raw =
            gradient_boosting_regressor{
                .n_estimators = n_rounds, .sampling = sampling, .random_state = seed}
                .fit(set.x, set.y)
                .predict_raw(set.x_test);
    } else {
        raw =
            gradient_boosting_classifier{
                .n_estimators = n_rounds, .sampling = sampling, .random_state = seed}
                .fit(set.x, as_labels(set.y))
                .predict_raw(set.x_test);
    }
    return error_of(is_regression, set.y_test, {raw.data(), raw.data() + raw.rows()});
}

/// Gradient boosting from the book, leaf-wise, in float64 from derivatives to leaves, on complete
/// numeric columns; it shares with the library only the bins.
class float64_booster {
public:
    float64_booster(bool is_regression, halves const& set, std::size_t n_rounds)
        : is_regression_(is_regression),
          set_(set),
          bins_(bin_features(sequential{}, set.x, {})),
          raw_(set.y.size()),
          raw_test_(set.y_test.size()),
          g_(set.y.size()),
          h_(set.y.size()) {
        double mean = 0;
        for (auto const y : set.y) mean += y / static_cast<double>(set.y.size());
        auto const start = is_regression ? mean : std::log(mean / (1 - mean));
        std::ranges::fill(raw_, start);
        std::ranges::fill(raw_test_, start);
        for (std::size_t r = 0; r < n_rounds; ++r) add_round();
    }
    [[nodiscard]] double error() const { return error_of(is_regression_, set_.y_test, raw_test_); }

private:
    struct sums {
        double g = 0, h = 0;
        std::size_t n = 0;
    };
    struct leaf {
        std::vector<std::uint32_t> rows;
        std::vector<std::uint32_t> rows_test;
        double gain = 0;
        std::size_t feature = 0;
        std::uint32_t bin = 0;
    };

    void add_round() {
        for (std::size_t i = 0; i < g_.size(); ++i) {
            auto const p = 1 / (1 + std::exp(-raw_[i]));
            g_[i] = (is_regression_ ? raw_[i] : p) - set_.y[i];
            h_[i] = is_regression_ ? 1 : p * (1 - p);
        }
        std::vector<leaf> leaves(1);
        leaves[0].rows.resize(g_.size());
        leaves[0].rows_test.resize(raw_test_.size());
        std::iota(leaves[0].rows.begin(), leaves[0].rows.end(), 0u);
        std::iota(leaves[0].rows_test.begin(), leaves[0].rows_test.end(), 0u);
        find_split(leaves[0]);
        while (leaves.size() < 31) {
            auto const best = std::ranges::max_element(leaves, {}, &leaf::gain);
            if (best->gain <= 0) break;
            auto right = part(*best);
            find_split(*best);
            find_split(right);
            leaves.push_back(std::move(right));
        }
        for (auto const& l : leaves) {
            auto const s = sums_of(l.rows);
            for (auto const i : l.rows) raw_[i] -= 0.1 * s.g / s.h;
            for (auto const i : l.rows_test) raw_test_[i] -= 0.1 * s.g / s.h;
        }
    }
    [[nodiscard]] sums sums_of(std::vector<std::uint32_t> const& rows) const {
        sums s;
        for (auto const i : rows) s.g += g_[i], s.h += h_[i], ++s.n;
        return s;
    }
    void find_split(leaf& l) const {
        auto const all = sums_of(l.rows);
        l.gain = 0;
        for (std::size_t j = 0; j < bins_.cols(); ++j) {
            std::vector<sums> of_bin(bins_.cuts(j).n_bins() + 1);
            bins_.cells().from(j * bins_.rows()).visit([&](auto const* column) {
                for (auto const i : l.rows) {
                    auto& s = of_bin[column[i]];
                    s.g += g_[i], s.h += h_[i], ++s.n;
                }
            });
            sums left;
            for (std::uint32_t b = 1; b + 1 < of_bin.size(); ++b) {
                left.g += of_bin[b].g, left.h += of_bin[b].h, left.n += of_bin[b].n;
                auto const h_right = all.h - left.h;
                if (left.n < 20 || all.n - left.n < 20 || left.h < 1e-3 || h_right < 1e-3) continue;
                auto const g_right = all.g - left.g;
                auto const gain =
                    left.g * left.g / left.h + g_right * g_right / h_right - all.g * all.g / all.h;
                if (gain > l.gain) l.gain = gain, l.feature = j, l.bin = b;
            }
        }
    }
    /// Keeps the left side and returns the right one.
    leaf part(leaf& l) const {
        auto const threshold = bins_.cuts(l.feature).threshold(l.bin);
        leaf right;
        auto const move = [&](auto& from, auto& to, matrix<float> const& x) {
            auto const rest = std::stable_partition(from.begin(), from.end(), [&](auto i) {
                return static_cast<double>(x(i, l.feature)) <= threshold;
            });
            to.assign(rest, from.end());
            from.erase(rest, from.end());
        };
        move(l.rows, right.rows, set_.x);
        move(l.rows_test, right.rows_test, set_.x_test);
        return right;
    }

    bool is_regression_;
    halves const& set_;
    binned_matrix bins_;
    std::vector<double> raw_, raw_test_, g_, h_;
};

}  // namespace

TEST_CASE("raw scores are LightGBM's, loss by loss") {
    check_regressor_scores(squared_error_loss{}, reference::small_real, reference::raw_squared);
    check_regressor_scores(huber_loss{4}, reference::small_real, reference::raw_huber);
    check_regressor_scores(poisson_loss{}, reference::small_count, reference::raw_poisson);
    check_regressor_scores(gamma_loss{}, reference::small_positive, reference::raw_gamma);
    check_regressor_scores(tweedie_loss{1.3}, reference::small_count, reference::raw_tweedie);
}

TEST_CASE("raw scores are LightGBM's, rule by rule") {
    auto const x = small_x();
    auto const check = [&](gradient_boosting_regressor const& recipe,
                           std::vector<double> const& expected, double start = 6) {
        matrix<double> const from(x.rows(), 1, start);
        check_scores(recipe.fit(x, reference::small_real, {.initial_raw = from}).predict_raw(x),
                     expected);
    };
    auto shrunk = small_regressor;
    shrunk.l2_regularization = 2;
    shrunk.regularization.l1 = 3;
    check(shrunk, reference::raw_shrunk);
    auto stepped = small_regressor;
    stepped.regularization.max_delta_step = 1.5;
    check(stepped, reference::raw_stepped);
    auto monotonic = small_regressor;
    monotonic.monotonic_cst = {1, -1, 0};
    check(monotonic, reference::raw_monotonic, 0);
}

TEST_CASE("raw scores are LightGBM's for two classes and for three") {
    auto const recipe = bounded_by_hessian(
        gradient_boosting_classifier{.n_estimators = 5, .learning_rate = 0.3, .max_leaf_nodes = 6});
    auto const x = small_x();
    for (auto const n : std::vector<std::size_t>{1, 3}) {
        matrix<double> const zeros(x.rows(), n);
        auto const y = as_labels(n == 1 ? reference::small_binary : reference::small_classes);
        check_scores(recipe.fit(x, y, {.initial_raw = zeros}).predict_raw(x),
                     n == 1 ? reference::raw_binary : reference::raw_classes);
    }
}

TEST_CASE("on real sets, test errors are those of LightGBM and XGBoost, or lower") {
    for (auto const& rival : reference::real_sets) {
        auto const set = real_set(rival.set, rival.target);
        if (!set) continue;
        CAPTURE(std::string(rival.set));
        auto const n_classes = std::set<double>(set->y.begin(), set->y.end()).size();
        double error = 0;
        if (n_classes > 2 && n_classes < 100) {
            auto const labels_test = as_labels(set->y_test);
            auto const model = gradient_boosting_classifier{.n_estimators = rival.n_rounds}.fit(
                set->x, as_labels(set->y), {.validation = {{set->x_test, labels_test}}});
            error = model.validation_losses()[0].back();
        } else {
            error = error_of_copse(n_classes > 2, *set, rival.n_rounds);
        }
        MESSAGE(std::string(rival.set)
                << ": " << error << ", LightGBM " << rival.light_gbm << ", XGBoost "
                << rival.xg_boost << ", noise " << rival.noise);
        CHECK(error < std::min(rival.light_gbm, rival.xg_boost) + 3 * rival.noise);
    }
}

TEST_CASE("integer sums cost no accuracy: a float64 booster is as good, within seed noise") {
    for (auto const& rival : reference::real_sets) {
        bool const is_regression = rival.set == std::string("california_housing");
        if (!is_regression && rival.set != std::string("magic")) continue;
        auto const set = real_set(rival.set, rival.target);
        if (!set) continue;
        auto const error = error_of_copse(is_regression, *set, 100);
        auto const by_float64 = float64_booster(is_regression, *set, 100).error();
        // How far 95 % of the rows, drawn anew each round, move it.
        double mean = 0;
        double square = 0;
        constexpr int n_seeds = 5;
        for (std::uint64_t seed = 0; seed < n_seeds; ++seed) {
            auto const of_seed =
                error_of_copse(is_regression, *set, 100, {.subsample = 0.95}, seed);
            mean += of_seed / n_seeds;
            square += of_seed * of_seed / n_seeds;
        }
        auto const noise = std::sqrt(std::max(0.0, square - mean * mean) * n_seeds / (n_seeds - 1));
        MESSAGE(std::string(rival.set) << ": integers " << error << ", float64 " << by_float64
                                       << ", seed noise " << noise);
        CHECK(std::abs(error - by_float64) < 2 * noise);
    }
}
