// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A loss together with the training set's targets: what a round of boosting asks for. Calls are
/// for blocks of rows, so that they may be virtual at no cost and the rest of boosting is compiled
/// once, not once per loss.

#include <copse/core/math.hpp>
#include <copse/core/view.hpp>
#include <copse/loss/loss.hpp>
#include <copse/loss/softmax.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace copse::detail {

/// Targets of some rows, in the form their loss needs.
struct boosting_targets {
    std::vector<double> y{};             ///< numbers; 0 and 1 for two classes
    std::vector<std::uint32_t> codes{};  ///< of more than two classes
    std::vector<double> weight{};        ///< of the rows; empty means ones
    /// The first row of each query, and the number of rows; only rankers have queries.
    std::vector<std::size_t> query_starts{};

    [[nodiscard]] std::size_t size() const noexcept {
        return codes.empty() ? y.size() : codes.size();
    }
    [[nodiscard]] double weight_of(std::size_t i) const noexcept {
        return weight.empty() ? 1.0 : weight[i];
    }
};

/// Raw scores are stored output by output: that of row i and output k is raw[k * n + i].
class boosting_objective {
public:
    boosting_objective() = default;
    boosting_objective(boosting_objective const&) = delete;
    boosting_objective& operator=(boosting_objective const&) = delete;
    virtual ~boosting_objective() = default;

    /// Trees per round.
    [[nodiscard]] virtual std::size_t n_outputs() const noexcept { return 1; }
    /// Every row's Hessian is 1, its weight included.
    [[nodiscard]] virtual bool unit_hessian() const noexcept { return false; }
    [[nodiscard]] virtual std::vector<double> initial_raw() const = 0;
    /// About how far raw scores are from 0.
    [[nodiscard]] virtual double greatest_raw() const { return 1; }
    [[nodiscard]] virtual boosting_targets const& targets() const noexcept = 0;
    /// Leaves are this quantile of their residuals, not Newton steps.
    [[nodiscard]] virtual std::optional<double> leaf_quantile() const { return {}; }

    /// Before derivatives are asked for: for all units, which are rows, or for queries their first
    /// rows, in blocks, concurrently.
    [[nodiscard]] virtual std::size_t n_units() const noexcept { return 0; }
    virtual void begin_round(view<double const> /*raw*/, std::size_t /*first*/,
                             std::size_t /*last*/) {}
    /// g[i - first] and h[i - first] are row i's, weighted, with respect to output k.
    virtual void at(std::size_t k, view<double const> raw, std::size_t first, std::size_t last,
                    double* g, double* h) const = 0;

    /// The weighted sum of the losses of rows [first, last) of any targets, or of the queries that
    /// begin there.
    [[nodiscard]] virtual double loss_of(boosting_targets const& targets, view<double const> raw,
                                         std::size_t first, std::size_t last) const = 0;
    /// Of all that loss_of sums.
    [[nodiscard]] virtual double total_weight(boosting_targets const& targets) const {
        double sum = 0;
        for (std::size_t i = 0; i < targets.size(); ++i) sum += targets.weight_of(i);
        return sum;
    }
};

template <pointwise_loss Loss>
class pointwise_objective final : public boosting_objective {
public:
    pointwise_objective(Loss loss, boosting_targets const& targets)
        : loss_(std::move(loss)), targets_(targets) {}

    [[nodiscard]] bool unit_hessian() const noexcept override {
        return has_unit_hessian<Loss> && targets_.weight.empty();
    }
    [[nodiscard]] boosting_targets const& targets() const noexcept override { return targets_; }
    [[nodiscard]] std::vector<double> initial_raw() const override {
        return {initial_raw_of(loss_, view<double const>(targets_.y.data(), targets_.y.size()),
                               view<double const>(targets_.weight.data(), targets_.weight.size()))};
    }
    [[nodiscard]] double greatest_raw() const override {
        double greatest = 0;
        for (auto const y : targets_.y) greatest = std::max(greatest, std::fabs(y));
        return link_of<Loss> == link_function::identity && greatest > 0 ? greatest : 1;
    }
    [[nodiscard]] std::optional<double> leaf_quantile() const override {
        if constexpr (renews_leaves<Loss>) {
            return loss_.leaf_quantile();
        } else {
            return {};
        }
    }
    void at(std::size_t, view<double const> raw, std::size_t first, std::size_t last, double* g,
            double* h) const override {
        auto const* const y = targets_.y.data() + first;
        auto const* const at = raw.data() + first;
        auto const loss = loss_;
        for (std::size_t i = 0; i < last - first; ++i) {
            auto const d = loss.at(y[i], at[i]);
            g[i] = d.gradient;
            h[i] = d.hessian;
        }
        if (targets_.weight.empty()) return;
        auto const* const weight = targets_.weight.data() + first;
        for (std::size_t i = 0; i < last - first; ++i) {
            g[i] *= weight[i];
            h[i] *= weight[i];
        }
    }
    [[nodiscard]] double loss_of(boosting_targets const& targets, view<double const> raw,
                                 std::size_t first, std::size_t last) const override {
        double sum = 0;
        for (auto i = first; i < last; ++i) {
            sum += exact_product(targets.weight_of(i), loss_.value(targets.y[i], raw[i]));
        }
        return sum;
    }

private:
    Loss loss_;
    boosting_targets const& targets_;
};

