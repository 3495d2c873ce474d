#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Race linear models to equal objectives. LIBLINEAR solves each set at its default tolerance and at
a tight one (-e 1e-4); copse and scikit-learn are then given ever tighter tolerances, and their time
is that of the first that reaches LIBLINEAR's objective. All minimise 1/2 ||w||^2 + C sum of losses,
one class against the rest (C = 1, no intercept, so that the objectives are the same function).

    race_linear.py --program build/bench/bench/linear [--against] [--sets letter,mnist] [--threads 2]

Prints, for each goal, the seconds and how many times faster; then how many times faster two jobs
were than one, the peak memory of the fit over the bytes of x, and the time of a prediction. Writes
the lines that the table was made from.
"""
import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import scipy.sparse as sp

HERE = Path(__file__).resolve().parent
LOSSES = {"logistic": "0", "squared_hinge": "2,1"}  # LIBLINEAR's -s: primal, and dual if there
TOLERANCES = "0.1,0.03,0.01,0.003,0.001,0.0003,0.0001,0.00003,0.00001,0.000003"
RATHER_EQUAL = 1 + 1e-7  # objectives that differ by less are equal


def read(folder):
    y = np.load(folder / "y.npy")
    if (folder / "X.npy").exists():
        return np.load(folder / "X.npy"), y
    parts = [np.load(folder / f"{name}.npy") for name in ("values", "indices", "offsets")]
    return sp.csr_matrix(tuple(parts), shape=tuple(np.load(folder / "shape.npy"))), y


def objective(x, y, loss, coef):
    """Summed over the classes; of two, the second against the first alone."""
    total = 0.0
    targets = [1] if y.max() == 1 else range(y.max() + 1)
    for k, w in zip(targets, coef):
        margins = np.where(y == k, 1, -1) * (x @ w)
        losses = np.logaddexp(0, -margins) if loss == "logistic" else np.maximum(0, 1 - margins) ** 2
        total += 0.5 * w @ w + losses.sum()
    return total


def liblinear(x, y, loss, solver, tolerance):
    from liblinear.liblinearutil import parameter, problem, train
    given = problem(y.astype(float), sp.csr_matrix(x, dtype=np.float64))
    start = time.perf_counter()
    used = time.process_time()
    model = train(given, parameter(f"-q -s {solver}" + (f" -e {tolerance}" if tolerance else "")))
    took = time.perf_counter() - start
    used = time.process_time() - used
    n_scores = 1 if model.nr_class == 2 else model.nr_class
    w = np.array(model.w[:n_scores * model.nr_feature]).reshape(model.nr_feature, n_scores).T
    order = np.argsort([model.label[k] for k in range(model.nr_class)])
    if n_scores == 1:  # its score is of the label that it met first
        coef = [w[0] if model.label[0] == 1 else -w[0]]
    else:
        coef = w[order]
    x = x[:, :model.nr_feature]
    return {"fit_s": took, "cpu_s": used, "objective": objective(x, y, loss, coef)}


def scikit_learn(x, y, loss, tolerance, threads, intelex=False):
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.svm import LinearSVC
    if intelex:
        from sklearnex.linear_model import LogisticRegression
    if loss == "logistic":
        one = LogisticRegression(fit_intercept=False, tol=tolerance, max_iter=10000)
    else:
        one = LinearSVC(fit_intercept=False, tol=tolerance, dual="auto", max_iter=10000)
    model = one if y.max() == 1 else OneVsRestClassifier(one, n_jobs=threads)
    start = time.perf_counter()
    model.fit(x, y)
    took = time.perf_counter() - start
    parts = [model] if y.max() == 1 else model.estimators_
    return {"fit_s": took, "objective": objective(x, y, loss, [m.coef_[0] for m in parts])}


def copse(program, folder, loss, threads, repeats):
    """Lines of every tolerance, each with its best time."""
    best = {}
    for _ in range(repeats):
        done = subprocess.run([program, "--set", folder, "--loss", loss, "--threads", str(threads),
                               "--tolerances", TOLERANCES], capture_output=True, text=True, check=True)
        for line in map(json.loads, done.stdout.splitlines()):
            old = best.get(line["tolerance"])
            if not old or line["fit_s"] < old["fit_s"]:
                best[line["tolerance"]] = line
    return list(best.values())


def blas_of_scikit_learn():
    """What its products are computed by."""
    import threadpoolctl
    import scipy.linalg  # noqa: F401, so that it is loaded
    pools = [pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
    return ", ".join(sorted({f"{pool['internal_api']} {pool['version']}" for pool in pools})) or "none"


def first_to(lines, goal):
    """The fastest of those at least that good."""
    good = [line for line in lines if line["objective"] <= goal * RATHER_EQUAL]
    return min(good, key=lambda line: line["fit_s"]) if good else None


def race(folder, loss, given, out):
    def note(rival, line):
        line |= {"set": folder.name, "loss": loss, "rival": rival}
        out.write(json.dumps(line) + "\n")
        out.flush()
        return line

    lines = {k: [note("copse", line) for line in copse(given.program, folder, loss, k, given.repeats)]
             for k in given.threads}
    if not given.against:
        for k in given.threads:
            for line in lines[k]:
                print(f"{folder.name:10}{loss:15}{k} threads  tolerance {line['tolerance']:8}"
                      f"{line['fit_s']:9.3f} s  objective {line['objective']:.6f}")
        return
    x, y = read(folder)
    goals = []
    for solver in LOSSES[loss].split(","):
        for tolerance in (None, 1e-4):
            line = note("liblinear", liblinear(x, y, loss, solver, tolerance)
                        | {"solver": solver, "tolerance": tolerance})
            goals.append((f"LIBLINEAR -s {solver}" + (f" -e {tolerance}" if tolerance else ""), line))
    others = {}
    for rival in ["scikit-learn"] + ["sklearnex"] * (loss == "logistic") if given.scikit_learn else []:
        others[rival] = [note(rival, scikit_learn(x, y, loss, tolerance, max(given.threads),
                                                  rival == "sklearnex"))
                         for tolerance in (1e-2, 1e-4, 1e-6)]
    for name, goal in goals:
        text = f"{folder.name:10}{loss:15}{name:24}{goal['objective']:16.4f}{goal['cpu_s']:9.3f} s"
        for k in given.threads:
            ours = first_to(lines[k], goal["objective"])
            # Processor time of one thread, so that neighbours do not count; of more, the clock's.
            took = ours and ours["cpu_s" if k == 1 else "fit_s"]
            text += (f"   copse {k}: {took:.3f} s, {goal['cpu_s'] / took:.1f}x"
                     if ours else f"   copse {k}: not reached")
        for rival, of_rival in others.items():
            theirs = first_to(of_rival, goal["objective"])
            text += f"   {rival}: " + (f"{theirs['fit_s']:.3f} s" if theirs else "not reached")
        print(text, flush=True)
    print(f"{folder.name:10}{loss:15}" + costs(lines), flush=True)


def costs(lines):
    """Of copse alone: all tolerances together."""
    fewest, most = min(lines), max(lines)
    text = ""
    if fewest != most:
        gain = sum(l["fit_s"] for l in lines[fewest]) / sum(l["fit_s"] for l in lines[most])
        text += f"{most} jobs {gain:.2f}x as fast as {fewest}   "
    peak = max(line["peak_bytes"] / line["input_bytes"] for line in lines[most])
    predict = min(line["predict_s"] for line in lines[most])
    read = lines[most][0]["input_bytes"] / predict / 1e9
    return text + f"memory {peak:.2f} of x   prediction {1e3 * predict:.1f} ms, {read:.1f} GB/s of x"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--against", action="store_true", help="race LIBLINEAR too")
    parser.add_argument("--scikit-learn", action="store_true", help="and scikit-learn and its extension, which are slow")
    parser.add_argument("--sets", type=lambda text: text.split(","))
    parser.add_argument("--losses", type=lambda text: text.split(","), default=list(LOSSES))
    parser.add_argument("--threads", type=lambda text: [int(k) for k in text.split(",")], default=[1, 2])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--data", type=Path, default=HERE / ".data" / "linear")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    here = sorted(path.parent for path in given.data.glob("*/y.npy"))
    if missing := set(given.sets or []) - {folder.name for folder in here}:
        sys.exit(f"race_linear: not prepared: {', '.join(sorted(missing))}")
    os.environ |= {f"{name}_NUM_THREADS": str(max(given.threads)) for name in ("OMP", "OPENBLAS")}
    given.out.parent.mkdir(parents=True, exist_ok=True)
    if given.scikit_learn:
        print(f"scikit-learn's BLAS: {blas_of_scikit_learn()}")
    with open(given.out, "a") as out:
        for loss in given.losses:
            for folder in here:
                if not given.sets or folder.name in given.sets:
                    race(folder, loss, given, out)


if __name__ == "__main__":
    main()
