#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Draw the two sets on which linear models were first measured, always the same.

image   60000 x 784 floats, 10 classes: blurred strokes, shifted and blended, 17 % not zero, 2 % of
        the labels wrong
text    20000 x 47000 compressed, 53 classes: Zipf's words and 600 words of each class, tf-idf, rows
        of length 1, 75.7 stored values a row

Shapes only: what a model scores on them says nothing of real data.
"""
import functools

import numpy as np
import scipy.sparse as sp
from scipy.ndimage import gaussian_filter


def image(rng):
    """Three stroke prototypes a class, shifted, blended with another, noise on the ink."""
    n, n_classes = 60000, 10
    protos = []
    for _ in range(n_classes * 3):
        img = np.zeros((28, 28))
        pos = np.array([rng.uniform(6, 22), rng.uniform(6, 22)])
        angle = rng.uniform(0, 6.28)
        for _ in range(55):
            angle += rng.normal(0, 0.35)
            pos = np.clip(pos + np.array([np.cos(angle), np.sin(angle)]), 5, 22)
            img[int(pos[0]), int(pos[1])] = 1
        img = gaussian_filter(img, 0.9)
        protos.append(np.clip(img / img.max() * 1.4, 0, 1))
    y = rng.integers(0, n_classes, n)
    variant = rng.integers(0, 3, n)
    X = np.zeros((n, 784), np.float32)
    shifts = [(a, b) for a in range(-2, 3) for b in range(-2, 3)]
    shifted = np.array([[np.roll(np.roll(p, a, 0), b, 1).ravel() for a, b in shifts] for p in protos])
    s1, s2, other = rng.integers(0, 25, n), rng.integers(0, 25, n), rng.integers(0, 30, n)
    for start in range(0, n, 5000):
        e = slice(start, start + 5000)
        base = shifted[y[e] * 3 + variant[e], s1[e]] * rng.uniform(0.6, 1, (5000, 1))
        base = base + 0.45 * shifted[other[e], s2[e]] * rng.uniform(0, 1, (5000, 1))
        x = np.clip(base + rng.normal(0, 0.25, (5000, 784)) * (base > 0.03), 0, 1)
        x[x < 0.12] = 0
        X[e] = np.round(x * 255) / 255
    flip = rng.random(n) < 0.02
    y[flip] = rng.integers(0, n_classes, flip.sum())
    return X, y


def text(rng):
    """Zipf words plus 600 topic words a class."""
    n, d, n_classes = 20000, 47000, 53
    word_p = 1 / np.arange(1, d + 1) ** 1.05
    word_p /= word_p.sum()
    topic_p = 1 / np.arange(1, d + 1) ** 0.6
    topic_p /= topic_p.sum()
    topics = [rng.choice(d, 600, p=topic_p, replace=False) for _ in range(n_classes)]
    class_p = 1 / np.arange(1, n_classes + 1)
    class_p /= class_p.sum()
    y = rng.choice(n_classes, n, p=class_p)
    rows, cols, counts = [], [], []
    for i in range(n):
        length = max(12, int(rng.lognormal(4.4, 0.5)))
        n_topic = int(length * 0.35)
        words = np.concatenate([rng.choice(topics[y[i]], n_topic), rng.choice(d, length - n_topic, p=word_p)])
        u, c = np.unique(words, return_counts=True)
        rows.append(np.full(len(u), i))
        cols.append(u)
        counts.append(c)
    M = sp.csr_matrix((np.concatenate(counts).astype(float), (np.concatenate(rows), np.concatenate(cols))), shape=(n, d))
    df = np.maximum(1, (M > 0).sum(0).A1)
    M.data = (1 + np.log(M.data)) * np.log(n / df[M.indices])
    M = (sp.diags(1 / np.sqrt(M.multiply(M).sum(1).A1)) @ M).tocsr()
    return M, y


@functools.cache
def both():
    """{name: (x, y)}; text is drawn after image, from the same numbers."""
    rng = np.random.default_rng(0)
    first = image(rng)
    return {"image": first, "text": text(rng)}
