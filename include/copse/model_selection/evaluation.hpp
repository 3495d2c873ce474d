// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What a trainer is worth: its scores over splits of one x, and what it reports on the way.
///
///     evaluation const judge(x, y, folds, weight, metrics, true, backend);
///     auto const scores = judge(trainer, stop, [&](double score) { ... });    // after each
///     interval

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/core/progress.hpp>
#include <copse/data/csr.hpp>
#include <copse/ensemble/training_rows.hpp>
#include <copse/linear/linear_classifier.hpp>
#include <copse/linear/linear_regressor.hpp>
#include <copse/model_selection/cross_validate.hpp>
#include <copse/model_selection/fit_on_rows.hpp>
#include <copse/model_selection/judge.hpp>
#include <copse/model_selection/split.hpp>
#include <copse/model_selection/take.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/components.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <stop_token>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace copse::detail {

/// What predicts by weights as a Model does; void if a Model has no weights of the columns of x.
template <class Model>
using model_of_weights = std::conditional_t<
    std::same_as<Model, logistic_classifier>, logistic_classifier,
    std::conditional_t<
        std::derived_from<Model, linear_classifier>, linear_classifier,
        std::conditional_t<std::derived_from<Model, linear_regressor>, linear_regressor, void>>>;

/// The model whose weights were told.
template <class Model, class Trainer>
[[nodiscard]] Model model_told(Trainer const& trainer, progress const& p, labels const& classes) {
    auto const d = p.coef.size() / p.intercept.size();
    if constexpr (std::same_as<Model, linear_regressor>) {
        return {std::vector<double>(p.coef.begin(), p.coef.end()), p.intercept[0], {}};
    } else {
        linear_parts parts{classes,
                           matrix<double>(p.intercept.size(), d),
                           std::vector<double>(p.intercept.begin(), p.intercept.end()),
                           {}};
        std::ranges::copy(p.coef, parts.coef.data());
        if constexpr (requires { trainer.multi_class; }) parts.rule = trainer.multi_class;
        return Model(std::move(parts));
    }
}

/// Y is labels_view or values_view. What is borrowed must outlive it.
template <class Trainer, class X, class Y>
class evaluation {
public:
    using metric = metric_of<Trainer>;
    using model = model_of<Trainer, X>;

    /// Those that report do so after each iteration of the trainer if there is one split and the
    /// trainer tells what can be judged: trees, rounds, steps of a linear solver. Else after each
    /// split, the mean so far.
    evaluation(X x, Y y, std::vector<row_split> folds, values_view weight,
               std::vector<metric> metrics, bool reports, any_backend const& inside)
        : x_(x),
          y_(y),
          folds_(std::move(folds)),
          weight_(weight),
          metrics_(std::move(metrics)),
          reports_(reports),
          backend_(inside),
          bins_(bins_over(x)) {
        take_test_rows();
    }

    [[nodiscard]] std::vector<metric> const& metrics() const noexcept { return metrics_; }
    [[nodiscard]] std::size_t n_folds() const noexcept { return folds_.size(); }

    /// Makes the bins that these trainers will share; not while one is evaluated.
    void prepare(Trainer const& trainer) {
        prepare_bins(bins_ ? &*bins_ : nullptr, trainer, x_, backend_);
    }

    /// Of each metric the scores of the splits. With reports, splits follow one another; without,
    /// they are components. Throws stopped, also if a fit ended in spite of `stop`, and what
    /// the trainer or a metric throws.
    template <class Report>
    [[nodiscard]] std::vector<metric_scores> operator()(Trainer const& trainer,
                                                        std::stop_token const& stop,
                                                        Report const& report) const {
        auto out = empty_scores(metrics_, folds_.size(), false);
        if (!reports_) {
            for_each_component(backend_, folds_.size(), stop, [&](std::size_t f) {
                row_fit<Y> fit;
                evaluate(trainer, f, stop, fit, out);
            });
            return out;
        }
        double sum = 0;
        for (std::size_t f = 0; f < folds_.size(); ++f) {
            std::size_t n_reports = 0;
            auto const counted = [&](double score) {
                ++n_reports;
                report(score);
            };
            row_fit<Y> fit;
            watch(trainer, fit, counted);
            evaluate(trainer, f, stop, fit, out);
            sum += out[0].test[f];
            // A solver that begins at its end has no iterations.
            if (n_reports == 0) report(sum / static_cast<double>(f + 1));
            if (f + 1 < folds_.size() && stop.stop_requested())
                throw stopped("stopped between splits");
        }
        return out;
    }

