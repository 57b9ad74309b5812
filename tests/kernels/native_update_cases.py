"""Cases for updates of variables by the rules of optimizers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from nyala import kernels
from nyala.kernels import UPDATE_RULES
from tests.kernels.native_case import Case, normal
from tests.kernels.native_embedding_cases import some_ids

NUMBERS = {
    "momentum": 0.9,
    "kept": 0.9,
    "added": 0.1,
    "squares_added": 0.01,
    "epsilon": 1e-3,
}  # fmt: skip
SHAPES = ((37,), (5, 3), (), (0, 4))
DTYPES = {
    "bfloat16": ("bfloat16", "bfloat16", 2e-2),
    "half gradients": ("float32", "float16", 1e-5),
    "half variables": ("float16", "float32", 5e-3),
}


def update(*arrays: Any, rule: str, count: int, averaged: bool = False, **options: Any) -> Any:
    """Variables, then gradients, then averages, then the slots of each."""
    names, numbers = UPDATE_RULES[rule].slots, UPDATE_RULES[rule].numbers
    columns = [arrays[i : i + count] for i in range(0, len(arrays), count)]
    params, grads, averages, *slots = columns
    slots = [{name: jnp.abs(slot[i]) for name, slot in zip(names, slots, strict=True)}
             for i in range(count)]  # fmt: skip
    return kernels.optimizer_update(
        rule, params, grads, slots, rate=0.1, numbers={name: NUMBERS[name] for name in numbers},
        averages=averages if averaged else (), options=kernels.UpdateOptions(**options),
    )  # fmt: skip


def update_rows(table: Any, ids: Any, rows: Any, *slots: Any, rule: str, **options: Any) -> Any:
    _, pullback = jax.vjp(lambda table: kernels.embedding_lookup(table, ids), table)
    gradients = pullback(rows)
    return update(
        table, *gradients, slots[-1], *slots[: len(UPDATE_RULES[rule].slots)], rule=rule,
        count=1, **options,
    )  # fmt: skip


def _arrays(rule: str, shapes: Any = SHAPES, dtype: str = "float32", of_gradient: str = "float32"):
    kinds = (dtype, of_gradient, dtype, *[dtype] * len(UPDATE_RULES[rule].slots))
    return tuple(
        normal(*shape, dtype=kind, seed=i) for i, kind in enumerate(kinds) for shape in shapes
    )


def _case(rule: str, arrays: tuple, run: Any = update, tolerance: float = 1e-5, **options: Any):
    run = partial(run, rule=rule, **options)
    return Case(run, arrays, "optimizer_update", tolerance, gradients=False)


def updates() -> Iterator[tuple[str, Case]]:
    for rule in UPDATE_RULES:
        yield f"update: {rule}", _case(rule, _arrays(rule), count=4)
    everything = {
        "factors": np.array([0.5, 1.0, 2.0, 1.0], "float32"), "clipvalue": 0.3, "decay": 0.01,
        "decayed": [True, False, True, False], "kept": 0.75, "averaged": True, "count": 4,
    }  # fmt: skip
    for overwrite in (False, True):
        case = _case("adam", _arrays("adam"), **everything, overwrite=overwrite)
        yield f"update: every stage, overwrite {overwrite}", case
    for what, (dtype, of_gradient, tolerance) in DTYPES.items():
        arrays = _arrays("amsgrad", ((2, 29),), dtype, of_gradient)
        yield f"update: {what}", _case("amsgrad", arrays, tolerance=tolerance, count=1)
    arrays = _arrays("nesterov", ((40_001,), (3,), (30_000,), (7,)))
    yield "update: several parts", _case("nesterov", arrays, count=4)
    arrays = _arrays("adam", ((2, 29),))
    arrays[1][0, :3] = np.nan, np.inf, -np.inf
    yield "update: NaN and infinity", _case("adam", arrays, count=1, clipvalue=2.0)
    yield from _updates_of_rows()
    for what, shapes in (("", SHAPES), (", several parts", ((40_001,), (3,)))):
        arrays = tuple(normal(*shape) for shape in shapes)
        norms = lambda *arrays: kernels.squared_norms(arrays)  # noqa: E731
        yield f"squared norms{what}", Case(norms, arrays, "squared_norms", gradients=False)


def _updates_of_rows() -> Iterator[tuple[str, Case]]:
    averaged = {"averaged": True, "kept": 0.75}
    decayed = {"decay": 0.1, "decayed": [True], "clipvalue": 0.5}
    for rule, shape, places, dtype, options in (
        ("sgd", (11, 5), (4, 3), "float32", {}),
        ("sgd", (11, 5), (4, 3), "float32", decayed),
        ("sgd", (11, 5), (4, 3), "float16", averaged),
        ("adagrad", (900, 70), (8, 40), "float32", {"clipvalue": 1.0}),
        ("adam", (900, 70), (8, 40), "float32", averaged),
        ("momentum", (5, 3000), (7,), "float32", {}),
        ("adam", (6,), (0,), "float32", {}),
    ):
        table, ids = normal(*shape, dtype=dtype), some_ids(shape[0], places)
        rows = normal(*places, *shape[1:], dtype=dtype, seed=1)
        slots = (normal(*shape, dtype=dtype, seed=2 + i) for i in range(3))
        case = _case(
            rule, (table, ids, rows, *slots), update_rows, TOLERANCE[dtype], **options
        )  # fmt: skip
        special = ", ".join(["", *options])
        yield f"update of rows: {rule} {shape} {dtype}{special}", case


TOLERANCE = {"float32": 1e-5, "float16": 5e-3}
