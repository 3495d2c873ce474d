#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Tables, ratios and bars from the JSON lines of bench/race.py.

    report.py FILE.jsonl [--plot FILE.png]

Every figure is the median over the repeats that the machine's host left alone, if there are any.
"x" is how many times copse's time the rival needed. Rows a second are for a batch at 1 thread / at
as many as were fitted with.
"""
import argparse
import json
import math
import statistics
import sys
from collections import defaultdict
from pathlib import Path

from race import MOST_STOLEN

REFERENCE = "scikit-learn"


def read(path):
    """({(set, threads): {rival: medians}}, errors, machines, what is raced)"""
    groups, errors, machines, raced = defaultdict(list), {}, [], "forest"
    for text in Path(path).read_text().splitlines():
        line = json.loads(text)
        if "machine" in line:
            machines.append(f"{line['machine']}, {line['when']}")
            raced = line.get("race", raced)
        elif "error" in line:
            errors[line["set"], line["threads"], line["rival"]] = line["error"]
        else:
            groups[line["set"], line["threads"], line["rival"]].append(line)
    races = defaultdict(dict)
    for (name, threads, rival), lines in sorted(groups.items()):
        races[name, threads][rival] = medians(lines)
    return races, errors, machines, raced


def medians(lines):
    lines = [line for line in lines if line.get("stolen", 0) <= MOST_STOLEN] or lines
    out = dict(lines[-1])
    for field, value in lines[-1].items():
        values = [line[field] for line in lines if isinstance(line.get(field), (int, float))]
        if values and not isinstance(value, (str, bool)) and value is not None:
            out[field] = statistics.median(values)
    return out


def geometric_mean(values):
    return math.exp(statistics.fmean(map(math.log, values))) if values else math.nan


def fastest_row(line):
    """Microseconds by the fastest route that was measured."""
    return min(line["row_us"], line.get("engine_us", math.inf))


def number(value, form):
    return "-" if value is None else format(value, form)


def table(name, threads, race, errors):
    ours = race.get("copse")
    first = next(iter(race.values()))
    print(f"\n{name}: {first['rows']:.0f} x {first['columns']:.0f}, {first['trees']:.0f} trees or rounds, "
          f"{threads} thread{'s' if threads > 1 else ''}")
    print(f"  {'':19}{first['metric']:>9}{'fit s':>10}{'x':>7}{'1 thr row/s':>13}{'n thr row/s':>13}"
          f"{'1 row us':>10}{'peak MB':>9}{'model MB':>10}")
    for rival, line in sorted(race.items(), key=lambda item: item[1]["fit_s"]):
        ratio = line["fit_s"] / ours["fit_s"] if ours else None
        print(f"  {rival:19}{line['score']:9.4f}{line['fit_s']:10.3f}{number(ratio, '.2f'):>7}"
              f"{line['batch_1_rows_s']:13,.0f}{line['batch_n_rows_s']:13,.0f}"
              f"{fastest_row(line):10.1f}{line['peak_bytes'] / 1e6:9.1f}"
              f"{number(line['model_bytes'] and line['model_bytes'] / 1e6, '.1f'):>10}")
    for (of, k, rival), error in errors.items():
        if (of, k) == (name, threads):
            print(f"  {rival:19}{error}")


def ratios(races, threads, rival, field="fit_s", sets=None):
    """{set: rival's figure over copse's} at that many threads."""
    return {name: race[rival][field] / race["copse"][field]
            for (name, k), race in races.items()
            if k == threads and rival in race and "copse" in race and race["copse"][field] > 0
            and (sets is None or name in sets)}


class Bars:
    """Prints each bar with its figures, as PASS or MISS."""

    def judge(self, what, passed, figures):
        print(f"  {'-' if passed is None else 'PASS' if passed else 'MISS':5}{what}: {figures}")

    def least(self, what, values, least):
        """Every one of {name: value} is at least `least`."""
        if not values:
            return self.judge(what, None, "not measured")
        worst = min(values, key=values.get)
        self.judge(what, values[worst] >= least, f"least {values[worst]:.2f} ({worst})")


def ratios_to_all(races, threads, sets=None):
    return {f"{rival} on {name}": ratio for rival in rivals_of(races)
            for name, ratio in ratios(races, threads, rival, sets=sets).items()}


def boosting_bars(races, all_threads, bars):
    rows = {name: next(iter(race.values()))["rows"] for (name, _), race in races.items()}
    small = {name for name, n in rows.items() if n < 50_000}
    large = {name for name, n in rows.items() if n >= 100_000}
    for threads in all_threads:
        at = f"at n_jobs {threads}"
        bars.least(f"1.5x the fastest rival from 100,000 rows {at}",
                   ratios_to_all(races, threads, large), 1.5)
        bars.least(f"3x the fastest rival below 50,000 rows {at}",
                   ratios_to_all(races, threads, small), 3)
        worse = {name: race["copse"]["score"] - race["lightgbm"]["score"]
                 for (name, k), race in races.items()
                 if k == threads and {"copse", "lightgbm"} <= race.keys()}
        bars.least(f"score within 0.002 of lightgbm's {at}", worse, -0.002)


def forest_bars(races, all_threads, bars):
    large = {name for (name, _), race in races.items()
             if any(line["rows"] >= 1_000_000 for line in race.values())}
    for threads in all_threads:
        against = ratios(races, threads, REFERENCE)
        at = f"at n_jobs {threads}"
        mean = geometric_mean(against.values())
        bars.judge(f"5x {REFERENCE} in the geometric mean {at}",
                   mean >= 5 if against else None, f"{mean:.2f} over {len(against)} sets")
        bars.least(f"never below 2x {REFERENCE} {at}", against, 2)
        bars.least(f"10x {REFERENCE} on sets of 1M rows {at}",
                   {name: r for name, r in against.items() if name in large}, 10)
        bars.least(f"faster than every rival on every set {at}",
                   ratios_to_all(races, threads), 1)
        bars.least(f"a quarter of {REFERENCE}'s peak memory {at}",
                   ratios(races, threads, REFERENCE, "peak_bytes"), 4)
        worse = {name: race["copse"]["score"] - race[REFERENCE]["score"]
                 for (name, k), race in races.items()
                 if k == threads and {"copse", REFERENCE} <= race.keys()}
        bars.least(f"score within 0.005 of {REFERENCE}'s {at}", worse, -0.005)


def scaling_bars(races, bars):
    def speed_up(few, many):
        return {name: races[name, few]["copse"]["fit_s"] / race["copse"]["fit_s"]
                for (name, k), race in races.items()
                if k == many and "copse" in race and "copse" in races.get((name, few), {})}
    bars.least("two jobs at least 1.8x one", speed_up(1, 2), 1.8)
    bars.least("eight jobs no slower than two (5 % for noise)", speed_up(2, 8), 0.95)


def asking_bars(races, all_threads, bars):
    for what, figure, better in [
            ("batch rows/s at 1 thread", lambda line: 1 / line["batch_1_rows_s"], 1),
            (f"batch rows/s at {max(all_threads)} threads", lambda line: 1 / line["batch_n_rows_s"], 1),
            ("one row", fastest_row, 1)]:
        values = {f"{rival} on {name}": figure(line) / figure(race["copse"])
                  for (name, k), race in races.items() if k == max(all_threads) and "copse" in race
                  for rival, line in race.items() if rival != "copse"}
        bars.least(f"{what} better than every rival's", values, better)


def rivals_of(races):
    return sorted({rival for race in races.values() for rival in race} - {"copse"})


def means(races, all_threads):
    print("\nGeometric means over sets of the rival's time to fit over copse's (sets)")
    for rival in rivals_of(races):
        cells = []
        for threads in all_threads:
            found = ratios(races, threads, rival)
            cells.append(f"{threads} thr {geometric_mean(found.values()):8.2f} ({len(found)})")
        print(f"  {rival:19}" + "   ".join(cells))


def plot(races, threads, path, raced):
    """Bars of each rival's time to fit over copse's, set by set, on a logarithmic axis."""
    try:
        import matplotlib
    except ImportError:
        print("report: no plot: matplotlib is not installed", file=sys.stderr)
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot
    rivals = rivals_of(races)
    names = sorted(name for name, k in races if k == threads)
    figure, axes = pyplot.subplots(figsize=(1.6 * len(names) + 3, 4.5))
    width = 0.8 / max(1, len(rivals))
    for i, rival in enumerate(rivals):
        found = ratios(races, threads, rival)
        axes.bar([k + (i + 0.5) * width - 0.4 for k in range(len(names))],
                 [found.get(name, math.nan) for name in names], width, label=rival)
    axes.axhline(1, color="black", linewidth=1)
    axes.set_yscale("log")
    axes.set_xticks(range(len(names)), names)
    axes.set_ylabel("time to fit, times copse's")
    title = {"forest": "Random forests", "boosting": "Gradient boosting"}[raced]
    axes.set_title(f"{title}, {threads} thread{'s' if threads > 1 else ''}; above 1, copse is faster")
    axes.legend(ncols=2, fontsize="small")
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    print(f"\nplot: {path}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--plot", type=Path)
    given = parser.parse_args()
    races, errors, machines, raced = read(given.file)
    print("\n".join(dict.fromkeys(machines)))
    for (name, threads), race in sorted(races.items()):
        table(name, threads, race, errors)
    compared = sorted({k for (_, k), race in races.items() if len(race) > 1})
    if compared:
        means(races, compared)
    print("\nBars")
    bars = Bars()
    if compared:
        {"forest": forest_bars, "boosting": boosting_bars}[raced](races, compared, bars)
    scaling_bars(races, bars)
    if compared:
        asking_bars(races, compared, bars)
    if compared and given.plot:
        plot(races, max(compared), given.plot, raced)


if __name__ == "__main__":
    main()
