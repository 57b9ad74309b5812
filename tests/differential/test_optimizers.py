"""Every optimizer and schedule against real Keras: 100 steps, state, names, configs, files."""

from __future__ import annotations

import copy

import jax
import numpy as np
import pytest

import nyala
from nyala import optimizers

keras = pytest.importorskip("keras")

# Real Keras' Variable.numpy() uses a signature of __array__ that NumPy 2 deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

STEPS = 100
# float32; in most cases the trajectories are bit-equal.
TOLERANCE = {"rtol": 1e-6, "atol": 1e-7}
SHAPES = {"kernel": (4, 3), "bias": (3,), "filter": (2, 2, 3)}
RULES = (
    "SGD", "RMSprop", "Adam", "AdamW", "Adadelta", "Adagrad", "Adamax", "Adafactor", "Nadam",
    "Ftrl", "Lion", "Lamb", "Muon", "ScheduleFreeAdamW",
)  # fmt: skip


def with_rate(make):
    """Mark an argument that is made from the `schedules` of either library."""
    make.of_schedules = True
    return make


WARM_COSINE = with_rate(lambda s: s.CosineDecay(0.0, 60, warmup_target=0.1, warmup_steps=20))
EXPONENTIAL = with_rate(lambda s: s.ExponentialDecay(0.1, 10, 0.5, staircase=True))

CASES = [(name, {"learning_rate": 0.01}) for name in RULES] + [
    ("SGD", {"momentum": 0.9}),
    ("SGD", {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    ("SGD", {"learning_rate": WARM_COSINE, "gradient_accumulation_steps": 2}),
    ("RMSprop", {"momentum": 0.9, "centered": True, "epsilon": 1e-3}),
    ("RMSprop", {"learning_rate": EXPONENTIAL}),
    ("Adam", {"amsgrad": True, "clipnorm": 0.5}),
    ("Adam", {"global_clipnorm": 0.5}),
    ("Adam", {"clipvalue": 0.5, "weight_decay": 0.1}),
    ("Adam", {"use_ema": True, "ema_momentum": 0.9}),
    ("Adam", {"use_ema": True, "ema_overwrite_frequency": 7}),
    ("Adam", {"learning_rate": WARM_COSINE, "weight_decay": 0.1}),
    ("Adam", {"gradient_accumulation_steps": 3, "loss_scale_factor": 8.0}),
    (
        "AdamW",
        {
            "gradient_accumulation_steps": 3,
            "use_ema": True,
            "ema_overwrite_frequency": 4,
            "clipnorm": 1.0,
        },
    ),
    ("Nadam", {"gradient_accumulation_steps": 2, "beta_1": 0.8}),
    ("Adafactor", {"relative_step": False, "clip_threshold": 0.5, "weight_decay": 0.01}),
    ("Ftrl", {"l1_regularization_strength": 0.1, "l2_regularization_strength": 0.2, "beta": 0.3}),
    ("Ftrl", {"l2_shrinkage_regularization_strength": 0.1, "learning_rate_power": -0.7}),
    ("Muon", {"nesterov": False, "rms_rate": None, "weight_decay": None, "adam_lr_ratio": 0.5}),
    ("Muon", {"exclude_layers": ["ker.*"], "adam_weight_decay": 0.1}),
    ("ScheduleFreeAdamW", {"warmup_steps": 10}),
]


def describe(case) -> str:
    if isinstance(case, str):
        return case
    return "-".join(f"{k}={'schedule' if callable(v) else v}" for k, v in case.items())


def make(module, name, arguments):
    arguments = {
        key: value(module.schedules) if hasattr(value, "of_schedules") else value
        for key, value in arguments.items()
    }
    return getattr(module, name)(**arguments)


def values(seed=0):
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=shape).astype("float32") for name, shape in SHAPES.items()}


def gradients(steps, seed=1):
    rng = np.random.default_rng(seed)
    return [
        [rng.normal(size=shape).astype("float32") for shape in SHAPES.values()]
        for _ in range(steps)
    ]


