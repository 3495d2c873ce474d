// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Which trainers a search looks at: fields of one trainer and what they may be.
///
///     using gbc = gradient_boosting_classifier;
///     auto const of_two = space(vary(&gbc::learning_rate, loguniform(0.01, 0.3)),
///                               vary(&gbc::max_leaf_nodes, choice(15, 31, 63)));
///     vary(&gbc::sampling, &boosting_sampling::subsample, uniform(0.5, 1))     // a field's field
///     vary("depth", &gbc::max_depth, randint(2, 9))                            // by another name
///     vary(&encoding_classifier<logistic_regression>::trainer,                 // a trainer's
///          &logistic_regression::C, loguniform(0.01, 10))                      // trainer
///     vary(&stacking_classifier::members, element(0), as<linear_svc>,          // one of several,
///     of
///          &linear_svc::C, loguniform(0.01, 10))                               // any type
///     one_of(space(vary(&svc::loss, choice(svm_loss::hinge))),                 // branches: only
///            space(vary(&svc::loss, choice(svm_loss::squared_hinge)),          // the chosen one's
///                  vary(&svc::tolerance, loguniform(1e-5, 1e-2))))             // fields are set

#include <copse/core/errors.hpp>
#include <copse/model_selection/distribution.hpp>
#include <copse/model_selection/field_name.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace copse {

/// What a parameter is in one run.
struct named_value {
    std::string name;
    std::variant<std::int64_t, double, std::string> value;

    /// As it is written: `31`, `0.05`, `gini`.
    [[nodiscard]] std::string to_string() const {
        return std::visit(
            [](auto const& v) {
                if constexpr (std::same_as<std::remove_cvref_t<decltype(v)>, std::string>) {
                    return v;
                } else {
                    return detail::sentence(v);
                }
            },
            value);
    }
    bool operator==(named_value const&) const = default;
};

namespace detail {

/// One coordinate of a space: a number by its distribution, or one of n options.
struct dimension {
    std::string name;
    std::optional<distribution> numbers;  ///< or options
    std::size_t n_options = 0;
    /// It counts only where coordinate `of` is option `is`.
    struct condition {
        std::size_t of;
        std::size_t is;
    };
    std::optional<condition> only_if{};

    [[nodiscard]] bool is_choice() const noexcept { return !numbers; }
    /// The value, or the number of an option, at u of [0, 1).
    [[nodiscard]] double at(double u) const {
        if (numbers) return numbers->at(u);
        auto const n = static_cast<double>(n_options);
        return std::min(std::floor(u * n), n - 1);
    }
    [[nodiscard]] double share_below(double value) const {
        if (numbers) return numbers->share_below(value);
        return (value + 0.5) / static_cast<double>(n_options);
    }
};

/// A value, or the number of an option, for each dimension; NaN where it does not count.
using point = std::vector<double>;

/// A dimension of a trainer.
template <class Trainer>
struct field_dimension : dimension {
    std::function<void(Trainer&, double)> set;
    /// What the trainer has now, if it is one of the options.
    std::function<std::optional<double>(Trainer const&)> get;
    std::function<std::variant<std::int64_t, double, std::string>(double)> shown;
};

}  // namespace detail

/// One or several dimensions: what vary() and one_of() return.
template <class Trainer>
struct parameter {
    std::vector<detail::field_dimension<Trainer>> dimensions{};
};

/// The trainers that differ from one in some fields.
template <class Trainer>
class search_space {
public:
    search_space() = default;
    explicit search_space(std::vector<parameter<Trainer>> parameters);

