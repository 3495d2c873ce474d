#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes linear_reference.hpp: what scikit-learn and LIBLINEAR find for iris, solved to the end.

    python3 tests/data/linear_reference.py > tests/data/linear_reference.hpp

Needs numpy, scikit-learn (made with 1.9.1) and liblinear-official (2.50). Objectives are
1/2 ||w||^2 + C sum of losses, summed over the classes of one-vs-rest.
"""

import numpy as np
from liblinear.liblinearutil import parameter, problem, train
from sklearn.datasets import load_iris
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, Ridge
from sklearn.svm import LinearSVC, LinearSVR

iris = load_iris()
x, y = iris.data.astype(np.float32).astype(float), iris.target


def liblinear(solver, target, c, intercept):
    """w and b of one class against the rest; b is not regularised."""
    if solver == 3:  # LIBLINEAR itself gives up after 300 sweeps
        svm = LinearSVC(C=c, loss="hinge", fit_intercept=False, tol=1e-8, max_iter=10**7)
        return svm.fit(x, target).coef_[0], 0.0
    options = f"-q -s {solver} -c {c} -e 1e-10" + (" -B 1 -R" if intercept else "")
    model = train(problem(np.where(target, 1, -1), x.tolist()), parameter(options))
    sign = 1 if model.label[0] == 1 else -1
    w = sign * np.array(model.w[:x.shape[1] + (1 if intercept else 0)])
    return (w[:-1], w[-1]) if intercept else (w, 0.0)


def losses(solver, margins):
    if solver == 0:
        return np.logaddexp(0, -margins)
    return np.maximum(0, 1 - margins) ** (1 if solver == 3 else 2)


def one_vs_rest(name, solver, c, intercept):
    total, coefs, intercepts = 0, [], []
    for k in range(3):
        w, b = liblinear(solver, y == k, c, intercept)
        margins = np.where(y == k, 1, -1) * (x @ w + b)
        total += 0.5 * w @ w + c * losses(solver, margins).sum()
        coefs.extend(w)
        intercepts.append(b)
    show(name, c, intercept, total, coefs, intercepts)


def multinomial(c, intercept):
    model = LogisticRegression(C=c, fit_intercept=intercept, solver="newton-cholesky", tol=1e-12,
                               max_iter=1000).fit(x, y)
    loss = -np.log(model.predict_proba(x)[np.arange(len(y)), y]).sum()
    total = 0.5 * (model.coef_ ** 2).sum() + c * loss
    centred = model.intercept_ - model.intercept_.mean()
    show("multinomial", c, intercept, total, model.coef_.ravel(), centred)


def absolute_hinge(c):
    """Squared hinge, |w|_1, one against the rest; LIBLINEAR itself gives up after 1000 sweeps."""
    total, coefs = 0, []
    for k in range(3):
        svm = LinearSVC(C=c, penalty="l1", dual=False, fit_intercept=False, tol=1e-9,
                        max_iter=10**7, random_state=0).fit(x, y == k)
        w = svm.coef_[0]
        total += abs(w).sum() + c * losses(5, np.where(y == k, 1, -1) * (x @ w)).sum()
        coefs.extend(w)
    show("l1_squared_hinge", c, False, total, coefs, [0, 0, 0])


def crammer_singer(c):
    model = train(problem(y.astype(float), x.tolist()), parameter(f"-q -s 4 -c {c} -e 1e-9"))
    w = np.array(model.w[:12]).reshape(4, 3)[:, np.argsort(model.label[:3])].T
    scores = x @ w.T
    own = scores[np.arange(len(y)), y]
    other = np.where(np.eye(3, dtype=bool)[y], -np.inf, scores).max(1)
    total = 0.5 * (w ** 2).sum() + c * np.maximum(0, 1 + other - own).sum()
    show("crammer_singer", c, False, total, w.ravel(), [0, 0, 0])


def support_regression(solver, c, intercept):
    """Errors up to 0.1 cost nothing; beyond, themselves or their squares."""
    given, target = x[:, :3], x[:, 3]
    if solver == 13:
        model = LinearSVR(C=c, epsilon=0.1, loss="epsilon_insensitive", fit_intercept=False,
                          tol=1e-9, max_iter=10**7).fit(given, target)
        w, b = model.coef_, 0.0
    else:
        options = f"-q -s {solver} -c {c} -p 0.1 -e 1e-12" + (" -B 1 -R" if intercept else "")
        model = train(problem(target, given.tolist()), parameter(options))
        w, b = np.array(model.w[:3]), model.w[3] if intercept else 0.0
    beyond = np.maximum(0, abs(given @ w + b - target) - 0.1)
    total = 0.5 * w @ w + c * (beyond if solver == 13 else beyond ** 2).sum()
    name = "epsilon_insensitive" if solver == 13 else "squared_epsilon_insensitive"
    show(name, c, intercept, total, w, [b])


def absolute(c, intercept):
    """Logistic loss, |w|_1, one against the rest."""
    total, coefs, intercepts = 0, [], []
    for k in range(3):
        model = LogisticRegression(C=c, l1_ratio=1, fit_intercept=intercept, solver="saga",
                                   tol=1e-10, max_iter=10**6, random_state=0).fit(x, y == k)
        w, b = model.coef_[0], model.intercept_[0] if intercept else 0.0
        total += abs(w).sum() + c * losses(0, np.where(y == k, 1, -1) * (x @ w + b)).sum()
        coefs.extend(w)
        intercepts.append(b)
    show("l1_logistic", c, intercept, total, coefs, intercepts)


def show(name, c, intercept, objective, coef, intercepts):
    def row(values):
        return ", ".join(f"{v:.9g}" for v in values)

    print(f'    {{"{name}", {c}, {str(intercept).lower()}, {objective:.12g},')
    print(f"     {{{row(coef)}}}, {{{row(intercepts)}}}}},")


print("""// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What LIBLINEAR 2.50 and, for multinomial models, the hinge and |w|_1, scikit-learn 1.9.1 find for iris.
/// Made by linear_reference.py; not to be edited.

