#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Sets for linear models: bench/.data/linear/NAME with y.npy (int32 codes of classes) and either
X.npy (n, d) float32 or compressed rows: offsets, indices, values and shape .npy.

    COPSE_DATA_DIR=... prepare_linear.py [NAME ...]     # all sets, or those named

image and text are drawn by make_linear.py; the others are public files. Pixels and letters are
scaled to [0, 1], kddcup99's columns to their greatest absolute value.
"""
import argparse
import sys
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from sklearn.datasets import load_svmlight_file

import make_linear
import prepare


def svmlight(name):
    with prepare.open_data(name)("rb") as file:
        return load_svmlight_file(file)


def dense(maker, scale):
    _, _, x, y, _, _ = maker()
    x = np.nan_to_num(x)
    return x / scale(x), y


# Each returns x, an array or a SciPy matrix, and y.
SETS = {
    "image": lambda: make_linear.both()["image"],
    "text": lambda: make_linear.both()["text"],
    "mnist": lambda: dense(prepare.mnist, lambda x: 255),
    "letter": lambda: dense(prepare.letter, lambda x: 15),
    "kddcup99": lambda: dense(prepare.kddcup99, lambda x: np.maximum(np.abs(x).max(0), 1e-30)),
    "a9a": lambda: svmlight("a9a_train.libsvm"),
    "reuters": lambda: svmlight("reuters_train.libsvm"),
}


def write(folder, x, y):
    folder.mkdir(parents=True, exist_ok=True)
    if sp.issparse(x):
        x = x.tocsr()
        x.sort_indices()
        np.save(folder / "offsets.npy", x.indptr.astype(np.int64))
        np.save(folder / "indices.npy", x.indices.astype(np.int32))
        np.save(folder / "values.npy", x.data.astype(np.float32))
        np.save(folder / "shape.npy", np.array(x.shape, np.int32))
    else:
        np.save(folder / "X.npy", np.ascontiguousarray(x, dtype=np.float32))
    np.save(folder / "y.npy", np.unique(y, return_inverse=True)[1].astype(np.int32))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SETS))
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / ".data" / "linear")
    given = parser.parse_args()
    if unknown := set(given.names) - set(SETS):
        sys.exit(f"prepare_linear: no set is called {', '.join(sorted(unknown))}")
    for name in given.names or SETS:
        if (given.out / name / "y.npy").exists():
            continue
        try:
            write(given.out / name, *SETS[name]())
            print(f"prepare_linear: {name}", file=sys.stderr)
        except prepare.Skipped as why:
            print(f"prepare_linear: {name} is left out: {why}", file=sys.stderr)


if __name__ == "__main__":
    main()
