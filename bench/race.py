#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Run copse's forests or boosting, and its rivals' if asked, on prepared sets. One process for each
(rival, set, threads, repeat), so that memory is each one's own; repeats outermost and rivals
innermost, so that what disturbs the machine disturbs all alike. Writes JSON lines; bench/report.py
reads them.
"""
import argparse
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent

# What is raced: the script, and the Python module that it needs.
RIVALS = {
    "forest": {
        "scikit-learn": ("scikit_learn.py", "sklearn"),
        "sklearnex": ("intelex.py", "sklearnex"),
        "lightgbm": ("light_gbm.py", "lightgbm"),
        "lightgbm-rows": ("light_gbm.py", "lightgbm"),
        "xgboost": ("xg_boost.py", "xgboost"),
        "ydf": ("yggdrasil.py", "ydf"),
        "ydf-binned": ("yggdrasil.py", "ydf"),
        "ranger": ("ranger.R", None),
    },
    "boosting": {
        "lightgbm": ("boosted_light_gbm.py", "lightgbm"),
        "lightgbm-rows": ("boosted_light_gbm.py", "lightgbm"),
        "lightgbm-quantised": ("boosted_light_gbm.py", "lightgbm"),
        "xgboost": ("boosted_xg_boost.py", "xgboost"),
        "catboost": ("boosted_cat_boost.py", "catboost"),
        "scikit-learn": ("boosted_scikit_learn.py", "sklearn"),
    },
}
QUICK = {"trees": 10, "rows": 10_000, "repeats": 1}
MOST_STOLEN = 0.01  # of the cores' time, by a virtual machine's host, for a run to count
MOST_TRIES = 4      # of a run that does not count


def is_installed(rival, of):
    module = RIVALS[of][rival][1]
    if module:
        return importlib.util.find_spec(module) is not None
    return bool(shutil.which("Rscript")) and subprocess.run(
        ["Rscript", "-e", "library(ranger)"], capture_output=True).returncode == 0


def command_of(rival, given):
    if rival == "copse":
        return [str(given.program)]
    script = HERE / "against" / RIVALS[given.race][rival][0]
    return (["Rscript"] if script.suffix == ".R" else [sys.executable]) + [str(script)]


def words_of(folder):
    return dict(line.split(" ", 1) for line in (folder / "set.txt").read_text().splitlines())


def size_of(given, folder):
    """How many trees, or rounds and leaves, as options."""
    words = words_of(folder)
    if given.race == "forest":
        return ["--trees", str(given.trees or words["trees"])]
    return ["--trees", str(given.trees or words.get("rounds", 100)),
            "--leaves", str(given.leaves or words.get("leaves", 31))]


def stolen_seconds():
    """Of all cores since they started; 0 where nobody says."""
    try:
        words = Path("/proc/stat").read_text().splitlines()[0].split()
        return int(words[8]) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError, ValueError):
        return 0


def run(rival, given, folder, threads, repeat, more=()):
    """run_once, again if the host disturbed it. "stolen" is its share of the cores' time."""
    for _ in range(given.tries):
        start, before = time.monotonic(), stolen_seconds()
        line = run_once(rival, given, folder, threads, repeat, more)
        share = (stolen_seconds() - before) / os.cpu_count() / (time.monotonic() - start)
        if share <= MOST_STOLEN or "error" in line:
            break
    return line | {"stolen": round(share, 4)}


def run_once(rival, given, folder, threads, repeat, more):
    """The line that the rival's process printed, or one with an "error"."""
    what = {"set": folder.name, "rival": rival, "threads": threads, "repeat": repeat}
    command = command_of(rival, given) + size_of(given, folder) + [
        "--set", str(folder), "--rival", rival, "--threads", str(threads),
        "--repeat", str(repeat)] + (["--rows", str(given.rows)] if given.rows else []) + list(more)
    # Runtimes that cannot be told by a parameter how many threads to use are told here.
    limits = {f"{name}_NUM_THREADS": str(threads) for name in ("OMP", "OPENBLAS", "MKL")}
    try:
        done = subprocess.run(command, env=os.environ | limits, capture_output=True, text=True,
                              timeout=given.limit)
    except subprocess.TimeoutExpired:
        return what | {"error": f"over {given.limit} s"}
    for line in reversed(done.stdout.splitlines()):
        if line.startswith("{"):
            return json.loads(line)
    return what | {"error": (done.stderr.strip().splitlines() or ["no output"])[-1][:200]}


