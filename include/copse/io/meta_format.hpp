// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Models of any type as sections of a model file, and with them ensembles of any models. Include
/// it to save and load them; <copse/io.hpp>, which most programs include, leaves it out.
///
/// A model of any type can be saved if it is one of the library's: those of forests, boosting and
/// linear trainers, and what the files beside this one save of them or of any models.

#include <copse/core/errors.hpp>
#include <copse/io/bagging_format.hpp>
#include <copse/io/boosted_format.hpp>
#include <copse/io/calibration_format.hpp>
#include <copse/io/encoding_format.hpp>
#include <copse/io/forest_format.hpp>
#include <copse/io/kernel_format.hpp>
#include <copse/io/linear_format.hpp>
#include <copse/io/logistic_cv_format.hpp>
#include <copse/io/model_file.hpp>
#include <copse/io/nested_format.hpp>
#include <copse/io/online_format.hpp>
#include <copse/io/stacking_format.hpp>
#include <copse/io/threshold_format.hpp>
#include <copse/io/voting_format.hpp>
#include <copse/linear/kernel_logistic_regression.hpp>
#include <copse/linear/linear_classifier.hpp>
#include <copse/linear/linear_regressor.hpp>
#include <copse/linear/sgd_classifier.hpp>
#include <copse/linear/sgd_regressor.hpp>
#include <copse/meta/any_classifier.hpp>
#include <copse/meta/any_regressor.hpp>
#include <copse/model_selection/logistic_regression_cv.hpp>

#include <optional>
#include <utility>

namespace copse::detail {

template <class... Models>
struct model_list {};

using saved_classifiers =
    model_list<forest_classifier, boosted_classifier, linear_classifier, logistic_classifier,
               logistic_classifier_cv, kernel_classifier, online_classifier, voted_classifier,
               stacked_classifier, bagged_classifier<any_classifier>,
               calibrated_classifier<any_classifier>, encoded_classifier<any_classifier>,
               thresholded_classifier<any_classifier>, bagged_classifier<forest_classifier>,
               bagged_classifier<boosted_classifier>, bagged_classifier<linear_classifier>,
               bagged_classifier<logistic_classifier>, calibrated_classifier<forest_classifier>,
               calibrated_classifier<boosted_classifier>, calibrated_classifier<linear_classifier>,
               calibrated_classifier<logistic_classifier>, encoded_classifier<linear_classifier>,
               encoded_classifier<logistic_classifier>>;

using saved_regressors =
    model_list<forest_regressor, boosted_regressor, linear_regressor, online_regressor,
               voted_regressor, stacked_regressor, bagged_regressor<any_regressor>,
               encoded_regressor<any_regressor>, bagged_regressor<forest_regressor>,
               bagged_regressor<boosted_regressor>, bagged_regressor<linear_regressor>,
               encoded_regressor<linear_regressor>>;

template <class Any, class Model>
[[nodiscard]] bool write_if(model_writer& out, Any const& model) {
    if constexpr (has_format<Model>) {
        auto const* const own = model.template get_if<Model>();
        if (own != nullptr) write_nested(out, "model", *own);
        return own != nullptr;
    } else {
        return false;
    }
}

template <class Any, class... Models>
void write_any(model_writer& out, Any const& model, model_list<Models...>) {
    if (!(write_if<Any, Models>(out, model) || ...)) {
        throw invalid_input(sentence("save: an ", model_format<Any>::kind,
                                     " holds a model of a type that copse has no format for; it "
                                     "saves ",
                                     sizeof...(Models), " types"));
    }
}

template <class Any, class Model>
[[nodiscard]] bool read_if(model_reader const& inner, std::optional<Any>& out) {
    if constexpr (has_format<Model>) {
        if (inner.kind() != model_format<Model>::kind) return false;
        out.emplace(model_format<Model>::read(inner));
        return true;
    } else {
        return false;
    }
}

template <class Any, class... Models>
[[nodiscard]] Any read_any(model_reader const& file, model_list<Models...>) {
    return with_nested(file, "model", [](model_reader const& inner) {
        std::optional<Any> out;
        if (!(read_if<Any, Models>(inner, out) || ...)) {
            throw file_error(sentence(inner.name(), " holds a ", inner.kind(), ", which is no ",
                                      model_format<Any>::kind));
        }
        return std::move(*out);
    });
}

inline void model_format<any_classifier>::write(model_writer& out, any_classifier const& model) {
    write_any(out, model, saved_classifiers{});
}
inline any_classifier model_format<any_classifier>::read(model_reader const& file) {
    return read_any<any_classifier>(file, saved_classifiers{});
}
inline void model_format<any_regressor>::write(model_writer& out, any_regressor const& model) {
    write_any(out, model, saved_regressors{});
}
inline any_regressor model_format<any_regressor>::read(model_reader const& file) {
    return read_any<any_regressor>(file, saved_regressors{});
}

}  // namespace copse::detail
