// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What a model says of some rows, and what metrics say of that.
///
///     auto const scores = detail::judged(model, x, y, fold.test, weight, metrics, backend);

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/data/csr.hpp>
#include <copse/ensemble/validation_metric.hpp>
#include <copse/metrics/metric.hpp>
#include <copse/model_selection/take.hpp>
#include <copse/par/backend.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace copse::detail {

/// f(rows of x): a view of x if they are a run, else a copy of them.
template <class F>
decltype(auto) with_rows(features_view x, std::span<std::size_t const> rows, F const& f) {
    return x.visit([&]<class T>(matrix_view<T const> all) {
        if (!rows.empty() && rows.back() - rows.front() + 1 == rows.size()) {
            return f(
                features_view(matrix_view<T const>(all.row(rows.front()), rows.size(), all.cols(),
                                                   all.row_stride(), all.col_stride())));
        }
        auto const own = take(all, rows);
        return f(features_view(own));
    });
}
template <class F>
decltype(auto) with_rows(csr_view x, std::span<std::size_t const> rows, F const& f) {
    auto const own = take(x, rows);
    return f(csr_view(own));
}

/// f(x, backend) if it can be called so, otherwise f(x).
template <class Model, class X, backend B>
[[nodiscard]] auto predict_with(Model const& model, X x, B const& backend) {
    if constexpr (requires { model.predict(x, backend); }) {
        return model.predict(x, backend);
    } else {
        return model.predict(x);
    }
}
template <class Model, class X, backend B>
[[nodiscard]] matrix<float> probabilities_with(Model const& model, X x, B const& backend) {
    if constexpr (requires { model.predict_proba(x, backend); }) {
        return model.predict_proba(x, backend);
    } else if constexpr (requires { model.predict_proba(x); }) {
        return model.predict_proba(x);
    } else {
        throw invalid_input("a metric needs probabilities, but the model has no predict_proba");
    }
}

/// One score a row: the decision function of two classes or the probability of the second.
template <class Model, class X, backend B>
[[nodiscard]] std::vector<double> scores_with(Model const& model, X x, B const& backend) {
    std::vector<double> out(x.rows());
    auto const last_column = [&](auto const& of) {
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = static_cast<double>(of(i, of.cols() - 1));
    };
    if constexpr (requires { model.decision_function(x, backend); }) {
        last_column(model.decision_function(x, backend));
    } else {
        last_column(probabilities_with(model, x, backend));
    }
    return out;
}

/// One number for each metric. Whatever several metrics need is asked for once.
template <class Model, class X, backend B>
[[nodiscard]] std::vector<double> judged_rows_of(Model const& model, X x, labels_view y,
                                                 values_view weight,
                                                 std::span<classification_metric const> by,
                                                 B const& backend) {
    using metrics::prediction;
    auto const n_classes = model.classes().size();
    auto const anybody = [&](auto const& wants) { return std::ranges::any_of(by, wants); };
    auto const by_scores = [&](classification_metric const& m) {
        return m.needs() == prediction::scores && n_classes == 2;
    };
    auto const by_labels = [](classification_metric const& m) {
        return m.needs() == prediction::labels;
    };
    auto const by_proba = [&](classification_metric const& m) {
        return !by_labels(m) && !by_scores(m);
    };
    labels predicted;
    std::vector<double> scores;
    matrix<float> proba;
    if (anybody(by_labels)) predicted = predict_with(model, x, backend);
    if (anybody(by_scores)) scores = scores_with(model, x, backend);
    if (anybody(by_proba)) proba = probabilities_with(model, x, backend);
    std::vector<double> out;
    for (auto const& m : by) {
        out.push_back(by_labels(m)   ? m.of_labels(y, predicted, weight)
                      : by_scores(m) ? m.of_scores(y, scores, weight)
                                     : m(y, features_view(proba), model.classes(), weight));
    }
    return out;
}
template <class Model, class X, backend B>
[[nodiscard]] std::vector<double> judged_rows_of(Model const& model, X x, values_view y,
                                                 values_view weight,
                                                 std::span<regression_metric const> by,
                                                 B const& backend) {
    auto const predicted = predict_with(model, x, backend);
    std::vector<double> out;
    for (auto const& m : by) out.push_back(m(y, predicted, weight));
    return out;
}

/// What the metrics say of the model's predictions of rows `rows` of x.
template <class Model, class X, class Y, class Metric, backend B>
[[nodiscard]] std::vector<double> judged(Model const& model, X x, Y y,
                                         std::span<std::size_t const> rows, values_view weight,
                                         std::vector<Metric> const& by, B const& backend) {
    auto const own_y = take(y, rows);
    auto const own_weight = weight.empty() ? column<double>{} : take(weight, rows);
    return with_rows(x, rows, [&](auto own_x) {
        return judged_rows_of(model, own_x, Y(own_y), values_view(own_weight),
                              std::span<Metric const>(by), backend);
    });
}

}  // namespace copse::detail