#include <cstdint>
#include <string_view>
#include <vector>

// clang-format off
namespace copse::test::linear {

struct reference {
    std::string_view model;
    double C;
    bool fit_intercept;
    double objective;
    std::vector<double> coef, intercept;
};

inline std::vector<reference> const references{""")
for c in [0.1, 1, 10]:
    for intercept in [True, False]:
        one_vs_rest("logistic", 0, c, intercept)
        one_vs_rest("squared_hinge", 2, c, intercept)
        multinomial(c, intercept)
for c in [0.1, 1, 10]:
    absolute(c, True)
    absolute(c, False)
one_vs_rest("hinge", 3, 0.1, False)
one_vs_rest("hinge", 3, 1, False)
for c in [0.1, 1, 10]:
    absolute_hinge(c)
for c in [0.1, 1]:
    crammer_singer(c)
print("};\n\n/// Least squares: the fourth column by the first three; C is alpha.")
print("inline std::vector<reference> const squares{")
for alpha in [0.01, 0.1, 1]:
    for intercept in [True, False]:
        for name, maker in [("ridge", Ridge), ("lasso", Lasso), ("elastic_net", ElasticNet)]:
            model = maker(alpha=alpha, fit_intercept=intercept, tol=1e-14, max_iter=10**6)
            model.fit(x[:, :3], x[:, 3])
            show(name, alpha, intercept, 0, model.coef_, [float(model.intercept_)])
print("};\n\n/// Support vector regression of the same columns; epsilon is 0.1.")
print("inline std::vector<reference> const support_regressions{")
for c in [0.1, 1, 10]:
    support_regression(11, c, True)
    support_regression(11, c, False)
for c in [0.1, 1]:
    support_regression(13, c, False)
print("};\n")
print("inline std::vector<float> const iris_x{")
for row in iris.data:
    print("    " + ", ".join(f"{v:g}f" if v != int(v) else f"{int(v)}" for v in row) + ",")
print("};\n\ninline std::vector<int> const iris_y{" + ", ".join(map(str, y)) + "};\n")
print("}  // namespace copse::test::linear\n// clang-format on")