def told(line):
    head = f"{line['set']:12} {line['rival']:18} {line['threads']} "
    if "error" in line:
        return head + line["error"]
    stolen = f"   {line['stolen']:.0%} stolen" if line["stolen"] > MOST_STOLEN else ""
    return head + f"fit {line['fit_s']:9.3f} s   {line['metric']} {line['score']:.4f}{stolen}"


def machine():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":", 1)[1].strip() for line in lines if "model name" in line), "?")
    return {"machine": f"{os.cpu_count()} cores, {model}, {platform.system()} {platform.release()}",
            "when": time.strftime("%Y-%m-%d %H:%M")}


def race(given, out):
    rivals = ["copse"]
    for rival in given.rivals if given.against else []:
        if is_installed(rival, given.race):
            rivals.append(rival)
        else:
            print(f"race: {rival} is left out: it is not installed", file=sys.stderr)
    # Jobs beyond the cores must not cost anything; only copse promises that, so only it is asked.
    runs = [(rival, k) for k in given.threads for rival in rivals]
    if len(given.threads) > 1 and max(given.threads) < 8:
        runs.append(("copse", 8))
    failed = set()
    for repeat in range(given.repeats):
        for folder in given.sets:
            for rival, threads in runs:
                if (folder, rival, threads) in failed:
                    continue
                line = run(rival, given, folder, threads, repeat)
                if "error" in line:
                    failed.add((folder, rival, threads))
                print(told(line), file=sys.stderr)
                out.write(json.dumps(line) + "\n")
                out.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--race", choices=RIVALS, required=True)
    parser.add_argument("--against", action="store_true", help="race the rivals too")
    parser.add_argument("--rivals", type=lambda text: text.split(","), help="default: all")
    parser.add_argument("--threads", type=lambda text: [int(k) for k in text.split(",")], default=[1, 2])
    parser.add_argument("--sets", type=lambda text: text.split(","), help="default: all prepared")
    parser.add_argument("--trees", type=int, help="or rounds; default: what the set says, 100 or 20")
    parser.add_argument("--leaves", type=int, help="boosting; default: what the set says, 31 or 255")
    parser.add_argument("--rows", type=int, help="only the first so many")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--tries", type=int, default=MOST_TRIES,
                        help="of a run that the host of a virtual machine disturbs")
    parser.add_argument("--limit", type=int, default=1800, help="seconds that one process may take")
    parser.add_argument("--quick", action="store_true", help="10,000 rows, 10 trees, 1 repeat")
    parser.add_argument("--program", type=Path, required=True, help="the built bench/RACE.cpp")
    parser.add_argument("--data", type=Path, default=HERE / ".data")
    parser.add_argument("--out", type=Path, required=True, help="JSON lines are added to it")
    given = parser.parse_args()
    if given.quick:
        vars(given).update(QUICK)
    there_are = RIVALS[given.race]
    given.rivals = given.rivals or list(there_are)
    if unknown := set(given.rivals) - set(there_are):
        sys.exit(f"race: no rival is called {', '.join(sorted(unknown))}; there are {', '.join(there_are)}")
    here = sorted(path.parent for path in given.data.glob("*/set.txt"))
    if given.race == "forest":
        here = [folder for folder in here if words_of(folder)["task"] != "ranking"]
    missing = set(given.sets or []) - {folder.name for folder in here}
    if missing or not here:
        sys.exit(f"race: not prepared: {', '.join(sorted(missing)) or 'any set'}")
    given.sets = [folder for folder in here if not given.sets or folder.name in given.sets]
    given.out.parent.mkdir(parents=True, exist_ok=True)
    with open(given.out, "a") as out:
        out.write(json.dumps(machine() | {"race": given.race}) + "\n")
        race(given, out)


if __name__ == "__main__":
    main()
