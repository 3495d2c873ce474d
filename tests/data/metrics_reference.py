# SPDX-License-Identifier: BSD-3-Clause
"""Prints tests/metrics/reference.inc: what scikit-learn 1.9.1 says of data made by arithmetic,
and LightGBM 4.7.0 of queries.

    python tests/data/metrics_reference.py > tests/metrics/reference.inc
"""

import warnings

import lightgbm as lgb
import numpy as np
import sklearn
from sklearn import metrics as m
from sklearn._loss.loss import HuberLoss

assert sklearn.__version__ == "1.9.1", sklearn.__version__
assert lgb.__version__ == "4.7.0", lgb.__version__
warnings.simplefilter("ignore")

lines = []


def text(value):
    if isinstance(value, str):
        return '"' + value + '"'
    if isinstance(value, (float, np.floating)):
        return "infinity" if np.isinf(value) else repr(float(value))
    return str(int(value))


def column(name, values, kind):
    lines.append(f"inline std::vector<{kind}> const {name}{{")
    lines.append("    " + ", ".join(text(v) for v in values) + "};")


def number(name, value):
    lines.append(f"inline constexpr double {name} = {float(value)!r};")


def both(name, score):
    """The number without weights and with them."""
    number(name, score({}))
    number(name + "_w", score({"sample_weight": weights}))


def label_metrics(prefix, y, p):
    both(f"{prefix}_accuracy", lambda w: m.accuracy_score(y, p, **w))
    both(f"{prefix}_balanced_accuracy", lambda w: m.balanced_accuracy_score(y, p, **w))
    both(f"{prefix}_mcc", lambda w: m.matthews_corrcoef(y, p, **w))
    for how in ("macro", "micro", "weighted"):
        f_metrics(f"{prefix}_{how}", y, p, average=how)
    for name, w in (("", {}), ("_w", {"sample_weight": weights})):
        column(f"{prefix}_confusion{name}", m.confusion_matrix(y, p, **w).ravel().astype(float), "double")
        rows = np.array(m.precision_recall_fscore_support(y, p, beta=2.0, **w))
        for row, what in zip(rows, ("precision", "recall", "f_2", "support")):
            column(f"{prefix}_each_{what}{name}", row, "double")
        report = m.classification_report(y, p, **w)
        lines.append(f'inline constexpr char const* {prefix}_report{name} = R"({report})";')


def f_metrics(prefix, y, p, **options):
    both(f"{prefix}_precision", lambda w: m.precision_score(y, p, **options, **w))
    both(f"{prefix}_recall", lambda w: m.recall_score(y, p, **options, **w))
    both(f"{prefix}_f1", lambda w: m.f1_score(y, p, **options, **w))
    both(f"{prefix}_f_half", lambda w: m.fbeta_score(y, p, beta=0.5, **options, **w))


def curves(prefix, y, s, **options):
    for name, w in (("", {}), ("_w", {"sample_weight": weights})):
        for drop in (True, False):
            end = ("_thin" if drop else "") + name
            for what, values in zip(("fpr", "tpr", "thresholds"),
                                    m.roc_curve(y, s, drop_intermediate=drop, **options, **w)):
                column(f"{prefix}_roc_{what}{end}", values.astype(float), "double")
            for what, values in zip(("precision", "recall", "thresholds"),
                                    m.precision_recall_curve(y, s, drop_intermediate=drop, **options, **w)):
                column(f"{prefix}_pr_{what}{end}", values.astype(float), "double")
    both(f"{prefix}_average_precision", lambda w: m.average_precision_score(y, s, **options, **w))


n = 60
i = np.arange(n)
# Eighths, so that sums are exact; every eleventh row weighs nothing.
weights = np.where(i % 11 == 3, 0.0, (1 + (5 * i) % 7) / 8)
column("weights", weights, "double")

# Two classes; scores tie often.
y2 = ((i * i + 3 * i) % 7 < 3).astype(int)
s2 = ((11 * i + i * i) % 13 + 4 * y2) / 16
p2 = (s2 > 0.5).astype(int)
t2 = np.array(["legit", "fraud"])[y2]
u2 = np.array(["legit", "fraud"])[p2]
column("y2", y2, "int")
column("p2", p2, "int")
column("s2", s2, "double")
column("t2", t2.tolist(), "std::string")
column("u2", u2.tolist(), "std::string")
label_metrics("two", y2, p2)
f_metrics("two_binary", y2, p2)
label_metrics("text", t2, u2)
f_metrics("text_fraud", t2, u2, pos_label="fraud")
f_metrics("text_legit", t2, u2, pos_label="legit")
curves("two", y2, s2)
curves("text_fraud", t2, s2, pos_label="fraud")
both("two_roc_auc", lambda w: m.roc_auc_score(y2, s2, **w))
q2 = s2 * 0.8 + 0.1
q2[5] = 0.0
q2[6] = 1.0
column("q2", q2, "double")
both("two_log_loss", lambda w: m.log_loss(y2, q2, **w))
both("two_brier", lambda w: m.brier_score_loss(y2, q2, **w))

