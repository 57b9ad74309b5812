"""Initializers: distributions, fans, determinism, names, configs."""

from __future__ import annotations

import numpy as np
import pytest

from nyala import initializers
from nyala.core import serialize_keras_object
from nyala.eager import SeedGenerator

RANDOM = {
    "RandomNormal": {},
    "TruncatedNormal": {},
    "RandomUniform": {},
    "VarianceScaling": {"distribution": "untruncated_normal"},
    "GlorotNormal": {},
    "GlorotUniform": {},
    "HeNormal": {},
    "HeUniform": {},
    "LecunNormal": {},
    "LecunUniform": {},
    "Orthogonal": {},
}
EVERY = {**RANDOM, "Zeros": {}, "Ones": {}, "Constant": {"value": 2.5}, "Identity": {"gain": 3.0}}


def values(initializer, shape, dtype=None):
    return np.asarray(initializer(shape, dtype))


@pytest.mark.parametrize("name", RANDOM)
def test_an_integer_seed_returns_the_same_values_every_time(name):
    cls = getattr(initializers, name)
    first, other = cls(seed=3, **RANDOM[name]), cls(seed=4, **RANDOM[name])
    np.testing.assert_array_equal(values(first, (8, 4)), values(first, (8, 4)))
    np.testing.assert_array_equal(
        values(first, (8, 4)), values(cls(seed=3, **RANDOM[name]), (8, 4))
    )
    assert not np.array_equal(values(first, (8, 4)), values(other, (8, 4)))


def test_values_of_a_seed_never_change():
    # A change of these numbers changes every reproducible run of every user.
    expected = [-0.2482292, -0.02676702, -1.9444163]
    drawn = values(initializers.RandomNormal(stddev=1.0, seed=0), (3,))
    np.testing.assert_allclose(drawn, expected, rtol=1e-6)


def test_a_seed_generator_returns_new_values_every_time():
    init = initializers.GlorotUniform(seed=SeedGenerator(5))
    first, second = values(init, (4, 4)), values(init, (4, 4))
    assert not np.array_equal(first, second)
    again = initializers.GlorotUniform(seed=SeedGenerator(5))
    np.testing.assert_array_equal(values(again, (4, 4)), first)
    np.testing.assert_array_equal(values(again, (4, 4)), second)


def test_without_a_seed_each_instance_differs_and_set_random_seed_repeats_them():
    from nyala.eager import set_random_seed

    set_random_seed(1)
    first = [values(initializers.HeNormal(), (4,)) for _ in range(2)]
    set_random_seed(1)
    second = [values(initializers.HeNormal(), (4,)) for _ in range(2)]
    assert not np.array_equal(first[0], first[1])
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_shape_and_dtype(name, dtype):
    tensor = getattr(initializers, name)(**EVERY[name])((6, 3), dtype)
    assert tuple(tensor.shape) == (6, 3)
    assert tensor.dtype == dtype


@pytest.mark.parametrize("name", RANDOM)
def test_half_precision_rounds_the_same_draws(name):
    init = getattr(initializers, name)(seed=2, **RANDOM[name])
    np.testing.assert_array_equal(
        values(init, (5, 4), "float16"), values(init, (5, 4)).astype("float16")
    )


@pytest.mark.parametrize(
    ("init", "mean", "stddev", "bound"),
    [
        (initializers.RandomNormal(1.0, 2.0, seed=0), 1.0, 2.0, None),
        (initializers.TruncatedNormal(0.0, 1.0, seed=0), 0.0, 0.8796, 2.0),
        (initializers.RandomUniform(-2.0, 2.0, seed=0), 0.0, 4 / 12**0.5, 2.0),
        (initializers.HeNormal(seed=0), 0.0, (2 / 200) ** 0.5, None),
        (initializers.LecunNormal(seed=0), 0.0, (1 / 200) ** 0.5, None),
        (initializers.GlorotNormal(seed=0), 0.0, (2 / 500) ** 0.5, None),
        (initializers.GlorotUniform(seed=0), 0.0, (2 / 500) ** 0.5, (6 / 500) ** 0.5),
        (initializers.HeUniform(seed=0), 0.0, (2 / 200) ** 0.5, (6 / 200) ** 0.5),
        (initializers.LecunUniform(seed=0), 0.0, (1 / 200) ** 0.5, (3 / 200) ** 0.5),
    ],
)
def test_moments(init, mean, stddev, bound):
    drawn = values(init, (200, 300))
    # 60,000 draws: the standard error of the mean is stddev / 245, that of stddev about 0.3 %.
    assert drawn.mean() == pytest.approx(mean, abs=5 * stddev / 245)
    assert drawn.std() == pytest.approx(stddev, rel=0.02)
    if bound is not None:
        assert np.abs(drawn).max() <= bound
        assert np.abs(drawn).max() > 0.99 * bound