def built_pair(name, arguments):
    """Return real Keras' optimizer and ours with their variables, built."""
    theirs, ours = make(keras.optimizers, name, arguments), make(optimizers, name, arguments)
    their_variables = [keras.Variable(value, name=key) for key, value in values().items()]
    our_variables = [nyala.Variable(value, name=key) for key, value in values().items()]
    theirs.build(their_variables)
    ours.build(our_variables)
    return theirs, their_variables, ours, our_variables


@pytest.mark.parametrize(("name", "arguments"), CASES, ids=describe)
def test_hundred_steps_equal_keras(name, arguments):
    theirs, their_variables, ours, our_variables = built_pair(name, arguments)
    step = jax.jit(theirs.stateless_apply)
    trained = [variable.value for variable in their_variables]
    state = [variable.value for variable in theirs.variables]
    for grads in gradients(STEPS):
        trained, state = step(state, grads, trained)
        ours.apply(grads, our_variables)
    for expected, variable in zip(trained, our_variables, strict=True):
        np.testing.assert_allclose(variable.numpy(), expected, err_msg=variable.path, **TOLERANCE)
    for expected, variable in zip(state, ours.variables, strict=True):
        np.testing.assert_allclose(variable.numpy(), expected, err_msg=variable.path, **TOLERANCE)


NAMED = [
    *((name, {}) for name in RULES),
    ("SGD", {"momentum": 0.9, "use_ema": True, "gradient_accumulation_steps": 2}),
    ("RMSprop", {"momentum": 0.9, "centered": True}),
    ("Adam", {"amsgrad": True, "use_ema": True}),
    ("Adam", {"learning_rate": EXPONENTIAL}),
]


@pytest.mark.parametrize(("name", "arguments"), NAMED, ids=describe)
def test_variables_have_keras_order_names_shapes_and_dtypes(name, arguments):
    theirs, _, ours, _ = built_pair(name, arguments)

    def listed(optimizer):
        # The counters behind automatic names stand differently in the two libraries.
        return [
            (v.name.rstrip("_0123456789"), tuple(v.shape), str(v.dtype))
            for v in optimizer.variables
        ]

    assert listed(ours) == listed(theirs)
    slots = [variable for variable in ours.variables if variable.name != "variable"]
    assert all(variable.path == f"{ours.name}/{variable.name}" for variable in slots)


@pytest.mark.parametrize(("name", "arguments"), NAMED, ids=describe)
def test_config_is_keras_config_both_ways(name, arguments):
    arguments = {**arguments, "name": "it"}
    theirs, ours = make(keras.optimizers, name, arguments), make(optimizers, name, arguments)
    config = optimizers.serialize(ours)
    assert config == keras.optimizers.serialize(theirs)
    assert optimizers.serialize(optimizers.deserialize(config)) == config
    # Real Keras changes the config that it reads.
    read_by_keras = keras.saving.deserialize_keras_object(copy.deepcopy(config))
    assert keras.optimizers.serialize(read_by_keras) == config


def test_state_goes_both_ways_through_a_store():
    theirs, their_variables, ours, our_variables = built_pair("Adam", {})
    theirs.apply(gradients(1)[0], their_variables)
    store: dict = {}
    theirs.save_own_variables(store)
    ours.load_own_variables(store)
    for expected, variable in zip(theirs.variables, ours.variables, strict=True):
        np.testing.assert_array_equal(variable.numpy(), np.asarray(expected))
    ours.apply(gradients(2)[1], our_variables)
    back: dict = {}
    ours.save_own_variables(back)
    theirs.load_own_variables(back)
    assert int(theirs.iterations.numpy()) == 2


