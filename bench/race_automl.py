#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""automl against FLAML, scikit-learn's best model and copse's own, on a dozen small tables, so many
seconds each. The best model of a library as it comes is chosen by the test rows themselves, which
no automl can do.

    race_automl.py --program build/bench/bench/automl --out FILE.jsonl [--tables a,b] [--seconds 60]

Prints the errors (log loss, root mean squared error), the mean rank of each, and on how many tables
automl beats the best model of its own library.
"""
import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import agreement

HERE = Path(__file__).resolve().parent
TABLES = ["letter", "pendigits", "satimage", "spambase", "magic", "elec", "covtype_20k",
          "german_credit", "wine_quality_white", "california_housing", "abalone", "concrete",
          "kin8nm", "bike"]
COLUMNS = ["copse automl", "FLAML", "best of scikit-learn", "best of copse"]


def lines_of(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print(f"race_automl: {(done.stderr.strip().splitlines() or ['failed'])[-1]}", file=sys.stderr)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def errors_of(lines):
    """{column: error}"""
    out = {line["rival"]: line["error"] for line in lines if line["rival"] in COLUMNS}
    for library in ("scikit-learn", "copse"):
        single = [line["error"] for line in lines
                  if line["rival"].startswith(library) and line["rival"] not in COLUMNS]
        if single:
            out[f"best of {library}"] = min(single)
    return out


def ranks_of(errors):
    order = sorted(errors.values())
    return {column: 1 + order.index(error) for column, error in errors.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=Path, required=True, help="the built bench/automl.cpp")
    parser.add_argument("--tables", type=lambda text: text.split(","), default=TABLES)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, required=True, help="JSON lines")
    given = parser.parse_args()
    given.out.parent.mkdir(parents=True, exist_ok=True)
    print(f"{'':20}{'rows':>8} {'metric':10}" + "".join(f"{column:>22}" for column in COLUMNS))
    ranks = {column: [] for column in COLUMNS}
    n_better = n_compared = 0
    with open(given.out, "w") as out, tempfile.TemporaryDirectory() as scratch:
        for name, table in agreement.tables(given.tables):
            folder = Path(scratch) / name
            agreement.split_of(name, table, 0, folder)
            common = ["--set", folder, "--threads", str(given.threads), "--seconds", str(given.seconds)]
            lines = lines_of([given.program, *common])
            lines += lines_of([sys.executable, HERE / "against" / "automl.py", *common])
            out.writelines(json.dumps(line) + "\n" for line in lines)
            errors = errors_of(lines)
            print(f"{name:20}{lines[0]['rows']:8} {lines[0]['metric']:10}"
                  + "".join(f"{errors[c]:22.5f}" if c in errors else f"{'-':>22}" for c in COLUMNS),
                  flush=True)
            for column, rank in ranks_of(errors).items():
                ranks[column].append(rank)
            if {"copse automl", "best of copse"} <= errors.keys():
                n_compared += 1
                n_better += errors["copse automl"] < errors["best of copse"]
    print(f"{'mean rank':39}" + "".join(
        f"{statistics.fmean(ranks[c]):22.2f}" if ranks[c] else f"{'-':>22}" for c in COLUMNS))
    print(f"automl beats the best of copse on {n_better} of {n_compared} tables; the bar is 70 %")


if __name__ == "__main__":
    main()
