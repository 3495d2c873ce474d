// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Models that can be trained on, as sections of a model file: a linear model's, and
///
///     descent             of each score: the weights as they are now, the rows and epochs seen,
///                         and the sums that the model is the mean of
///     descent 2           instead of it, where there is more that a reader of the first must not
///                         overlook: the same, what |w|_1 has cost, and the squares of slopes
///
///     copse::save(model, "model.copse");
///     auto again = copse::load<copse::online_classifier>("model.copse");
///     again = trainer.partial_fit(again, x, y);        // as if nothing had been in between

#include <copse/io/linear_format.hpp>
#include <copse/io/save_load.hpp>
#include <copse/linear/sgd.hpp>
#include <copse/linear/sgd_classifier.hpp>
#include <copse/linear/sgd_regressor.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::detail {

inline constexpr std::string_view descent_section = "descent";
inline constexpr std::string_view rich_descent_section = "descent 2";

/// Whether there is more than the first section holds.
[[nodiscard]] inline bool is_rich(sgd_state const& state) {
    return state.l1_due != 0 || !state.l1_paid.empty() || state.b_square != 0 ||
           !state.squares.empty();
}

inline void write_state(byte_writer& to, sgd_state const& state) {
    to.numbers(view<double const>(state.w));
    to.number(state.b);
    to.size(state.n_rows);
    to.size(state.n_epochs);
    to.numbers(view<double const>(state.w_sum));
    to.number(state.b_sum);
    to.size(state.n_summed);
}
inline void write_sums(byte_writer& to, sgd_state const& state) {
    to.number(state.l1_due);
    to.numbers(view<double const>(state.l1_paid));
    to.numbers(view<double const>(state.squares));
    to.number(state.b_square);
}

inline void write_states(model_writer& out, std::span<sgd_state const> states) {
    bool const rich = std::ranges::any_of(states, is_rich);
    out.section(rich ? rich_descent_section : descent_section, [&](byte_writer& to) {
        for (auto const& state : states) {
            write_state(to, state);
            if (rich) write_sums(to, state);
        }
    });
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
inline void read_sums(byte_reader& in, std::size_t n_features, sgd_state& state) {
    state.l1_due = in.number<double>();
    state.l1_paid = in.numbers<double>();
    state.squares = in.numbers<double>();
    state.b_square = in.number<double>();
    for (auto const* const of : {&state.l1_paid, &state.squares}) {
        if (!of->empty() && of->size() != n_features) {
            in.fail("has ", of->size(), of == &state.squares ? " squares" : " penalties", " for ",
                    n_features, " features");
        }
    }
}

[[nodiscard]] inline std::vector<sgd_state> read_states(model_reader const& file,
                                                        std::size_t n_states,
                                                        std::size_t n_features) {
    bool const rich = file.has(rich_descent_section);
    return file.section(rich ? rich_descent_section : descent_section, [&](byte_reader& in) {
        std::vector<sgd_state> out;
        for (std::size_t k = 0; k < n_states; ++k) {
            out.push_back(read_state(in, n_features));
            if (rich) read_sums(in, n_features, out.back());
        }
        return out;
    });
}

template <>
struct model_format<online_classifier> {
    static constexpr std::string_view kind = "online_classifier";

    static void write(model_writer& out, online_classifier const& model) {
        write_linear(out, model.parts());
        write_states(out, model.states());
    }
    [[nodiscard]] static online_classifier read(model_reader const& file) {
        auto parts = read_linear(file);
        auto states = read_states(file, parts.coef.rows(), parts.coef.cols());
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
        write_states(out, {&model.state(), 1});
    }
    [[nodiscard]] static online_regressor read(model_reader const& file) {
        std::size_t n_features = 0;
        auto const report = file.section("solver", [&](byte_reader& in) {
            n_features = in.size();
            return read_report(in);
        });
        return {std::move(read_states(file, 1, n_features)[0]), report};
    }
};

}  // namespace copse::detail