SCHEDULES = [
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.9}),
    (
        "ExponentialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.9, "staircase": True},
    ),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 3, "decay_rate": 0.5}),
    (
        "InverseTimeDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 3, "decay_rate": 0.5, "staircase": True},
    ),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 20}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 20, "power": 2.5}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 9, "cycle": True}),
    ("PiecewiseConstantDecay", {"boundaries": [5, 11, 20], "values": [1.0, 0.5, 0.25, 0.1]}),
    ("PiecewiseConstantDecay", {"boundaries": [5], "values": [1.0, 0.5]}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 30}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 30, "alpha": 0.2}),
    (
        "CosineDecay",
        {
            "initial_learning_rate": 0.01,
            "decay_steps": 20,
            "warmup_target": 0.5,
            "warmup_steps": 11,
            "alpha": 0.1,
        },
    ),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 5}),
    (
        "CosineDecayRestarts",
        {
            "initial_learning_rate": 0.1,
            "first_decay_steps": 4,
            "t_mul": 1.0,
            "m_mul": 0.8,
            "alpha": 0.05,
        },
    ),
    (
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 4, "t_mul": 1.5, "m_mul": 0.8},
    ),
]


@pytest.mark.parametrize(("name", "arguments"), SCHEDULES, ids=describe)
def test_schedules_equal_keras(name, arguments):
    theirs = getattr(keras.optimizers.schedules, name)(**arguments)
    ours = getattr(optimizers.schedules, name)(**arguments)
    expected = jax.jit(theirs)
    for step in range(50):
        # Cosines cancel near their end: their error is absolute, in units of the highest rate.
        np.testing.assert_allclose(
            float(ours(step)), float(expected(step)), rtol=1e-6, atol=1e-7, err_msg=f"step {step}"
        )
    assert optimizers.schedules.serialize(ours) == keras.optimizers.schedules.serialize(theirs)


def test_loss_scaling_equals_keras():
    theirs = keras.optimizers.LossScaleOptimizer(
        keras.optimizers.Adam(), initial_scale=8.0, dynamic_growth_steps=2
    )
    ours = optimizers.LossScaleOptimizer(
        optimizers.Adam(), initial_scale=8.0, dynamic_growth_steps=2
    )
    their_variables = [keras.Variable(value, name=key) for key, value in values().items()]
    our_variables = [nyala.Variable(value, name=key) for key, value in values().items()]
    theirs.build(their_variables)
    ours.build(our_variables)
    assert [v.path for v in ours.variables[:4]] == [
        f"{ours.name}/{name}"
        for name in ("iteration", "learning_rate", "step_counter", "dynamic_scale")
    ]
    step = jax.jit(theirs.stateless_apply)
    trained = [variable.value for variable in their_variables]
    state = [variable.value for variable in theirs.variables]
    for i, grads in enumerate(gradients(8)):
        if i in (2, 6):
            grads[1][0] = np.inf
        trained, state = step(state, grads, trained)
        ours.apply(grads)
        pairs = zip([*trained, *state], [*our_variables, *ours.variables], strict=True)
        for expected, variable in pairs:
            np.testing.assert_allclose(variable.numpy(), expected, **TOLERANCE)
    config = optimizers.serialize(ours)
    assert keras.optimizers.deserialize(copy.deepcopy(config)).initial_scale == 8.0
    assert optimizers.deserialize(config).dynamic_growth_steps == 2


def test_several_optimizers_equal_keras():
    def multi(module):
        by_path = module.OptimizerMap(module.Adam(name="a"), {"b.*": module.SGD(0.1, name="s")})
        return module.MultiOptimizer(by_path, loss_scale_factor=2.0, name="m")

    theirs, ours = multi(keras.optimizers), multi(optimizers)
    their_variables = [keras.Variable(value, name=key) for key, value in values().items()]
    our_variables = [nyala.Variable(value, name=key) for key, value in values().items()]
    for grads in gradients(5):
        theirs.apply(grads, their_variables)
        ours.apply(grads, our_variables)
    assert [v.path for v in ours.variables] == [v.path for v in theirs.variables]
    for expected, variable in zip(
        [*their_variables, *theirs.variables], [*our_variables, *ours.variables], strict=True
    ):
        np.testing.assert_allclose(variable.numpy(), np.asarray(expected), **TOLERANCE)
    config = optimizers.serialize(ours)
    assert config == keras.optimizers.serialize(theirs)
    assert optimizers.serialize(optimizers.deserialize(config)) == config
