#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Turn public data files into prepared sets: bench/.data/NAME with X.npy (n, d) float32, y.npy
(int32 codes of classes, or float32 values or relevances), X_test.npy, y_test.npy, and set.txt,
which names the task, the columns that hold codes, and by default how many trees a forest has, how
many rounds are boosted, and to how many leaves. Sets to rank also have group.npy and
group_test.npy, int32: the consecutive rows of each query.

    COPSE_DATA_DIR=... prepare.py [NAME ...]        # the usual sets, or those named; what is there is kept

Text columns become codes in the alphabetical order of their values, counted from 0; an unknown
value becomes NaN. Rows are shuffled, so that the first k of them are a fair sample. The sets
particles and flights of a million rows, and of four if particles-4m or flights-4m is named, are
drawn by make_trees.py and need no data folder.
"""
import argparse
import csv
import gzip
import os
import sys
from pathlib import Path

import numpy as np

import make_trees

MISSING = {"", "?", "NA", "NULL"}
TEXT_MODE = {"encoding": "utf-8", "errors": "replace", "newline": ""}


class Skipped(Exception):
    """The set cannot be made here; says why."""


def open_data(name):
    """A file of the data folder, gzip or not."""
    folder = os.environ.get("COPSE_DATA_DIR")
    if not folder:
        raise Skipped("COPSE_DATA_DIR does not name a folder of data files")
    for path, opener in [(Path(folder) / f"{name}.gz", gzip.open), (Path(folder) / name, open)]:
        if path.exists():
            return lambda mode, **text: opener(path, mode, **text)
    raise Skipped(f"{name}.gz is not in COPSE_DATA_DIR")


def read_csv(*names):
    """One dictionary of columns, each a list of strings, for every file."""
    tables = []
    for name in names:
        with open_data(name)("rt", **TEXT_MODE) as lines:
            rows = csv.reader(lines)
            header = next(rows)
            tables.append(dict(zip(header, map(list, zip(*rows)))))
    return tables


def is_number(text):
    try:
        float(text)
        return True
    except ValueError:
        return False


def numbers_of(columns):
    """The same column of several tables as float32, and whether they are codes."""
    known = {value for column in columns for value in set(column)} - MISSING
    if all(map(is_number, known)):
        number = {value: float(value) for value in known}
    else:
        number = {value: code for code, value in enumerate(sorted(known))}
    is_codes = any(not is_number(value) for value in known)
    number.update(dict.fromkeys(MISSING, np.nan))
    return [np.array([number[v] for v in column], np.float32) for column in columns], is_codes


def features_of(tables, dropped):
    """(matrices, indices of the columns of codes)"""
    names = [name for name in tables[0] if name not in dropped]
    parts, categorical = [], []
    for index, name in enumerate(names):
        columns, is_codes = numbers_of([table[name] for table in tables])
        parts.append(columns)
        if is_codes:
            categorical.append(index)
    return [np.stack(columns, axis=1) for columns in zip(*parts)], categorical


def classes_of(*columns):
    """Codes of the classes of the first column, in order; -1 for a class that it lacks."""
    code = {name: k for k, name in enumerate(sorted(set(columns[0])))}
    return [np.array([code.get(name, -1) for name in column], np.int32) for column in columns]


def split(x, y, test_share):
    """Shuffled training and test parts: x, y, x_test, y_test."""
    order = np.random.default_rng(1).permutation(len(x))
    test, train = np.split(order, [int(len(x) * test_share)])
    return x[train], y[train], x[test], y[test]


# Each function below returns (task, categorical columns, x, y, x_test, y_test[, group, group_test]).

def letter():
    (table,) = read_csv("letter.csv")
    (x,), categorical = features_of([table], {"target"})
    (y,) = classes_of(table["target"])
    return "classification", categorical, *split(x, y, 0.2)


def sleep():
    (table,) = read_csv("sleep.csv")
    (x,), categorical = features_of([table], {"target"})
    (y,) = classes_of(table["target"])
    return "classification", categorical, *split(x, y, 0.2)


def adult():
    """Its own test file. Unknown work, occupation or country is missing."""
    tables = read_csv("adult_train.csv", "adult_test.csv")
    (x, x_test), categorical = features_of(tables, {"income"})
    y, y_test = classes_of(*(table["income"] for table in tables))
    order = np.random.default_rng(1).permutation(len(x))
    return "classification", categorical, x[order], y[order], x_test, y_test


HFLIGHTS_AFTERWARDS = {"Year", "ArrTime", "ActualElapsedTime", "AirTime", "ArrDelay", "DepDelay",
                       "TaxiIn", "TaxiOut", "Cancelled", "CancellationCode", "Diverted"}


def hflights():
    """Did a flight that arrived do so over 15 minutes late? What is known only afterwards, and the
    delay at departure, are left out; aircraft and flight numbers stay, as codes and numbers."""
    (table,) = read_csv("hflights.csv")
    (x,), categorical = features_of([table], HFLIGHTS_AFTERWARDS)
    (delay,), _ = numbers_of([table["ArrDelay"]])
    arrived = ~np.isnan(delay)
    y = (delay[arrived] > 15).astype(np.int32)
    return "classification", categorical, *split(x[arrived], y, 0.2)


def kddcup99():
    """A random fifth of the 10 percent file is the test: the official one is of another time."""
    (table,) = read_csv("kddcup99_10pct.csv")
    (x,), categorical = features_of([table], {"label"})
    x, names, x_test, names_test = split(x, np.array(table["label"]), 0.2)
    y, y_test = classes_of(names, names_test)
    return "classification", categorical, x, y, x_test[y_test >= 0], y_test[y_test >= 0]


def diamonds():
    (table,) = read_csv("diamonds.csv")
    (x,), categorical = features_of([table], {"price"})
    ((y,), _) = numbers_of([table["price"]])
    return "regression", categorical, *split(x, y, 0.2)


def idx(name):
    """An array in the format of MNIST's files. Y. LeCun, C. Cortes, C. Burges."""
    with open_data(name)("rb") as file:
        content = file.read()
    sizes = np.frombuffer(content, ">i4", content[3], 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * content[3]).reshape(sizes)