# Four classes, one of which is never predicted; probabilities tie too.
names4 = np.array([-3, 0, 5, 12])
code4 = (i * i + 2 * i + i // 7) % 11 % 4
raw4 = np.array([[1 + (i[r] * (3 + k) + k * k) % 5 + 3 * (code4[r] == k) for k in range(4)] for r in range(n)])
q4 = raw4 / raw4.sum(axis=1, keepdims=True)
y4 = names4[code4]
p4 = names4[np.where(q4.argmax(axis=1) == 1, 0, q4.argmax(axis=1))]
column("y4", y4, "int")
column("p4", p4, "int")
column("q4", q4.ravel(), "double")
label_metrics("four", y4, p4)
both("four_log_loss", lambda w: m.log_loss(y4, q4, labels=names4, **w))
both("four_brier", lambda w: m.brier_score_loss(y4, q4, labels=names4, **w))
number("four_log_loss_float", m.log_loss(y4, q4.astype(np.float32), labels=names4))
for how in ("macro", "weighted"):
    both(f"four_roc_auc_ovr_{how}",
         lambda w: m.roc_auc_score(y4, q4, multi_class="ovr", average=how, labels=names4, **w))
    number(f"four_roc_auc_ovo_{how}",
           m.roc_auc_score(y4, q4, multi_class="ovo", average=how, labels=names4))
    both(f"four_average_precision_{how}", lambda w: m.average_precision_score(y4, q4, average=how, **w))

# Numbers.
yr = ((7 * i) % 23) / 4.0
pr = yr + ((i * i) % 17 - 8) / 8.0
pr[pr <= 0] = 0.125
column("yr", yr, "double")
column("pr", pr, "double")
both("mse", lambda w: m.mean_squared_error(yr, pr, **w))
both("rmse", lambda w: m.root_mean_squared_error(yr, pr, **w))
both("mae", lambda w: m.mean_absolute_error(yr, pr, **w))
both("median", lambda w: m.median_absolute_error(yr, pr, **w))
number("median_odd", m.median_absolute_error(yr[:59], pr[:59]))
# Exactly half of the weight lies at or below an error, and the next one weighs nothing.
number("median_half", m.median_absolute_error([0, 0, 0, 0], [1, 2, 3, 4], sample_weight=[1.5, 1.5, 0, 3]))
both("r2", lambda w: m.r2_score(yr, pr, **w))
both("pinball_90", lambda w: m.mean_pinball_loss(yr, pr, alpha=0.9, **w))
both("poisson", lambda w: m.mean_poisson_deviance(yr, pr, **w))
both("tweedie_13", lambda w: m.mean_tweedie_deviance(yr, pr, power=1.3, **w))
both("gamma", lambda w: m.mean_gamma_deviance(yr + 0.5, pr, **w))
huber = HuberLoss(delta=1.5).loss(yr, pr)
both("huber", lambda w: np.average(huber, weights=w.get("sample_weight")))

# Queries, of 1, 2, 3, ... documents; scores tie in half of them.
sizes = np.arange(1, 11)
grades = (i * i + i // 3) % 11 % 5
ranks = np.where(i < 28, ((13 * i + i // 5) % 4) / 8.0, ((37 * i) % 60) / 64.0)[:sizes.sum()]
grades = grades[:sizes.sum()]
grades[3:6] = 0  # a query without a relevant document
query_weights = (1 + (3 * sizes) % 5) / 4.0
column("sizes", sizes, "std::size_t")
column("grades", grades, "int")
column("ranks", ranks, "double")
column("query_weights", query_weights, "double")
queries = np.split(np.arange(sizes.sum()), np.cumsum(sizes)[:-1])


def over_queries(score, scores):
    values = [score(grades[q], scores[q]) for q in queries]
    return lambda w: np.average(values, weights=query_weights if w else None)


def ndcg(gains, s, k, empty):
    if gains.max() == 0:
        return empty
    return 1.0 if len(gains) == 1 else m.ndcg_score([gains], [s], k=k)


for k in (1, 3, 100):
    both(f"ndcg_linear_{k}", over_queries(lambda g, s: ndcg(g, s, k, 0.0), ranks))
    both(f"ndcg_{k}", over_queries(lambda g, s: ndcg(2.0**g - 1, s, k, 1.0), ranks))
# Average precision without ties: with them scikit-learn has another rule.
untied = ranks - np.arange(len(ranks)) / 1e6
column("untied", untied, "double")
both("map", over_queries(lambda g, s: m.average_precision_score(g > 0, s) if g.max() > 0 else 1.0, untied))



def by_light_gbm():
    """NDCG and MAP at 1, 3 and 5 of scores without ties: those from which a step of 0 is taken."""
    data = lgb.Dataset(ranks.reshape(-1, 1), label=grades, group=sizes, init_score=untied)
    found = {}
    params = {"objective": "lambdarank", "metric": ["ndcg", "map"], "eval_at": [1, 3, 5], "verbose": -1,
              "learning_rate": 1e-30, "min_data_in_leaf": 1, "num_threads": 1}
    lgb.train(params, data, 1, valid_sets=[data], valid_names=["q"],
              callbacks=[lgb.record_evaluation(found)])
    for name, values in found["q"].items():
        number("light_gbm_" + name.replace("@", "_"), values[0])


by_light_gbm()

print("// SPDX-License-Identifier: BSD-3-Clause")
print("// Made by tests/data/metrics_reference.py with scikit-learn " + sklearn.__version__ + " and LightGBM "
      + lgb.__version__ + "; not edited.")
print("// clang-format off")
print("\n".join(lines))
