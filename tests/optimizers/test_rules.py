"""The rules restated in plain NumPy, step by step."""

from __future__ import annotations

import numpy as np
import pytest

import nyala
from nyala import optimizers


def sgd(w, g, s, t, lr, momentum=0.0, nesterov=False):
    s["m"] = momentum * s.get("m", 0) - lr * g
    if nesterov:
        return w + momentum * s["m"] - lr * g
    return w + s["m"]


def rmsprop(w, g, s, t, lr, rho=0.9, momentum=0.0, epsilon=1e-7, centered=False):
    s["v"] = rho * s.get("v", 0) + (1 - rho) * g**2
    s["a"] = rho * s.get("a", 0) + (1 - rho) * g
    variance = s["v"] - s["a"] ** 2 if centered else s["v"]
    s["m"] = momentum * s.get("m", 0) + lr * g / np.sqrt(variance + epsilon)
    return w - s["m"]


def adam(w, g, s, t, lr, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False):
    s["m"] = beta_1 * s.get("m", 0) + (1 - beta_1) * g
    s["v"] = beta_2 * s.get("v", 0) + (1 - beta_2) * g**2
    s["top"] = np.maximum(s.get("top", 0), s["v"])
    root = np.sqrt(s["top"] if amsgrad else s["v"])
    return w - lr * np.sqrt(1 - beta_2**t) / (1 - beta_1**t) * s["m"] / (root + epsilon)


def adamw(w, g, s, t, lr, weight_decay=0.004):
    return adam(w - lr * weight_decay * w, g, s, t, lr)


def adagrad(w, g, s, t, lr, initial_accumulator_value=0.1, epsilon=1e-7):
    s["a"] = s.get("a", initial_accumulator_value) + g**2
    return w - lr * g / np.sqrt(s["a"] + epsilon)


def adadelta(w, g, s, t, lr, rho=0.95, epsilon=1e-7):
    s["g"] = rho * s.get("g", 0) + (1 - rho) * g**2
    move = np.sqrt(s.get("d", 0) + epsilon) / np.sqrt(s["g"] + epsilon) * g
    s["d"] = rho * s.get("d", 0) + (1 - rho) * move**2
    return w - lr * move


def adamax(w, g, s, t, lr, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    s["m"] = beta_1 * s.get("m", 0) + (1 - beta_1) * g
    s["u"] = np.maximum(beta_2 * s.get("u", 0), np.abs(g))
    return w - lr / (1 - beta_1**t) * s["m"] / (s["u"] + epsilon)


def lion(w, g, s, t, lr, beta_1=0.9, beta_2=0.99):
    m = s.get("m", 0)
    s["m"] = beta_2 * m + (1 - beta_2) * g
    return w - lr * np.sign(beta_1 * m + (1 - beta_1) * g)


def lamb(w, g, s, t, lr, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    s["m"] = beta_1 * s.get("m", 0) + (1 - beta_1) * g
    s["v"] = beta_2 * s.get("v", 0) + (1 - beta_2) * g**2
    move = s["m"] / (1 - beta_1**t) / (np.sqrt(s["v"] / (1 - beta_2**t)) + epsilon)
    return w - lr * np.linalg.norm(w) / np.linalg.norm(move) * move


CASES = [
    ("SGD", sgd, {}),
    ("SGD", sgd, {"momentum": 0.9}),
    ("SGD", sgd, {"momentum": 0.9, "nesterov": True}),
    ("RMSprop", rmsprop, {}),
    ("RMSprop", rmsprop, {"centered": True, "momentum": 0.5, "rho": 0.8}),
    ("Adam", adam, {}),
    ("Adam", adam, {"amsgrad": True, "beta_1": 0.5}),
    ("AdamW", adamw, {"weight_decay": 0.1}),
    ("Adagrad", adagrad, {}),
    ("Adadelta", adadelta, {"rho": 0.9}),
    ("Adamax", adamax, {}),
    ("Lion", lion, {}),
    ("Lamb", lamb, {}),
]


@pytest.mark.parametrize(("name", "rule", "arguments"), CASES)
def test_rule_equals_its_formula(name, rule, arguments):
    rng = np.random.default_rng(7)
    w = rng.normal(size=(3, 2))
    variable = nyala.Variable(w.astype("float32"))
    optimizer = getattr(optimizers, name)(learning_rate=0.05, **arguments)
    state: dict = {}
    for t in range(1, 21):
        g = rng.normal(size=(3, 2))
        w = rule(w, g, state, t, 0.05, **arguments)
        optimizer.apply([g.astype("float32")], [variable])
    # float32 against float64 over 20 steps of size 0.05.
    np.testing.assert_allclose(variable.numpy(), w, rtol=2e-5, atol=2e-6)


def test_muon_makes_the_step_orthogonal():
    rng = np.random.default_rng(3)
    variable = nyala.Variable(np.zeros((6, 4), "float32"))
    optimizer = optimizers.Muon(learning_rate=1.0, weight_decay=None, rms_rate=None)
    optimizer.apply([rng.normal(size=(6, 4)).astype("float32")], [variable])
    singular = np.linalg.svd(variable.numpy(), compute_uv=False)
    # The coefficients trade exactness for speed: singular values end within about 0.3 of 1.
    assert np.all(np.abs(singular - 1) < 0.4)


def test_muon_leaves_everything_but_matrices_to_adam():
    shapes = {"kernel": (4, 3), "bias": (3,), "embeddings": (5, 3), "filter": (2, 2, 3)}
    variables = [nyala.Variable(np.ones(s, "float32"), name=n) for n, s in shapes.items()]
    copies = [nyala.Variable(v.numpy()) for v in variables]
    muon = optimizers.Muon(adam_weight_decay=None, weight_decay=None)
    adam = optimizers.Adam()
    rng = np.random.default_rng(0)
    for _ in range(3):
        grads = [rng.normal(size=v.shape).astype("float32") for v in variables]
        muon.apply(grads, variables)
        adam.apply(grads, copies)
    same = [
        np.allclose(variable.numpy(), copy.numpy(), rtol=1e-6, atol=0)
        for variable, copy in zip(variables, copies, strict=True)
    ]
    assert same == [False, True, True, True]


ALL = (
    "SGD", "RMSprop", "Adam", "AdamW", "Adadelta", "Adagrad", "Adamax", "Adafactor", "Nadam",
    "Ftrl", "Lion", "Lamb", "Muon", "ScheduleFreeAdamW",
)  # fmt: skip


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("name", ALL)
def test_half_precision_weights_learn(name, dtype):
    rng = np.random.default_rng(5)
    kernel = nyala.Variable(rng.normal(size=(4, 3)), dtype=dtype, name="kernel")
    bias = nyala.Variable(rng.normal(size=(3,)), dtype=dtype, name="bias")
    # Adadelta's first steps are of the size of sqrt(epsilon): below the resolution of bfloat16.
    arguments = {"epsilon": 0.01} if name == "Adadelta" else {}
    optimizer = getattr(optimizers, name)(learning_rate=0.1, **arguments)
    before = [v.numpy().astype("float32") for v in (kernel, bias)]
    for _ in range(20):
        optimizer.apply([kernel.value, bias.value], [kernel, bias])
    slots = [v for v in optimizer.variables[2:] if str(v.dtype) != "int32"]
    assert all(v.dtype == dtype for v in (kernel, bias, *slots))
    for variable, start in zip((kernel, bias), before, strict=True):
        end = variable.numpy().astype("float32")
        assert np.all(np.isfinite(end))
        assert np.linalg.norm(end) < np.linalg.norm(start)