def mnist():
    x, x_test = (idx(f"mnist/{part}-images-idx3-ubyte").reshape(-1, 784).astype(np.float32)
                 for part in ("train", "t10k"))
    y, y_test = (idx(f"mnist/{part}-labels-idx1-ubyte").astype(np.int32)
                 for part in ("train", "t10k"))
    return "classification", [], x, y, x_test, y_test


def credit():
    """Give Me Some Credit, its labelled part."""
    (table,) = read_csv("give_me_some_credit.csv")
    (x,), categorical = features_of([table], {"SeriousDlqin2yrs"})
    (y,) = classes_of(table["SeriousDlqin2yrs"])
    return "classification", categorical, *split(x, y, 0.2)


def letor(*names):
    """(x, relevances, query sizes) of LETOR files one after the other."""
    rows, relevances, queries = [], [], []
    for name in names:
        with open_data(name)("rt", **TEXT_MODE) as lines:
            for line in lines:
                relevance, query, *cells = line.split("#")[0].split()
                relevances.append(float(relevance))
                queries.append((name, query))
                rows.append([float(cell.split(":")[1]) for cell in cells])
    starts = [i for i in range(len(queries)) if i == 0 or queries[i] != queries[i - 1]]
    sizes = np.diff([*starts, len(queries)])
    return np.array(rows, np.float32), np.array(relevances, np.float32), sizes.astype(np.int32)


def mq2008():
    """Fold 1 without its validation part; every row names all features."""
    x, y, group = letor("mq2008_S1.letor", "mq2008_S2.letor", "mq2008_S3.letor")
    x_test, y_test, group_test = letor("mq2008_S5.letor")
    return "ranking", [], x, y, x_test, y_test, group, group_test


