// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Models that can be trained on, as sections of a model file: a linear model's, and
///
///     descent             of each score: the weights as they are now, the rows and epochs seen,
///                         and the sums that the model is the mean of
///
///     copse::save(model, "model.copse");
///     auto again = copse::load<copse::online_classifier>("model.copse");
///     again = trainer.partial_fit(again, x, y);        // as if nothing had been in between

#include <copse/io/linear_format.hpp>
#include <copse/io/save_load.hpp>
#include <copse/linear/sgd.hpp>
#include <copse/linear/sgd_classifier.hpp>
#include <copse/linear/sgd_regressor.hpp>

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::detail {

inline void write_state(byte_writer& to, sgd_state const& state) {
    to.numbers(view<double const>(state.w));
    to.number(state.b);
    to.size(state.n_rows);
    to.size(state.n_epochs);
    to.numbers(view<double const>(state.w_sum));
    to.number(state.b_sum);
    to.size(state.n_summed);
}

/// The state of a model of so many features.
[[nodiscard]] inline sgd_state read_state(byte_reader& in, std::size_t n_features) {
    sgd_state state;
    state.w = in.numbers<double>();
    state.b = in.number<double>();
    state.n_rows = in.size();
    state.n_epochs = in.size();
    state.w_sum = in.numbers<double>();
    state.b_sum = in.number<double>();
    state.n_summed = in.size();
    auto const n_sums = state.w_sum.size();
    bool const sums_fit = n_sums == n_features || (n_sums == 0 && state.n_summed == 0);
    if (state.w.size() != n_features || !sums_fit) {
        in.fail("has ", state.w.size(), " weights and ", n_sums, " sums of ", state.n_summed,
                " rows for ", n_features, " features");
    }
    return state;
}

template <>
struct model_format<online_classifier> {
    static constexpr std::string_view kind = "online_classifier";

    static void write(model_writer& out, online_classifier const& model) {
        write_linear(out, model.parts());
        out.section("descent", [&](byte_writer& to) {
            for (auto const& state : model.states()) write_state(to, state);
        });
    }
    [[nodiscard]] static online_classifier read(model_reader const& file) {
        auto parts = read_linear(file);
        auto states = file.section("descent", [&](byte_reader& in) {
            std::vector<sgd_state> out;
            for (std::size_t k = 0; k < parts.coef.rows(); ++k)
                out.push_back(read_state(in, parts.coef.cols()));
            return out;
        });
        return {std::move(parts), std::move(states)};
    }
};

template <>
struct model_format<online_regressor> {
    static constexpr std::string_view kind = "online_regressor";

    static void write(model_writer& out, online_regressor const& model) {
        out.section("solver", [&](byte_writer& to) {
            to.size(model.n_features());
            write_report(to, model.report());
        });
        out.section("descent", [&](byte_writer& to) { write_state(to, model.state()); });
    }
    [[nodiscard]] static online_regressor read(model_reader const& file) {
        std::size_t n_features = 0;
        auto const report = file.section("solver", [&](byte_reader& in) {
            n_features = in.size();
            return read_report(in);
        });
        return {
            file.section("descent", [&](byte_reader& in) { return read_state(in, n_features); }),
            report};
    }
};

}  // namespace copse::detail
