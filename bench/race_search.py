#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Run copse's search, and its rivals' if asked, on prepared sets: the same runs for all, drawn once,
but for FLAML, which chooses runs of its own for as long as copse took.
Repeats outermost and rivals innermost, so that what disturbs the machine disturbs all alike. Writes
JSON lines and prints a table of medians.
"""
import argparse
import importlib.util
import json
import random
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
RIVALS = {"scikit-learn": "sklearn", "optuna": "optuna", "flaml": "flaml"}


def draw_runs(n, path):
    """Learning rate, leaves, least rows in a leaf, L2 penalty: usual ranges."""
    draw = random.Random(7)
    path.write_text("".join(
        f"{10 ** draw.uniform(-2, -0.5):.6g} {draw.choice([7, 15, 31, 63])} "
        f"{draw.choice([5, 10, 20, 50])} {10 ** draw.uniform(-3, 1):.6g}\n" for _ in range(n)))


def run(rival, given, folder, threads, runs, seconds):
    command = [str(given.program)] if rival == "copse" else [
        sys.executable, str(HERE / "against" / "search.py"), "--rival", rival]
    command += ["--set", str(folder), "--threads", str(threads), "--runs", str(runs),
                "--rounds", str(given.rounds)] + (["--rows", str(given.rows)] if given.rows else [])
    if rival == "flaml":
        command += ["--seconds", str(seconds)]
    what = {"set": folder.name, "rival": rival, "threads": threads}
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=given.limit)
    except subprocess.TimeoutExpired:
        return what | {"error": f"over {given.limit} s"}
    for line in reversed(done.stdout.splitlines()):
        if line.startswith("{"):
            return json.loads(line)
    return what | {"error": (done.stderr.strip().splitlines() or ["no output"])[-1][:200]}


def table(lines):
    print(f"{'set':12} {'threads':>7} {'rival':14} {'runs/min':>9} {'copse is':>9} {'best':>9}  metric")
    keys = sorted({(line["set"], line["threads"]) for line in lines})
    for name, threads in keys:
        of = {}
        for line in lines:
            if (line["set"], line["threads"]) == (name, threads) and "error" not in line:
                of.setdefault(line["rival"], []).append(line)
        speed = {rival: statistics.median(line["runs_per_minute"] for line in found)
                 for rival, found in of.items()}
        for rival, found in of.items():
            ratio = f"{speed['copse'] / speed[rival]:8.2f}x" if "copse" in speed else ""
            print(f"{name:12} {threads:7} {rival:14} {speed[rival]:9.1f} {ratio:>9} "
                  f"{found[0]['best']:9.5f}  {found[0]['metric']}")
    gains(lines)


def gains(lines):
    """What share of one job's time more jobs take; the bar is 0.55 for two."""
    took = {}
    for line in lines:
        if line["rival"] == "copse" and "error" not in line:
            took.setdefault((line["set"], line["threads"]), []).append(line["search_s"])
    for (name, threads), seconds in sorted(took.items()):
        if threads > 1 and (name, 1) in took:
            share = statistics.median(seconds) / statistics.median(took[name, 1])
            print(f"{name}: copse's search on {threads} jobs takes {share:.2f} of its time on 1")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--against", action="store_true", help="race the rivals too")
    parser.add_argument("--threads", type=lambda text: [int(k) for k in text.split(",")], default=[1, 2])
    parser.add_argument("--sets", type=lambda text: text.split(","),
                        default=["adult", "letter", "credit", "diamonds", "hflights"])
    parser.add_argument("--runs", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--rows", type=int, help="only the first so many")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--limit", type=int, default=3600, help="seconds that one process may take")
    parser.add_argument("--program", type=Path, required=True, help="the built bench/search.cpp")
    parser.add_argument("--data", type=Path, default=HERE / ".data")
    parser.add_argument("--out", type=Path, required=True, help="JSON lines are added to it")
    given = parser.parse_args()
    runs = given.out.with_suffix(".runs.txt")
    draw_runs(given.runs, runs)
    rivals = ["copse"] + [rival for rival, module in RIVALS.items()
                          if given.against and importlib.util.find_spec(module)]
    lines = []
    with given.out.open("a") as out:
        for _ in range(given.repeats):
            for folder in (given.data / name for name in given.sets):
                if not (folder / "set.txt").exists():
                    continue
                for threads in given.threads:
                    seconds = 60
                    for rival in rivals:
                        lines.append(run(rival, given, folder, threads, runs, seconds))
                        if rival == "copse":
                            seconds = lines[-1].get("search_s", seconds)
                        print(json.dumps(lines[-1]), file=sys.stderr)
                        out.write(json.dumps(lines[-1]) + "\n")
                        out.flush()
    table(lines)


if __name__ == "__main__":
    main()
