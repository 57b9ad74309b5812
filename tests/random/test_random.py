"""Random numbers: seeds, moments, ranges, dropout, errors."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from nyala import random
from nyala.eager import set_random_seed

DRAWS = {
    "normal": ((4,),),
    "truncated_normal": ((4,),),
    "uniform": ((4,),),
    "randint": ((4,), 0, 1_000_000),
    "gamma": ((4,), 2.0),
    "beta": ((4,), 2.0, 3.0),
    "binomial": ((4,), 1000.0, 0.5),
    "categorical": (np.zeros((2, 1000), "float32"), 4),
    "shuffle": (np.arange(100.0, dtype="float32"),),
    "dropout": (np.ones(100, "float32"), 0.5),
}


@pytest.mark.parametrize("name", DRAWS)
def test_seeds(name):
    def draw(seed=None):
        return np.asarray(getattr(random, name)(*DRAWS[name], seed=seed))

    np.testing.assert_array_equal(draw(3), draw(3))
    assert not np.array_equal(draw(3), draw(4))
    generator = random.SeedGenerator(3)
    first = draw(generator)
    assert not np.array_equal(first, draw(generator))
    np.testing.assert_array_equal(first, draw(random.SeedGenerator(3)))
    set_random_seed(5)
    first = draw()
    assert not np.array_equal(first, draw())
    set_random_seed(5)
    np.testing.assert_array_equal(first, draw())


@pytest.mark.parametrize(
    ("draws", "mean", "variance"),
    [
        (lambda: random.normal((20_000,), 1.0, 2.0, seed=0), 1.0, 4.0),
        (lambda: random.truncated_normal((20_000,), 0.0, 1.0, seed=0), 0.0, 0.7737),
        (lambda: random.uniform((20_000,), -1.0, 3.0, seed=0), 1.0, 16 / 12),
        (lambda: random.gamma((20_000,), 2.0, seed=0), 2.0, 2.0),
        (lambda: random.beta((20_000,), 2.0, 2.0, seed=0), 0.5, 0.05),
        (lambda: random.binomial((20_000,), 10, 0.3, seed=0), 3.0, 2.1),
        (lambda: random.randint((20_000,), 0, 7, seed=0), 3.0, 4.0),
    ],
    ids=["normal", "truncated_normal", "uniform", "gamma", "beta", "binomial", "randint"],
)
def test_moments(draws, mean, variance):
    values = np.asarray(draws(), "float64")
    # Five standard errors of the mean; the variance to 6 %.
    assert values.mean() == pytest.approx(mean, abs=5 * (variance / 20_000) ** 0.5)
    assert values.var() == pytest.approx(variance, rel=0.06)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_dtypes(dtype):
    for name in ("normal", "uniform", "truncated_normal"):
        assert getattr(random, name)((2, 3), dtype=dtype).dtype == dtype
    assert random.randint((2,), 0, 5, dtype="uint8").dtype == "uint8"
    assert random.categorical(np.zeros((2, 3)), 4, dtype="int16").dtype == "int16"


def test_parameters_broadcast():
    values = np.asarray(random.normal((1000, 2), mean=[0.0, 100.0], stddev=[1.0, 2.0], seed=0))
    np.testing.assert_allclose(values.mean(0), [0, 100], atol=0.5)
    assert tuple(random.uniform(3).shape) == (3,)


def test_dropout():
    x = np.ones((1000, 4), "float32")
    dropped = np.asarray(random.dropout(x, 0.25, seed=1))
    assert set(np.unique(dropped)) == {0.0, np.float32(1 / 0.75)}
    assert (dropped == 0).mean() == pytest.approx(0.25, abs=0.05)
    rows = np.asarray(random.dropout(x, 0.25, noise_shape=(None, 1), seed=1))
    assert (rows == rows[:, :1]).all()
    np.testing.assert_array_equal(random.dropout(x, 0.0, seed=1), x)
    assert not np.asarray(random.dropout(x, 1.0, seed=1)).any()


def test_shuffle_permutes_each_line():
    x = np.arange(60.0).reshape(20, 3)
    shuffled = np.asarray(random.shuffle(x, axis=0, seed=2))
    np.testing.assert_array_equal(np.sort(shuffled, axis=0), x)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: random.uniform((2,), dtype="int32"), "use random.randint"),
        (lambda: random.randint((2,), 0, 3, dtype="float32"), "integer dtype"),
        (lambda: random.dropout([1.0], 1.5), "from 0 to 1"),
        (lambda: random.categorical([1.0, 2.0], 3), r"\(batch, classes\)"),
        (lambda: random.normal((2,), seed="x"), "seed expects"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_first_seed_of_a_process_does_as_the_second():
    code = """
import nyala
for _ in range(2):
    nyala.utils.set_random_seed(3)
    print(nyala.initializers.RandomUniform()((2,)).numpy(), nyala.random.uniform((2,)).numpy())
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, second = ran.stdout.splitlines()
    assert first == second
