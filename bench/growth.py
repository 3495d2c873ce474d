#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""How the cost of boosting grows with rows, columns, bins and leaves, one at a time, beside that of
LightGBM and XGBoost. Prints, for each, seconds and the exponent p of seconds ~ size^p between the
first and the last size, and plots them.

    growth.py --program build/bench/bench/boosting --out FILE.jsonl [--plot FILE.png]
"""
import argparse
import json
import math
import sys
from pathlib import Path
from types import SimpleNamespace

import race

RIVALS = ["copse", "lightgbm-rows", "xgboost"]
USUAL = {"rows": 250_000, "columns": 28, "bins": 255, "leaves": 63}
SIZES = {
    "rows": [31_250, 62_500, 125_000, 250_000, 500_000, 1_000_000],
    "columns": [4, 7, 14, 28],
    "bins": [15, 31, 63, 127, 255],
    "leaves": [15, 31, 63, 127, 255],
}


def measured(given, rival, sizes):
    asked = SimpleNamespace(race="boosting", program=given.program, trees=given.rounds,
                            leaves=sizes["leaves"], rows=sizes["rows"], limit=given.limit,
                            tries=race.MOST_TRIES)
    return race.run(rival, asked, given.data / given.set, given.threads, 0,
                    ["--columns", str(sizes["columns"]), "--max-bins", str(sizes["bins"])])


def curves_of(given, out):
    """{what grows: {rival: [(size, seconds)]}}"""
    curves = {}
    for axis, sizes in SIZES.items():
        curves[axis] = {rival: [] for rival in given.rivals}
        for size in sizes:
            for rival in given.rivals:
                line = measured(given, rival, USUAL | {axis: size})
                print(f"{axis:8} {size:8} " + race.told(line), file=sys.stderr)
                out.write(json.dumps(line | {"axis": axis, "size": size}) + "\n")
                if "error" not in line:
                    curves[axis][rival].append((size, line["fit_s"]))
    return curves


def exponent(curve):
    (a, s), (b, t) = curve[0], curve[-1]
    return math.log(t / s) / math.log(b / a)


def tables(curves):
    for axis, of_rival in curves.items():
        print(f"\n{axis:14}" + "".join(f"{size:>10}" for size in SIZES[axis]) + "  exponent")
        for rival, curve in of_rival.items():
            seconds = dict(curve)
            cells = "".join(f"{seconds[s]:10.3f}" if s in seconds else f"{'-':>10}" for s in SIZES[axis])
            print(f"{rival:14}{cells}" + (f"{exponent(curve):10.2f}" if len(curve) > 1 else ""))


def plot(curves, path):
    try:
        import matplotlib
    except ImportError:
        print("growth: no plot: matplotlib is not installed", file=sys.stderr)
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot
    figure, panels = pyplot.subplots(1, len(curves), figsize=(4 * len(curves), 3.6), sharey=True)
    for panel, (axis, of_rival) in zip(panels, curves.items()):
        for rival, curve in of_rival.items():
            panel.plot([size for size, _ in curve], [s for _, s in curve], marker="o", label=rival)
        panel.set_xscale("log")
        panel.set_yscale("log")
        panel.set_xlabel(axis)
    panels[0].set_ylabel("seconds to fit")
    panels[0].legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    print(f"\nplot: {path}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=Path, required=True, help="the built bench/boosting.cpp")
    parser.add_argument("--set", default="particles")
    parser.add_argument("--rivals", type=lambda text: text.split(","), default=RIVALS)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--limit", type=int, default=300, help="seconds that one process may take")
    parser.add_argument("--data", type=Path, default=race.HERE / ".data")
    parser.add_argument("--out", type=Path, required=True, help="JSON lines")
    parser.add_argument("--plot", type=Path)
    given = parser.parse_args()
    given.out.parent.mkdir(parents=True, exist_ok=True)
    with open(given.out, "w") as out:
        out.write(json.dumps(race.machine() | {"usual": USUAL, "threads": given.threads}) + "\n")
        curves = curves_of(given, out)
    print("usual: " + ", ".join(f"{size} {axis}" for axis, size in USUAL.items())
          + f"; {given.rounds} rounds, {given.threads} threads")
    tables(curves)
    if given.plot:
        plot(curves, given.plot)


if __name__ == "__main__":
    main()