# Tables of 1,000 rows and more for bench/agreement.py: file, column of y, task.
TABLES = dict(
    [(name, ("target", "classification")) for name in
     ["letter", "pendigits", "optdigits", "satimage", "segmentation", "mfeat_factors", "dna",
      "page_blocks", "spambase", "shuttle", "magic", "elec", "cover_anomaly"]],
    covtype_20k=("Cover_Type", "classification"), connect4_raw=("outcome", "classification"),
    german_credit=("class", "classification"), wine_quality_white=("quality", "regression"),
    wine_quality_red=("quality", "regression"), california_housing=("medianHouseValue", "regression"),
    house_16H=("target", "regression"), protein=("y", "regression"), bike=("y", "regression"),
    kin8nm=("y", "regression"), airfoil=("y", "regression"), abalone=("rings", "regression"),
    concrete=("strength", "regression"), insteval=("y", "regression"), ETTh1=("OT", "regression"))


def table_of(name):
    """(task, categorical columns, x, y) of one of TABLES; of classes y is a list of names."""
    label, task = TABLES[name]
    (table,) = read_csv(f"{name}.csv")
    # A column with a value of its own in each row tells rows apart, not what they have in common.
    names_of_rows = {column for column, values in table.items()
                     if len(set(values)) == len(values) and not all(map(is_number, values))}
    (x,), categorical = features_of([table], {label} | names_of_rows)
    if task == "classification":
        return task, categorical, x, table[label]
    ((y,), _) = numbers_of([table[label]])
    return task, categorical, x, y


FILES = [letter, adult, sleep, diamonds, mnist, hflights, kddcup99, credit,
         mq2008]
DRAWN = {"particles": ("particles", 1_000_000), "flights": ("flights", 1_000_000),
         "particles-4m": ("particles", 4_000_000), "flights-4m": ("flights", 4_000_000)}
USUAL = [maker.__name__ for maker in FILES] + ["particles", "flights"]
SETS = USUAL + ["particles-4m", "flights-4m"]
TREES = dict.fromkeys(DRAWN, 20)
ROUNDS = {"mnist": 20, "kddcup99": 20}  # of a tree for each of 10 and 23 classes
LEAVES = dict.fromkeys(DRAWN, 255)


def describe(folder, task, categorical):
    name = folder.name
    words = [f"task {task}", f"trees {TREES.get(name, 100)}", f"rounds {ROUNDS.get(name, 100)}",
             f"leaves {LEAVES.get(name, 31)}"]
    if categorical:
        words.append("categorical " + " ".join(map(str, categorical)))
    (folder / "set.txt").write_text("\n".join(words) + "\n")


def write(folder, task, categorical, arrays):
    """The arrays are x, y, x_test, y_test[, group, group_test]."""
    folder.mkdir(parents=True, exist_ok=True)
    for array, stem in zip(arrays, ["X", "y", "X_test", "y_test", "group", "group_test"]):
        np.save(folder / f"{stem}.npy", np.ascontiguousarray(array))
    describe(folder, task, categorical)  # last: it marks the set as whole


def prepare(name, folder):
    if name in DRAWN:
        shape, rows = DRAWN[name]
        make_trees.make(folder, shape, rows)
        describe(folder, "classification", make_trees.CATEGORICAL[shape])
        return
    maker = next(maker for maker in FILES if maker.__name__ == name)
    task, categorical, *arrays = maker()
    write(folder, task, categorical, arrays)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SETS))
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / ".data")
    given = parser.parse_args()
    if unknown := set(given.names) - set(SETS):
        sys.exit(f"prepare: no set is called {', '.join(sorted(unknown))}; there are {', '.join(SETS)}")
    for name in given.names or USUAL:
        if (given.out / name / "set.txt").exists():
            continue
        try:
            prepare(name, given.out / name)
            print(f"prepare: {name}", file=sys.stderr)
        except Skipped as why:
            print(f"prepare: {name} is left out: {why}", file=sys.stderr)


if __name__ == "__main__":
    main()