    [[nodiscard]] std::size_t size() const noexcept { return dimensions_.size(); }
    [[nodiscard]] std::vector<detail::field_dimension<Trainer>> const& dimensions() const noexcept {
        return dimensions_;
    }
    /// Whether dimension d counts at this point; those it depends on are set.
    [[nodiscard]] bool counts(std::size_t d, detail::point const& at) const {
        auto const& only_if = dimensions_[d].only_if;
        return !only_if || at[only_if->of] == static_cast<double>(only_if->is);
    }
    /// The point at coordinates u(d) of [0, 1).
    template <class U>
    [[nodiscard]] detail::point point_at(U const& u) const {
        detail::point out(size(), std::numeric_limits<double>::quiet_NaN());
        for (std::size_t d = 0; d < size(); ++d) {
            if (counts(d, out)) out[d] = dimensions_[d].at(u(d));
        }
        return out;
    }
    /// The trainer at a point: `base` but for the fields that count.
    [[nodiscard]] Trainer at(Trainer base, detail::point const& point) const {
        for (std::size_t d = 0; d < size(); ++d) {
            if (!std::isnan(point[d])) dimensions_[d].set(base, point[d]);
        }
        return base;
    }
    /// Where a trainer is; NaN also where it has none of the options.
    [[nodiscard]] detail::point point_of(Trainer const& trainer) const {
        detail::point out(size(), std::numeric_limits<double>::quiet_NaN());
        for (std::size_t d = 0; d < size(); ++d) {
            if (!counts(d, out)) continue;
            if (auto const value = dimensions_[d].get(trainer)) out[d] = *value;
        }
        return out;
    }
    [[nodiscard]] std::vector<named_value> named(detail::point const& point) const {
        std::vector<named_value> out;
        for (std::size_t d = 0; d < size(); ++d) {
            if (!std::isnan(point[d]))
                out.push_back({dimensions_[d].name, dimensions_[d].shown(point[d])});
        }
        return out;
    }

private:
    std::vector<detail::field_dimension<Trainer>> dimensions_;
};

namespace detail {

struct element_step {
    std::size_t index;
};
template <class T>
struct as_step {
    using type = T;
};

}  // namespace detail

/// Steps of a path that are no fields: into a list of trainers, and into a trainer of any type,
/// which must be a T.
[[nodiscard]] constexpr detail::element_step element(std::size_t index) { return {index}; }
template <class T>
inline constexpr detail::as_step<T> as{};

/// A space of these parameters. Names must differ. search_space<Trainer>() is the trainer
/// alone.
template <class Trainer, class... More>
[[nodiscard]] search_space<Trainer> space(parameter<Trainer> first, More... more) {
    return search_space<Trainer>({std::move(first), std::move(more)...});
}

/// A field, or a field's field..., and what it may be: the last argument, a distribution or choice.
/// Its name is the field's, `sampling.subsample` or `members.0.C` for instance.
template <class Trainer, class Field, class... Rest>
[[nodiscard]] parameter<Trainer> vary(Field Trainer::*field, Rest const&... rest);
template <class Trainer, class Field, class... Rest>
[[nodiscard]] parameter<Trainer> vary(std::string name, Field Trainer::*field, Rest const&... rest);

/// One of these spaces: a choice named `branch` or as said, 0, 1, ..., on which the others depend.
template <class Trainer, class... More>
[[nodiscard]] parameter<Trainer> one_of(search_space<Trainer> first, More... more);
template <class Trainer, class... More>
[[nodiscard]] parameter<Trainer> one_of(std::string name, search_space<Trainer> first,
                                        More... more);
template <class Trainer>
[[nodiscard]] parameter<Trainer> one_of(std::string name,
                                        std::vector<search_space<Trainer>> const& branches);

// ------------------------------------------------------------------ implementation below

