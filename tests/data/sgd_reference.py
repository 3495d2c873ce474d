# SPDX-License-Identifier: BSD-3-Clause
"""Prints tests/linear/sgd_reference.inc: what scikit-learn 1.9.1 makes of two epochs of iris, row by
row in the order of the file.

    python tests/data/sgd_reference.py > tests/linear/sgd_reference.inc
"""

import numpy as np
import sklearn
from sklearn.datasets import load_iris
from sklearn.linear_model import SGDClassifier, SGDRegressor

assert sklearn.__version__ == "1.9.1", sklearn.__version__

iris = load_iris()
x = np.tile(iris.data.astype(np.float32).astype(float) / 4 - 1, (2, 1))
is_second = np.tile(iris.target == 1, 2).astype(int)


def run(maker, loss, penalty, rate, target, given):
    alpha, ratio = 0.01, 0.4
    # One epoch of all rows twice: scikit-learn forgets at the end of one what was due.
    model = maker(loss=loss, penalty=penalty, alpha=alpha, l1_ratio=ratio, learning_rate=rate,
                  eta0=0.05, power_t=0.25, shuffle=False, max_iter=1, tol=None)
    model.fit(given, target)
    coef = ", ".join(repr(float(w)) for w in model.coef_.ravel())
    print(f'    {{"{loss}", "{penalty}", "{rate}", {{{coef}}}, {float(model.intercept_[0])!r}}},')


print("// SPDX-License-Identifier: BSD-3-Clause")
print("// Printed by tests/data/sgd_reference.py with scikit-learn 1.9.1")
print("// clang-format off\n")
print("inline std::vector<reference> const references{")
for penalty in ["l2", "l1", "elasticnet"]:
    for rate in ["optimal", "invscaling", "constant"]:
        for loss in ["hinge", "log_loss"]:
            run(SGDClassifier, loss, penalty, rate, is_second, x)
    run(SGDRegressor, "squared_error", penalty, "invscaling", x[:, 3], x[:, :3])
print("};")