/// More than two classes. The probabilities of a round are kept, since its trees share them.
class softmax_objective final : public boosting_objective {
public:
    softmax_objective(std::size_t n_classes, boosting_targets const& targets)
        : n_classes_(n_classes), targets_(targets), share_(n_classes * targets.size()) {}

    [[nodiscard]] std::size_t n_outputs() const noexcept override { return n_classes_; }
    [[nodiscard]] boosting_targets const& targets() const noexcept override { return targets_; }
    [[nodiscard]] std::vector<double> initial_raw() const override {
        return loss_.initial_raw(
            view<std::uint32_t const>(targets_.codes.data(), targets_.codes.size()), n_classes_,
            view<double const>(targets_.weight.data(), targets_.weight.size()));
    }
    [[nodiscard]] std::size_t n_units() const noexcept override { return targets_.size(); }
    void begin_round(view<double const> raw, std::size_t first, std::size_t last) override {
        // softmax_loss::response with the loop over rows inside, so that it is vectorised.
        auto const n = targets_.size();
        auto const count = last - first;
        std::vector<double> top(count, -std::numeric_limits<double>::infinity());
        std::vector<double> total(count);
        std::vector<double> shares(count * n_classes_);
        for (std::size_t k = 0; k < n_classes_; ++k) {
            auto const* const of = raw.data() + k * n + first;
            for (std::size_t i = 0; i < count; ++i) top[i] = top[i] < of[i] ? of[i] : top[i];
        }
        for (std::size_t k = 0; k < n_classes_; ++k) {
            auto const* const of = raw.data() + k * n + first;
            auto* const share = shares.data() + k * count;
            for (std::size_t i = 0; i < count; ++i) share[i] = exp_of(of[i] - top[i]);
            for (std::size_t i = 0; i < count; ++i) total[i] += share[i];
        }
        for (std::size_t k = 0; k < n_classes_; ++k) {
            auto const* const share = shares.data() + k * count;
            auto* const to = share_.data() + k * n + first;
            for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<float>(share[i] / total[i]);
        }
    }
    void at(std::size_t k, view<double const>, std::size_t first, std::size_t last, double* g,
            double* h) const override {
        auto const* const share = share_.data() + k * targets_.size();
        auto const factor = static_cast<double>(n_classes_) / static_cast<double>(n_classes_ - 1);
        for (auto i = first; i < last; ++i) {
            auto const p = static_cast<double>(share[i]);
            auto const w = targets_.weight_of(i);
            g[i - first] = w * (targets_.codes[i] == k ? p - 1 : p);
            h[i - first] = w * factor * p * (1 - p);
        }
    }
    [[nodiscard]] double loss_of(boosting_targets const& targets, view<double const> raw,
                                 std::size_t first, std::size_t last) const override {
        auto const n = targets.size();
        std::vector<double> row(n_classes_);
        double sum = 0;
        for (auto i = first; i < last; ++i) {
            for (std::size_t k = 0; k < n_classes_; ++k) row[k] = raw[k * n + i];
            sum += exact_product(
                targets.weight_of(i),
                loss_.value(targets.codes[i], view<double const>(row.data(), row.size())));
        }
        return sum;
    }

private:
    softmax_loss loss_{};
    std::size_t n_classes_;
    boosting_targets const& targets_;
    std::vector<float> share_;
};

}  // namespace copse::detail