namespace detail {

/// What is at the end of a path from a T.
template <class T, class... Path>
struct end_of_path {
    using type = T;
};
template <class T, class C, class Field, class... Rest>
struct end_of_path<T, Field C::*, Rest...> : end_of_path<Field, Rest...> {};
template <class T, class... Rest>
struct end_of_path<T, element_step, Rest...> : end_of_path<typename T::value_type, Rest...> {};
template <class T, class U, class... Rest>
struct end_of_path<T, as_step<U>, Rest...> : end_of_path<U, Rest...> {};

/// Null if the path ends before: an element that is not there, a trainer of another type.
template <class T>
[[nodiscard]] T const* field_of(T const& object) {
    return &object;
}
template <class T, class Step, class... Rest>
[[nodiscard]] auto field_of(T const& object, Step step, Rest... rest) ->
    typename end_of_path<T, Step, Rest...>::type const* {
    if constexpr (std::same_as<Step, element_step>) {
        return step.index < object.size() ? field_of(object[step.index], rest...) : nullptr;
    } else if constexpr (std::is_member_object_pointer_v<Step>) {
        return field_of(object.*step, rest...);
    } else {
        auto const* const typed = object.template get_if<typename Step::type>();
        return typed != nullptr ? field_of(*typed, rest...) : nullptr;
    }
}

/// Sets it. Throws invalid_input where field_of would be null.
template <class T, class Value>
void set_field(T& object, Value const& value) {
    object = value;
}
template <class T, class Value, class Step, class... Rest>
void set_field(T& object, Value const& value, Step step, Rest... rest) {
    if constexpr (std::same_as<Step, element_step>) {
        if (step.index >= object.size()) {
            throw invalid_input(
                sentence("vary: there is no element ", step.index, " among ", object.size()));
        }
        set_field(object[step.index], value, rest...);
    } else if constexpr (std::is_member_object_pointer_v<Step>) {
        set_field(object.*step, value, rest...);
    } else {
        auto const* const typed = object.template get_if<typename Step::type>();
        if (typed == nullptr) {
            throw invalid_input("vary: a trainer is of another type than the space says by as<>");
        }
        auto changed = *typed;
        set_field(changed, value, rest...);
        object = T(std::move(changed));
    }
}

[[nodiscard]] inline std::string step_name(element_step step) { return sentence(step.index); }
template <class T>
[[nodiscard]] std::string step_name(as_step<T>) {
    return {};
}
template <class T, class Field>
[[nodiscard]] std::string step_name(Field T::*field) {
    return field_name(field);
}
template <class... Path>
[[nodiscard]] std::string path_name(Path... path) {
    std::string out;
    auto const add = [&](std::string const& step) {
        if (!step.empty()) out += out.empty() ? step : "." + step;
    };
    (add(step_name(path)), ...);
    return out;
}

template <class Value>
[[nodiscard]] std::variant<std::int64_t, double, std::string> shown_value(Value const& value,
                                                                          std::size_t option) {
    if constexpr (std::same_as<Value, bool>) {
        return std::string(value ? "true" : "false");
    } else if constexpr (std::integral<Value>) {
        if constexpr (sizeof(Value) == 8 && std::unsigned_integral<Value>) {
            if (value == std::numeric_limits<Value>::max()) return std::string("unlimited");
        }
        return static_cast<std::int64_t>(value);
    } else if constexpr (std::floating_point<Value>) {
        return static_cast<double>(value);
    } else if constexpr (std::convertible_to<Value const&, std::string_view>) {
        return std::string(value);
    } else if constexpr (std::is_enum_v<Value>) {
        return static_cast<std::int64_t>(value);
    } else {
        return sentence("option ", option);
    }
}

/// A number as a field has it. Whole numbers are rounded, not cut off.
template <class Field>
[[nodiscard]] Field as_field(double value) {
    if constexpr (std::integral<Field> || std::is_enum_v<Field>) {
        return static_cast<Field>(std::llround(value));
    } else if constexpr (std::floating_point<Field>) {
        return static_cast<Field>(value);
    } else {
        static_assert(std::constructible_from<Field, std::int64_t>,
                      "copse: this field takes no number; vary it by a choice");
        return Field(static_cast<std::int64_t>(std::llround(value)));
    }
}

template <class Trainer, class... Path>
[[nodiscard]] field_dimension<Trainer> dimension_of(distribution const& how, Path... path) {
    using field = typename end_of_path<Trainer, Path...>::type;
    field_dimension<Trainer> out;
    out.numbers = how;
    out.set = [path...](Trainer& t, double value) {
        set_field(t, as_field<field>(value), path...);
    };
    if constexpr (std::is_arithmetic_v<field>) {
        out.get = [path...](Trainer const& t) -> std::optional<double> {
            auto const* const now = field_of(t, path...);
            if (now == nullptr) return std::nullopt;
            return static_cast<double>(*now);
        };
    } else {
        out.get = [](Trainer const&) -> std::optional<double> { return std::nullopt; };
    }
    bool const whole = how.is_whole() || std::integral<field>;
    out.shown = [whole](double value) -> std::variant<std::int64_t, double, std::string> {
        if (whole && std::fabs(value) < 0x1p62)
            return static_cast<std::int64_t>(std::llround(value));
        return value;
    };
    return out;
}
template <class Trainer, class Value, class... Path>
[[nodiscard]] field_dimension<Trainer> dimension_of(choices<Value> const& how, Path... path) {
    using field = typename end_of_path<Trainer, Path...>::type;
    field_dimension<Trainer> out;
    out.n_options = how.options.size();
    std::vector<field> options;
    for (auto const& option : how.options) options.push_back(static_cast<field>(option));
    auto const index = [](double value) { return static_cast<std::size_t>(value); };
    out.set = [path..., options, index](Trainer& t, double value) {
        set_field(t, static_cast<field>(options[index(value)]), path...);
    };
    out.get = [path..., options](Trainer const& t) -> std::optional<double> {
        auto const* const now = field_of(t, path...);
        for (std::size_t i = 0; now != nullptr && i < options.size(); ++i) {
            if (options[i] == *now) return static_cast<double>(i);
        }
        return std::nullopt;
    };
    out.shown = [of = how.options, index](double value) {
        return shown_value(Value(of[index(value)]), index(value));
    };
    return out;
}

/// Turns vary()'s last argument into the first.
template <class Trainer, std::size_t... I, class Tuple>
[[nodiscard]] field_dimension<Trainer> dimension_from(std::index_sequence<I...>,
                                                      Tuple const& arguments) {
    return dimension_of<Trainer>(std::get<sizeof...(I)>(arguments), std::get<I>(arguments)...);
}
template <std::size_t... I, class Tuple>
[[nodiscard]] std::string name_from(std::index_sequence<I...>, Tuple const& arguments) {
    return path_name(std::get<I>(arguments)...);
}

}  // namespace detail

