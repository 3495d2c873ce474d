// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Fits that share x: each learns from some of its rows, and its bins are made once for all.
///
///     shared_bins bins(x);
///     bins.add({.layout = cell_layout::columns}, backend);      // before the fits
///     trainer.fit(x, y, {.rows = fold.train, .bins = &bins});   // as many as wanted, concurrently
///
/// No fit copies x or its bins. Cross-validation and search use it by themselves.

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/data/binned_matrix.hpp>
#include <copse/par/backend.hpp>
#include <copse/tree/feature_rows.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

/// Bins of one x, in as many ways as trainers want them. Adding is not for concurrent use; fits
/// only read. A fit that wants bins that are not there makes its own.
///
/// Cuts are quantiles of all rows of x, those that a fit does not learn from included; y is not
/// looked at.
class shared_bins {
public:
    explicit shared_bins(features_view x) : x_(x) {}

    /// Makes these bins unless they are there. Throws and costs as bin_features; bins by columns
    /// alone are boosting's, and it is given them by rows too.
    template <backend B>
    void add(binning_options const& how, B const& backend,
             std::string_view who = "shared_bins::add") {
        if (find(how) != nullptr) return;
        auto made = std::make_unique<entry>();
        made->how = how;
        backend.enter([&] {
            auto const inside = backend.inherited();
            made->bins = bin_features(inside, x_, how, who);
            if (how.layout == cell_layout::columns)
                made->rows = std::make_unique<detail::feature_rows>(made->bins, inside);
        });
        made_.push_back(std::move(made));
    }

    [[nodiscard]] std::size_t rows() const { return x_.rows(); }
    [[nodiscard]] std::size_t cols() const { return x_.cols(); }
    [[nodiscard]] std::size_t size() const noexcept { return made_.size(); }

    struct entry {
        binning_options how;
        binned_matrix bins;
        std::unique_ptr<detail::feature_rows const> rows;  ///< or null
    };
    /// Null if they are not there.
    [[nodiscard]] entry const* find(binning_options const& how) const noexcept {
        for (auto const& one : made_) {
            if (one->how == how) return one.get();
        }
        return nullptr;
    }

private:
    features_view x_;
    std::vector<std::unique_ptr<entry>> made_;
};

namespace detail {

/// The bins of one fit: shared ones, or made for it.
class bins_of_fit {
public:
    template <backend B>
    bins_of_fit(B const& backend, features_view x, binning_options const& how,
                shared_bins const* shared, std::string_view who)
        : found_(shared != nullptr ? shared->find(how) : nullptr) {
        if (found_ == nullptr) own_ = bin_features(backend, x, how, who);
    }
    bins_of_fit(bins_of_fit const&) = delete;
    bins_of_fit& operator=(bins_of_fit const&) = delete;

    [[nodiscard]] binned_matrix const& bins() const noexcept {
        return found_ != nullptr ? found_->bins : own_;
    }
    /// Null if nobody has made them.
    [[nodiscard]] feature_rows const* rows() const noexcept {
        return found_ != nullptr ? found_->rows.get() : nullptr;
    }

private:
    shared_bins::entry const* found_;
    binned_matrix own_;
};

/// The rows that a fit learns from: those listed, or all if none are. Row i of the fit is row
/// (*this)[i] of x.
class training_rows {
public:
    training_rows() = default;
    training_rows(std::span<std::size_t const> listed, std::size_t n_rows)
        : listed_(listed), size_(listed.empty() ? n_rows : listed.size()) {}

    [[nodiscard]] bool are_all() const noexcept { return listed_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::uint32_t operator[](std::size_t i) const noexcept {
        return static_cast<std::uint32_t>(are_all() ? i : listed_[i]);
    }
    /// For each of n rows of x its number among these; that of a row not among them means nothing.
    /// Empty if all are.
    [[nodiscard]] std::vector<std::uint32_t> positions(std::size_t n) const {
        std::vector<std::uint32_t> out(are_all() ? 0 : n);
        for (std::size_t i = 0; i < listed_.size(); ++i)
            out[listed_[i]] = static_cast<std::uint32_t>(i);
        return out;
    }

    /// encode() of the labels of these rows: classes that only others have are not there.
    [[nodiscard]] encoded_labels encoded(labels_view y) const {
        auto all = encode(y);
        if (are_all()) return all;
        constexpr auto absent = std::numeric_limits<std::uint32_t>::max();
        std::vector<std::uint32_t> code(all.classes.size(), absent);
        for (auto const row : listed_) code[all.codes[row]] = 0;
        std::vector<std::size_t> kept;
        for (std::size_t k = 0; k < code.size(); ++k) {
            if (code[k] == absent) continue;
            code[k] = static_cast<std::uint32_t>(kept.size());
            kept.push_back(k);
        }
        encoded_labels out{all.classes.at_codes(kept), {}};
        out.codes.reserve(size());
        for (auto const row : listed_) out.codes.push_back(code[all.codes[row]]);
        return out;
    }
    /// The values of these rows; none if there are none.
    [[nodiscard]] std::vector<double> values(values_view of_all) const {
        std::vector<double> out(of_all.empty() ? 0 : size());
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = of_all[(*this)[i]];
        return out;
    }

private:
    std::span<std::size_t const> listed_{};
    std::size_t size_ = 0;
};

/// Throws invalid_input unless the rows are some of x's, increasing, and the bins are x's.
template <class Options>
[[nodiscard]] training_rows checked_rows(std::string_view who, features_view x,
                                         Options const& options) {
    auto const& rows = options.rows;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i] >= x.rows()) {
            throw invalid_input(
                sentence(who, ": rows names row ", rows[i], " but x has ", x.rows(), " rows"));
        }
        if (i > 0 && rows[i] <= rows[i - 1]) {
            throw invalid_input(sentence(who, ": rows has ", rows[i - 1], " before ", rows[i],
                                         "; they must increase"));
        }
    }
    auto const* const bins = options.bins;
    if (bins != nullptr && (bins->rows() != x.rows() || bins->cols() != x.cols())) {
        throw invalid_input(sentence(who, ": bins are of ", bins->rows(), " x ", bins->cols(),
                                     " cells but x is ", x.rows(), " x ", x.cols()));
    }
    return {rows, x.rows()};
}

}  // namespace detail
}  // namespace copse
