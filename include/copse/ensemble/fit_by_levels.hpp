// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What boosting trainers do with the handle of a device: check, bin x on the CPU, upload, and have
/// boost_by_levels grow the rounds there.

#include <copse/core/class_weights.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/data/binned_matrix.hpp>
#include <copse/ensemble/boost_by_levels.hpp>
#include <copse/ensemble/boosted_classifier.hpp>
#include <copse/ensemble/boosted_regressor.hpp>
#include <copse/ensemble/boosting_objective.hpp>
#include <copse/ensemble/boosting_plan.hpp>
#include <copse/loss/log_loss.hpp>
#include <copse/loss/loss.hpp>
#include <copse/par/kernel_stream.hpp>
#include <copse/par/tbb.hpp>

#include <cstddef>
#include <string_view>
#include <utility>

namespace copse::detail {

/// Throws invalid_input if the plan is none for a device, before x is binned.
inline void check_for_device(boosting_plan const& plan, features_view x, std::size_t n_targets,
                             std::string_view targets) {
    check_boosting(plan, x, n_targets, targets, {});
    auto const reason = why_not_boosted_by_levels(plan);
    if (!reason.empty()) throw invalid_input(sentence(plan.who, ": on a device, ", reason));
}

template <pointwise_loss Loss, kernel_stream S>
void fit_by_levels(boosting_plan const& plan, Loss const& loss, features_view x,
                   boosting_targets const& targets, S const& stream, boosted_parts& parts) {
    auto const bins =
        tbb{}.enter([&] { return bin_features(tbb{}.inherited(), x, plan.binning, plan.who); });
    boost_by_levels(plan, bins, loss, targets, stream, parts);
}

template <pointwise_loss Loss, stream_handle D>
[[nodiscard]] boosted_regressor fit_regressor_by_levels(boosting_plan const& plan, Loss const& loss,
                                                        features_view x, values_view y,
                                                        D const& device) {
    check_for_device(plan, x, y.size(), "values");
    check_loss(plan.who, loss);
    auto const targets = numeric_targets(plan.who, loss, y);
    if constexpr (renews_leaves<Loss>) {
        throw invalid_input(sentence(plan.who,
                                     ": on a device, leaves are Newton steps, not quantiles; use "
                                     "squared_error_loss or huber_loss there"));
    } else {
        boosted_regressor_parts parts;
        parts.link = link_of<Loss>;
        fit_by_levels(plan, loss, x, targets, device.open_stream(), parts);
        return boosted_regressor(std::move(parts));
    }
}

template <stream_handle D>
[[nodiscard]] boosted_classifier fit_classifier_by_levels(boosting_plan const& plan,
                                                          class_weights const& class_weight,
                                                          features_view x, labels_view y,
                                                          D const& device) {
    check_for_device(plan, x, y.size(), "labels");
    if (class_weight.kind() != class_weights::rule::none) {
        throw invalid_input(sentence(plan.who, ": on a device, class_weight must not be set"));
    }
    auto encoded = encode(y);
    if (encoded.classes.size() > 2) {
        throw invalid_input(sentence(plan.who, ": on a device, y has ", encoded.classes.size(),
                                     " classes; it may have 2"));
    }
    boosting_targets targets;
    targets.y.assign(encoded.codes.begin(), encoded.codes.end());
    boosted_classifier_parts parts;
    parts.classes = std::move(encoded.classes);
    fit_by_levels(plan, log_loss{}, x, targets, device.open_stream(), parts);
    return boosted_classifier(std::move(parts));
}

}  // namespace copse::detail
