# SPDX-License-Identifier: BSD-3-Clause
"""Prints tests/meta/calibration_reference.inc: what scikit-learn 1.9.1 says of calibration, on data
made by arithmetic.

    python tests/data/calibration_reference.py > tests/meta/calibration_reference.inc
"""

import numpy as np
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV, _sigmoid_calibration, _TemperatureScaling
from sklearn.calibration import calibration_curve
from sklearn.isotonic import IsotonicRegression

assert sklearn.__version__ == "1.9.1", sklearn.__version__

lines = []


def numbers(name, values, kind="double"):
    text = ", ".join(repr(float(v)) if kind == "double" else str(int(v)) for v in np.ravel(values))
    lines.append(f"inline std::vector<{kind}> const {name}{{\n    {text}}};")


n = 60
i = np.arange(n)
scores = np.round(((i * 37) % 61) / 10.0 - 3.0, 1)  # multiples of 1/10, some of them twice
noise = ((i * 53 + 7) % 29) / 29.0
positive = (1 / (1 + np.exp(-1.5 * scores)) > noise).astype(int)
weights = 1.0 + (i % 3)
numbers("scores", scores)
numbers("positive", positive, "int")
numbers("weights", weights)

for suffix, w in (("", None), ("_w", weights)):
    numbers("sigmoid" + suffix, _sigmoid_calibration(scores, positive, w))
    numbers("sigmoid_far" + suffix, _sigmoid_calibration(scores * 40, positive, w))
    isotonic = IsotonicRegression(out_of_bounds="clip").fit(scores, positive, w)
    at = np.linspace(-4, 4, 33)
    numbers("isotonic" + suffix, isotonic.predict(at))

logits = np.stack([np.sin(i * 1.3) * 3, np.cos(i * 0.7) * 2, np.sin(i * 0.31 + 1) * 3], axis=1)
true = (np.argmax(logits, axis=1) + (i % 4 == 0) * (1 + i % 2)) % 3
numbers("logits", logits)
numbers("true_class", true, "std::uint32_t")
for suffix, w in (("", None), ("_w", weights)):
    temperature = _TemperatureScaling().fit(logits, true.astype(float), w)
    numbers("inverse_temperature" + suffix, [temperature.beta_])

p = 1 / (1 + np.exp(-scores))
numbers("curve_p", p)
for strategy in ("uniform", "quantile"):
    observed, predicted = calibration_curve(positive, p, n_bins=6, strategy=strategy)
    numbers(f"curve_{strategy}_observed", observed)
    numbers(f"curve_{strategy}_predicted", predicted)


class AsTheyAre(ClassifierMixin, BaseEstimator):
    """Scores are the columns of x; nothing is learnt."""

    def __init__(self, proba=False):
        self.proba = proba

    def fit(self, x, y, sample_weight=None):
        self.classes_ = np.unique(y)
        return self

    def predict(self, x):
        raise NotImplementedError("nobody asks")

    def scores(self, x):
        return x[:, 0] if len(self.classes_) == 2 else x


class Decides(AsTheyAre):
    def decision_function(self, x):
        return self.scores(x)


class Estimates(AsTheyAre):
    def predict_proba(self, x):
        if len(self.classes_) == 2:
            q = 1 / (1 + np.exp(-x[:, 0]))
            return np.stack([1 - q, q], axis=1)
        e = np.exp(x)
        return e / e.sum(axis=1, keepdims=True)


for method in ("sigmoid", "isotonic", "temperature"):
    for kind, model in (("decides", Decides()), ("estimates", Estimates())):
        for ensemble in (True, False):
            for name, y in (("two", positive), ("three", true)):
                x = logits if name == "three" else scores.reshape(-1, 1)
                calibrated = CalibratedClassifierCV(model, method=method, cv=3, ensemble=ensemble)
                q = calibrated.fit(x, y, sample_weight=weights).predict_proba(x)[:12]
                how = "ensemble" if ensemble else "single"
                numbers(f"calibrated_{method}_{kind}_{how}_{name}", q)

print("// SPDX-License-Identifier: BSD-3-Clause")
print("// Printed by tests/data/calibration_reference.py with scikit-learn", sklearn.__version__)
print("#pragma once\n// clang-format off\n")
print("#include <cstdint>\n#include <vector>\n\nnamespace calibration_reference {\n")
print("\n".join(lines))
print("\n}  // namespace calibration_reference\n// clang-format on")
