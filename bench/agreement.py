#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Does boosting predict as well as LightGBM's and XGBoost's with the same parameters? On many small
tables, each split several times into training and test rows.

    agreement.py --program build/bench/bench/boosting --out FILE.jsonl [--tables a,b] [--splits 3]

Prints for each table the mean scores, and the noise: the standard deviation of a score over the
splits. copse agrees where its mean is above that of the worse rival less the noise.
"""
import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np

import prepare
import race

RIVALS = ["copse", "lightgbm", "xgboost"]


def tables(names):
    """(name, prepare's table) of those whose files are there."""
    for name in names:
        try:
            yield name, prepare.table_of(name)
        except prepare.Skipped as why:
            print(f"{Path(sys.argv[0]).stem}: {name} is left out: {why}", file=sys.stderr)


def split_of(name, table, split, folder):
    """Writes one split of a table as a prepared set."""
    task, categorical, x, y = table
    order = np.random.default_rng(split).permutation(len(x))
    test, train = np.split(order, [len(x) // 5])
    if task == "classification":
        y = np.array(y)
        y_train, y_test = prepare.classes_of(y[train], y[test])
        train_and_test = x[train], y_train, x[test][y_test >= 0], y_test[y_test >= 0]
    else:
        train_and_test = x[train], y[train], x[test], y[test]
    prepare.write(folder, task, categorical, train_and_test)


def scores_of(given, name, table, scratch, out):
    """{rival: a score for each split}, and a line that says of what"""
    scores, line = {rival: [] for rival in RIVALS}, {}
    for split in range(given.splits):
        folder = scratch / str(split) / name
        split_of(name, table, split, folder)
        for rival in RIVALS:
            asked = SimpleNamespace(race="boosting", program=given.program, trees=given.rounds,
                                    leaves=31, rows=None, limit=600, tries=1)
            line = race.run(rival, asked, folder, given.threads, split)
            out.write(json.dumps(line) + "\n")
            if "error" in line:
                sys.exit(f"agreement: {name}: {rival}: {line['error']}")
            scores[rival].append(line["score"])
    return scores, line


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=Path, required=True, help="the built bench/boosting.cpp")
    parser.add_argument("--tables", type=lambda text: text.split(","), default=list(prepare.TABLES))
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, required=True, help="JSON lines")
    given = parser.parse_args()
    given.out.parent.mkdir(parents=True, exist_ok=True)
    print(f"{'':20}{'rows':>8}{'cols':>6} {'metric':10}" + "".join(f"{r:>10}" for r in RIVALS)
          + f"{'noise':>9}")
    n_agree = n_tables = 0
    with open(given.out, "w") as out, tempfile.TemporaryDirectory() as scratch:
        for name, table in tables(given.tables):
            scores, line = scores_of(given, name, table, Path(scratch), out)
            means = [statistics.fmean(scores[rival]) for rival in RIVALS]
            noise = statistics.fmean(statistics.stdev(of_rival) for of_rival in scores.values())
            agrees = means[0] >= min(means[1:]) - noise
            n_agree += agrees
            n_tables += 1
            print(f"{name:20}{len(table[2]):8}{table[2].shape[1]:6} {line['metric']:10}"
                  + "".join(f"{mean:10.4f}" for mean in means) + f"{noise:9.4f}"
                  + ("" if agrees else "   WORSE"), flush=True)
    print(f"{n_agree} of {n_tables} agree")


if __name__ == "__main__":
    main()