    /// The trainer's model of all rows.
    [[nodiscard]] model fit_all(Trainer const& trainer, std::stop_token const& stop) const {
        return fit_gathered(trainer, x_, y_, weight_, stop, backend_);
    }

private:
    static constexpr bool grows = shares_bins<Trainer, X, Y>;
    static constexpr bool tells_weights =
        is_linear<Trainer, X, Y> && !std::is_void_v<model_of_weights<model>>;

    void evaluate(Trainer const& trainer, std::size_t f, std::stop_token const& stop,
                  row_fit<Y>& fit, std::vector<metric_scores>& out) const {
        fit.rows = folds_[f].train;
        fit.sample_weight = weight_;
        fit.stop = stop;
        fit.bins = bins_ ? &*bins_ : nullptr;
        auto const fitted = fit_on_rows(trainer, x_, y_, fit, backend_);
        if (stop.stop_requested()) throw stopped("stopped between a fit and its scores");
        auto const said = judged(fitted, x_, y_, folds_[f].test, weight_, metrics_, backend_);
        for (std::size_t m = 0; m < said.size(); ++m) out[m].test[f] = said[m];
    }

    /// One split's rows to test are needed after every iteration of every fit: copied once.
    void take_test_rows() {
        if constexpr (grows || tells_weights) {
            if (!reports_ || folds_.size() > 1) return;
            auto const& test = folds_[0].test;
            if constexpr (std::same_as<X, csr_view>) {
                test_x_ = take(x_, test);
            } else {
                x_.visit([&](auto rows) { test_x_ = take(rows, test); });
            }
            test_y_ = take(y_, test);
            if (!weight_.empty()) test_weight_ = take(weight_, test);
        }
    }
    [[nodiscard]] X test_x() const {
        return std::visit(
            [](auto const& x) -> X {
                if constexpr (std::convertible_to<decltype(x), X>) {
                    return x;
                } else {
                    return {};
                }
            },
            test_x_);
    }

    /// Has the fit report after each iteration, if it can.
    template <class Report>
    void watch([[maybe_unused]] Trainer const& trainer, [[maybe_unused]] row_fit<Y>& fit,
               [[maybe_unused]] Report const& report) const {
        if (folds_.size() > 1) return;
        if constexpr (grows) {
            if (wants_out_of_bag(trainer)) return;  // it is fitted on copies
            fit.judged.emplace(validation_set<Y>{test_x(), test_y_, test_weight_});
            fit.metric = metrics_[0];
            fit.on_iteration = [&report](progress const& p) { report(p.validation_scores[0]); };
        } else if constexpr (tells_weights) {
            labels classes;
            if constexpr (classifies<Trainer>) classes = encode(take(y_, folds_[0].train)).classes;
            fit.on_iteration = [this, &trainer, &report, classes](progress const& p) {
                auto const now = model_told<model_of_weights<model>>(trainer, p, classes);
                report(judged_rows_of(now, test_x(), Y(test_y_), values_view(test_weight_),
                                      std::span<metric const>(metrics_.data(), 1), backend_)[0]);
            };
        }
    }

    X x_;
    Y y_;
    std::vector<row_split> folds_;
    values_view weight_;
    std::vector<metric> metrics_;
    bool reports_;
    any_backend backend_;
    std::optional<shared_bins> bins_;
    std::variant<matrix<float>, matrix<double>, csr_matrix> test_x_{};
    std::conditional_t<classifies<Trainer>, labels, column<double>> test_y_{};
    column<double> test_weight_{};
};

}  // namespace copse::detail