template <class Trainer, class Field, class... Rest>
parameter<Trainer> vary(std::string name, Field Trainer::*field, Rest const&... rest) {
    auto const arguments = std::tuple(field, rest...);
    auto out =
        detail::dimension_from<Trainer>(std::make_index_sequence<sizeof...(Rest)>{}, arguments);
    out.name = std::move(name);
    return {{std::move(out)}};
}
template <class Trainer, class Field, class... Rest>
parameter<Trainer> vary(Field Trainer::*field, Rest const&... rest) {
    auto const arguments = std::tuple(field, rest...);
    return vary(detail::name_from(std::make_index_sequence<sizeof...(Rest)>{}, arguments), field,
                rest...);
}

template <class Trainer>
parameter<Trainer> one_of(std::string name, std::vector<search_space<Trainer>> const& branches) {
    if (branches.empty()) throw invalid_input("one_of: there are 0 spaces; it needs at least 1");
    detail::field_dimension<Trainer> branch;
    branch.name = std::move(name);
    branch.n_options = branches.size();
    branch.set = [](Trainer&, double) {};
    // A trainer is in the first branch in which it has all options.
    branch.get = [branches](Trainer const& t) -> std::optional<double> {
        for (std::size_t b = 0; b < branches.size(); ++b) {
            bool inside = true;
            for (auto const& d : branches[b].dimensions())
                inside = inside && (d.only_if.has_value() || d.get(t).has_value());
            if (inside) return static_cast<double>(b);
        }
        return std::nullopt;
    };
    branch.shown = [](double value) { return static_cast<std::int64_t>(value); };
    parameter<Trainer> out{{std::move(branch)}};
    for (std::size_t b = 0; b < branches.size(); ++b) {
        auto const before = out.dimensions.size();
        for (auto d : branches[b].dimensions()) {
            if (d.only_if) {
                d.only_if->of += before;
            } else {
                d.only_if = {0, b};
            }
            out.dimensions.push_back(std::move(d));
        }
    }
    return out;
}
template <class Trainer, class... More>
parameter<Trainer> one_of(std::string name, search_space<Trainer> first, More... more) {
    return one_of(std::move(name),
                  std::vector<search_space<Trainer>>{std::move(first), std::move(more)...});
}
template <class Trainer, class... More>
parameter<Trainer> one_of(search_space<Trainer> first, More... more) {
    return one_of(std::string("branch"), std::move(first), std::move(more)...);
}

template <class Trainer>
search_space<Trainer>::search_space(std::vector<parameter<Trainer>> parameters) {
    for (auto& p : parameters) {
        auto const before = dimensions_.size();
        for (auto& d : p.dimensions) {
            if (d.only_if) d.only_if->of += before;
            if (d.name.empty()) d.name = detail::sentence("parameter ", dimensions_.size());
            dimensions_.push_back(std::move(d));
        }
    }
    for (std::size_t a = 0; a < size(); ++a) {
        for (std::size_t b = a + 1; b < size(); ++b) {
            // Branches exclude each other, so both may set a field.
            if (dimensions_[a].name != dimensions_[b].name || dimensions_[b].only_if) continue;
            throw invalid_input(detail::sentence("space: parameters ", a, " and ", b,
                                                 " are both named ", dimensions_[a].name));
        }
    }
}

}  // namespace copse
