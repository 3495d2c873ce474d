#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Draw large sets in the shapes that tree benchmarks quote, for sizes no repository can carry.

    make_trees.py FOLDER particles 1000000      # 28 numeric columns, as HIGGS has; two noisy classes
    make_trees.py FOLDER flights 1000000        # 6 columns of codes and 2 numeric, as airline has

Shapes only: what a model scores on them says nothing of real data.
"""
import argparse
from pathlib import Path

import numpy as np

CATEGORICAL = {"particles": [], "flights": [0, 1, 2, 3, 4, 5]}


def labels_of(random, logit, spread):
    """Classes drawn with log-odds `logit`, standardised to the given spread."""
    logit = spread * (logit - logit.mean()) / logit.std()
    return (random.random(len(logit)) * (1 + np.exp(-logit)) < 1).astype(np.int32)


def particles(random, n):
    """Momenta (8, skewed), directions (9, uniform), tags (4, few values) and 7 columns derived from
    pairs of momenta and directions; the class depends on the derived ones most."""
    momentum = random.lognormal(0, 0.5, (n, 8))
    direction = random.uniform(-np.pi, np.pi, (n, 9))
    tag = random.choice(np.float32([0, 1, 2]), (n, 4), p=[0.55, 0.25, 0.2])
    pairs = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7)]
    derived = np.stack([np.sqrt(momentum[:, i] * momentum[:, j]
                                * (1.001 - np.cos(direction[:, i] - direction[:, j])))
                        for i, j in pairs], axis=1)
    logit = (2 * np.exp(-4 * (derived[:, 0] - 1) ** 2) - np.exp(-8 * (derived[:, 2] - 0.6) ** 2)
             + 0.7 * (tag[:, 0] > 0) * (derived[:, 4] > 1.2) + 0.4 * np.log(momentum[:, 1])
             + 0.5 * np.cos(direction[:, 7]) * (momentum[:, 2] > 1))
    derived *= random.normal(1, 0.04, derived.shape)
    return np.hstack([momentum, direction, tag, derived]), labels_of(random, logit, 2)


def flights(random, n):
    """Month, day, weekday, carrier, origin, destination, then minute of departure and distance."""
    world = np.random.default_rng(1903)  # the same airports whichever rows are drawn
    airport_delay, carrier_delay = world.normal(0, 0.7, 300), world.normal(0, 0.6, 20)
    where = world.uniform(0, 2000, (300, 2))
    busy = 1 / np.arange(2, 302)
    month, day, weekday, carrier = (random.integers(0, k, n) for k in (12, 31, 7, 20))
    origin, target = (random.choice(300, n, p=busy / busy.sum()) for _ in range(2))
    minute = np.clip(random.normal(800, 250, n), 0, 1439).round()
    distance = np.hypot(*(where[origin] - where[target]).T)
    logit = (airport_delay[origin] + 0.5 * airport_delay[target] + carrier_delay[carrier]
             + 3 * (minute / 1440) ** 2 + 0.5 * np.isin(month, [5, 6, 7, 11])
             + 0.3 * np.isin(weekday, [3, 4]) + 0.8 * carrier_delay[(carrier + origin) % 20] - 0.5)
    columns = [month, day, weekday, carrier, origin, target, minute, distance]
    return np.stack(columns, axis=1), labels_of(random, logit, 1.6)


def make(folder, shape, rows, seed=0):
    """Writes X.npy, y.npy and a tenth as many test rows (at least 10,000) into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = {"particles": particles, "flights": flights}[shape]
    for part, (suffix, n) in enumerate([("", rows), ("_test", max(rows // 10, 10_000))]):
        x, y = draw(np.random.default_rng([seed, part]), n)
        np.save(folder / f"X{suffix}.npy", x.astype(np.float32))
        np.save(folder / f"y{suffix}.npy", y)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("shape", choices=sorted(CATEGORICAL))
    parser.add_argument("rows", type=int)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    make(given.folder, given.shape, given.rows, given.seed)