@pytest.mark.parametrize(
    ("shape", "fans"),
    [
        ((), (1, 1)),
        ((5,), (5, 5)),
        ((3, 4), (3, 4)),
        ((3, 3, 4, 8), (36, 72)),
        ((2, 3, 3, 4, 8), (72, 144)),
    ],
)
def test_fans(shape, fans):
    assert initializers.compute_fans(shape) == fans


def test_fans_of_named_axes():
    assert initializers.compute_fans((2, 3, 4), input_axes=[0, 1], output_axes=[2]) == (6, 4)
    init = initializers.LecunUniform(seed=0, input_axes=[0], output_axes=[1, 2])
    assert np.abs(values(init, (3, 50, 50))).max() == pytest.approx(1.0, abs=1e-2)


@pytest.mark.parametrize("shape", [(6, 3), (3, 6), (2, 3, 4), (3, 3, 2, 40)])
def test_orthogonal(shape):
    q = values(initializers.Orthogonal(gain=2.0, seed=1), shape).reshape(-1, shape[-1])
    small = q.T @ q if q.shape[0] >= q.shape[1] else q @ q.T
    np.testing.assert_allclose(small, 4 * np.eye(len(small)), atol=1e-5)


def test_constants():
    np.testing.assert_array_equal(
        values(initializers.Constant([1.0, 2.0]), (2, 2)), [[1, 2], [1, 2]]
    )
    np.testing.assert_array_equal(
        values(initializers.Identity(2.0), (2, 3)), [[2, 0, 0], [0, 2, 0]]
    )
    assert initializers.Zeros()(3).shape == (3,)
    assert initializers.Ones()((2,), "int32").dtype == "int32"


@pytest.mark.parametrize("name", EVERY)
def test_config_round_trip(name):
    init = getattr(initializers, name)(**EVERY[name])
    data = initializers.serialize(init)
    assert data["module"] == "keras.initializers"
    assert data["class_name"] == name
    assert data["registered_name"] is None
    back = initializers.deserialize(data)
    assert type(back) is type(init)
    assert back.get_config() == init.get_config()
    assert init.clone().get_config() == init.get_config()


def test_a_seed_generator_is_part_of_the_config():
    init = initializers.RandomNormal(seed=SeedGenerator(4))
    back = initializers.deserialize(initializers.serialize(init))
    np.testing.assert_array_equal(values(back, (3,)), values(init, (3,)))


def test_keras_2_configs():
    config = {"class_name": "GlorotUniform", "config": {"seed": 1, "dtype": "float32"}}
    assert initializers.get(config).seed == 1
    config = {
        "class_name": "VarianceScaling",
        "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "normal", "seed": None},
    }
    assert initializers.get(config).distribution == "truncated_normal"


@pytest.mark.parametrize(
    ("name", "cls"),
    [
        ("zeros", "Zeros"),
        ("zero", "Zeros"),
        ("one", "Ones"),
        ("uniform", "RandomUniform"),
        ("normal", "RandomNormal"),
        ("glorot_uniform", "GlorotUniform"),
        ("OrthogonalInitializer", "Orthogonal"),
        ("IdentityInitializer", "Identity"),
        ("stft", "STFT"),
    ],
)
def test_names(name, cls):
    assert type(initializers.get(name)) is getattr(initializers, cls)


def test_get_passes_objects_through():
    assert initializers.get(None) is None
    init = initializers.Ones()
    assert initializers.get(init) is init
    assert isinstance(initializers.get(initializers.Ones), initializers.Ones)
    array = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(values(initializers.get(array), (2, 3)), array)
    with pytest.raises(ValueError, match=r"shape \(2, 3\)"):
        initializers.get(array)((3, 2))


def test_errors_name_the_way_out():
    with pytest.raises(ValueError, match="Did you mean 'glorot_uniform'"):
        initializers.get("glorot_unifrom")
    with pytest.raises(ValueError, match="expects an integer, a SeedGenerator or None; got 'x'"):
        initializers.RandomNormal(seed="x")
    with pytest.raises(ValueError, match="Did you mean 'fan_in'"):
        initializers.VarianceScaling(mode="fanin")
    with pytest.raises(ValueError, match="must be positive"):
        initializers.VarianceScaling(scale=0)
    with pytest.raises(ValueError, match="two axes"):
        initializers.Identity()((3,))
    with pytest.raises(ValueError, match="at least two axes"):
        initializers.Orthogonal()((3,))
    with pytest.raises(ValueError, match="does not broadcast"):
        initializers.Constant([1.0, 2.0])((3,))
    with pytest.raises(ValueError, match="Did you mean 'hamming'"):
        initializers.STFT(window="haming")
    with pytest.raises(ValueError, match="Cannot use 3"):
        initializers.get(3)


def test_repr():
    assert repr(initializers.Zeros()) == "<nyala.initializers.Zeros>"


def test_a_user_class_without_arguments_serializes():
    class Mine(initializers.Initializer):
        def __call__(self, shape, dtype=None):
            return initializers.Ones()(shape, dtype)

    assert serialize_keras_object(Mine())["class_name"] == "Mine"
