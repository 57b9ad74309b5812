"""Random numbers beside real Keras: for one integer seed, the very same ones."""

from __future__ import annotations

import numpy as np
import pytest

from nyala import random

keras = pytest.importorskip("keras")

LOGITS = np.random.default_rng(0).normal(size=(3, 5)).astype("float32")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("normal", ((3, 4), 1.0, 2.0)),
        ("truncated_normal", ((40,), 1.0, 2.0)),
        ("uniform", ((3, 4), 1.0, 2.0)),
        ("randint", ((40,), 1, 20)),
        ("categorical", (LOGITS, 7)),
        ("gamma", ((9,), 2.0)),
        ("beta", ((9,), 2.0, 3.0)),
        ("binomial", ((9,), 20, 0.3)),
        ("shuffle", (LOGITS, 1)),
    ],
)
def test_the_same_numbers(name, arguments):
    ours = np.asarray(getattr(random, name)(*arguments, seed=5))
    theirs = np.asarray(getattr(keras.random, name)(*arguments, seed=5))
    assert ours.dtype == theirs.dtype
    # Compiled with the multiplication that follows, the last bit may differ.
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_generators_hand_out_the_same_keys():
    ours, theirs = random.SeedGenerator(7), keras.random.SeedGenerator(7)
    for _ in range(3):
        np.testing.assert_allclose(
            random.normal((4,), seed=ours), keras.random.normal((4,), seed=theirs), rtol=1e-6
        )
