// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Who watches a forest grow. Trees are done in any order, but are told of in the order of their
/// numbers, and judged together with those before them, so that what is seen does not depend on
/// threads. Whoever finishes the tree that is waited for tells of it, and of those that are done
/// after it; nobody waits for that.

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/core/progress.hpp>
#include <copse/ensemble/forest_classifier.hpp>
#include <copse/ensemble/leaf_blocks.hpp>
#include <copse/ensemble/validation_set.hpp>
#include <copse/par/backend.hpp>
#include <copse/tree/tree.hpp>

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace copse::detail {

/// What the first trees of a forest say of the rows of a validation set, as its predict_proba or
/// predict would.
class class_opinion {
public:
    class_opinion(validation_set<labels_view> const& set, labels const& classes)
        : set_(&set), classes_(&classes), votes_(set.x.rows(), classes.size()) {}

    template <backend B>
    void add(tree const& t, B const& backend) {
        ++n_trees_;
        for_each_block_of_leaves({&t, 1}, set_->x, backend,
                                 [&](std::size_t first, std::size_t count, auto& leaves) {
                                     auto const& at = leaves(0);
                                     for (std::size_t i = 0; i < count; ++i)
                                         add_votes(t, at[i], votes_.row(first + i));
                                 });
    }
    void judge(std::vector<classification_metric> const& by, std::vector<double>& scores) const {
        matrix<float> proba(votes_.rows(), votes_.cols());
        std::transform(
            votes_.data(), votes_.data() + votes_.rows() * votes_.cols(), proba.data(),
            [&](double sum) { return static_cast<float>(sum / static_cast<double>(n_trees_)); });
        for (auto const& metric : by)
            scores.push_back(metric(set_->y, features_view(proba), *classes_, set_->sample_weight));
    }

private:
    validation_set<labels_view> const* set_;
    labels const* classes_;
    matrix<double> votes_;
    std::size_t n_trees_ = 0;
};

class value_opinion {
public:
    explicit value_opinion(validation_set<values_view> const& set)
        : set_(&set), sum_(set.x.rows()) {}

    template <backend B>
    void add(tree const& t, B const& backend) {
        ++n_trees_;
        for_each_block_of_leaves({&t, 1}, set_->x, backend,
                                 [&](std::size_t first, std::size_t count, auto& leaves) {
                                     auto const& at = leaves(0);
                                     for (std::size_t i = 0; i < count; ++i)
                                         sum_[first + i] += t.nodes()[at[i]].value();
                                 });
    }
    void judge(std::vector<regression_metric> const& by, std::vector<double>& scores) const {
        auto mean = sum_;
        for (auto& value : mean) value /= static_cast<double>(n_trees_);
        for (auto const& metric : by) scores.push_back(metric(set_->y, mean, set_->sample_weight));
    }

private:
    validation_set<values_view> const* set_;
    column<double> sum_;
    std::size_t n_trees_ = 0;
};

/// Options is forest_fit_options, Opinion what is thought of one of its validation sets.
template <class Options, class Opinion, backend B>
class forest_watch {
public:
    /// `grown` are the trees of a warm start; n_trees counts them.
    forest_watch(Options const& options, std::vector<Opinion> opinions, std::span<tree const> grown,
                 std::size_t n_trees, B const& backend)
        : options_(options),
          opinions_(std::move(opinions)),
          backend_(backend),
          next_(grown.size()),
          done_(n_trees) {
        if (!options_.on_iteration) return;
        for (auto& opinion : opinions_) {
            for (auto const& t : grown) opinion.add(t, backend_);
        }
    }

    /// Tree number t is done, and stays where it is.
    void done(std::size_t t, tree const& grown) {
        if (!options_.on_iteration) return;
        std::unique_lock lock(guard_);
        done_[t] = &grown;
        if (telling_) return;  // who does will come to it
        telling_ = true;
        while (next_ < done_.size() && done_[next_] != nullptr && !options_.stop.stop_requested()) {
            auto const& now = *done_[next_++];
            lock.unlock();
            tell(now);  // if it throws, nobody tells any more
            lock.lock();
        }
        telling_ = false;
    }

private:
    /// Of the first next_ trees, of which this is the last.
    void tell(tree const& latest) {
        std::vector<double> scores;
        for (auto& opinion : opinions_) {
            opinion.add(latest, backend_);
            opinion.judge(options_.metrics, scores);
        }
        progress now{next_, done_.size()};
        now.validation_scores = scores;
        options_.on_iteration(now);
    }

    Options const& options_;
    std::vector<Opinion> opinions_;
    B backend_;
    std::mutex guard_{};
    std::size_t next_;  ///< changed by who tells alone
    std::vector<tree const*> done_;
    bool telling_ = false;
};

}  // namespace copse::detail
