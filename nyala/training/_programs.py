"""Compiled steps: one step, many fused ones, and a smaller last batch, for each mode."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from nyala import kernels
from nyala.core import tree
from nyala.data import pack_x_y_sample_weight
from nyala.eager import Program, immediate_mode, repeat, unwrap, wrap_results
from nyala.training._logs import Logs
from nyala.training._stages import Stages
from nyala.training._stateless import run_with_state, takes_state

STEPS = {"train": "train_step", "test": "test_step", "predict": "predict_step"}


class StepPrograms:
    """The compiled forms of one step (`train_step`, `test_step`, `predict_step`) of a model.

    Args:
        model: the model.
        mode: `"train"`, `"test"` or `"predict"`.
        variables: the state that the step is known to touch.
        on_host: whether a part of the model works on the host, so that it takes batches from there.
        stages: the two parts of such a model; the first runs before the compiled step.
    """

    def __init__(self, model: Any, mode: str, variables: list, on_host: bool = False,
                 stages: Stages | None = None):  # fmt: skip
        self.model, self.mode = model, mode
        self.on_host, self.stages = on_host, stages
        self.step_method = STEPS[mode]
        # With the model's own steps, logs follow from the metrics' state: they are computed once
        # after many steps, not in each.
        self.own_logs = is_overridden(model, self.step_method) or mode == "predict"
        self.stateless = takes_state(model, self.step_method)
        donate = mode != "predict"
        self.single = Program(self._single, variables, donate=donate, name=f"{mode}_step")
        self._picked: dict[int, Program] = {}
        self._fused: dict[int, Program] = {}
        self._log_names: list[str] | None = None
        self._donate = donate

    def run_batch(self, batch: tuple) -> Any:
        """Run one step on a batch of arrays."""
        return self.run_prepared(self.prepared(batch))

    def prepared(self, batch: tuple) -> tuple:
        """Return a batch as compiled code takes it: after the part that works on the host."""
        return batch if self.stages is None else self.stages.on_host(batch)

    def run_prepared(self, batch: tuple) -> Any:
        """Run one step on a batch that `prepared` returned."""
        return self._named(self.single(batch, self._rates()))

    def touched(self) -> list[Any]:
        """Return the variables that the compiled steps are known to read or change."""
        programs = [self.single, *self._picked.values(), *self._fused.values()]
        return list({id(v): v for program in programs for v in program.variables}.values())

    def discover(self, batch: tuple) -> None:
        """Find the variables that a step on such a batch touches, and those that it makes."""
        self.single.find_variables(self.prepared(batch), self._rates())

    def run_rows(self, data: Any, order: Any, start: int, rows: int) -> Any:
        """Run one step on `rows` rows of arrays on the device."""
        program = self._picked.get(rows)
        if program is None:
            program = self._picked[rows] = self._program(
                lambda data, order, start, rates: self._single(
                    pick(data, order, start, rows), rates
                ),
                f"{self.mode}_step_{rows}",
            )
        return self._named(program(data, order, start, self._rates()))

    def run_fused(self, data: Any, order: Any, start: int, count: int, rows: int) -> Any:
        """Run `count` steps on `rows` rows each, as one compiled loop."""
        program = self._fused.get(rows)
        if program is None:
            program = self._fused[rows] = self._program(
                lambda data, order, start, count, _: self._loop(data, order, start, count, rows),
                f"{self.mode}_steps_{rows}",
            )
        return self._named(program(data, order, start, count, None))

    def _program(self, function: Any, name: str) -> Program:
        return Program(function, self.single.variables, donate=self._donate, name=name)

    def _rates(self) -> Any:
        """Return learning rates that only live code can compute (functions of the user's)."""
        optimizer = self.model.optimizer
        return None if self.mode != "train" or optimizer is None else optimizer._rate_to_give()

    @property
    def fuses(self) -> bool:
        """Whether many steps may run as one program."""
        return all(rate is None for rate in tree.flatten(self._rates()))

    def _single(self, batch: tuple, rates: Any = None) -> Any:
        if rates is None:
            return self._outputs(self._step(batch))
        with self.model.optimizer._with_rate(rates):
            return self._outputs(self._step(batch))

    def _outputs(self, result: Any) -> Any:
        """Return what a compiled step returns: outputs, or the logs without their names.

        Compiled code would put a dict into alphabetical order.
        """
        if not self.own_logs:
            result = unwrap(self.model.get_metrics_result())
        if self.mode == "predict" or not isinstance(result, dict):
            return result
        self._log_names = list(result)
        return list(result.values())

    def _named(self, result: Any) -> Any:
        if self._log_names is None:
            return result
        return Logs(zip(self._log_names, result, strict=True))

    def _step(self, batch: tuple) -> Any:
        if self.stages is not None:
            with self.stages.compiled_part():
                return self._whole_step(batch)
        return self._whole_step(batch)

    def _whole_step(self, batch: tuple) -> Any:
        data = pack_x_y_sample_weight(*wrap_results(batch))
        if self.stateless:
            return unwrap(run_with_state(self.model, self.step_method, data))
        return unwrap(getattr(self.model, self.step_method)(data))

    def _loop(self, data: Any, order: Any, start: Any, count: Any, rows: int) -> Any:
        def body(i):
            with kernels.inside_loop():
                result = self._step(pick(data, order, start + i * rows, rows))
            # Logs that a step returns itself are carried along. Were the last step to stand outside
            # the loop, it would be compiled otherwise: which one is the last depends on the clock.
            return self._outputs(result) if self.own_logs else None

        last = repeat(count, body, keep_last=self.own_logs)
        return last if self.own_logs else self._outputs(None)


class EagerSteps(StepPrograms):
    """The same steps run uncompiled, so that `print` and `pdb` in the model see values."""

    fuses = False

    def discover(self, batch: tuple) -> None:
        """Nothing is traced: uncompiled steps do not tell what they touch."""

    def run_prepared(self, batch: tuple) -> Any:
        """Run one step on a batch of arrays."""
        with immediate_mode():
            return self._named(self._outputs(self._step(batch)))

    def run_rows(self, data: Any, order: Any, start: int, rows: int) -> Any:
        """Run one step on `rows` rows of arrays on the device."""
        return self.run_batch(pick(data, order, start, rows))


def pick(data: Any, order: Any, start: Any, rows: int) -> Any:
    """Return `rows` rows of every array: those that `order` names, or neighbours."""
    if order is None:
        return tree.map_structure(
            lambda a: None if a is None else lax.dynamic_slice_in_dim(a, start, rows), data
        )
    index = lax.dynamic_slice_in_dim(order, start, rows)
    return tree.map_structure(
        lambda a: None if a is None else jnp.take(a, index, axis=0, mode="clip"), data
    )


def is_overridden(model: Any, method: str) -> bool:
    """Whether the model brings a step of its own in place of the trainer's."""
    return method in vars(model) or getattr(type(model), method) is not model.DEFAULT_STEPS[method]


def fuses_well(model: Any) -> bool:
    """Whether many steps in one compiled loop are faster than single ones.

    XLA for CPU runs convolutions inside a loop without their fast path. Where there are no native
    ones, such steps are dispatched one by one: they take long enough for that to cost little.
    """
    if jax.default_backend() != "cpu" or kernels.convolves_in_loops():
        return True
    return not any(hasattr(layer, "kernel_size") for layer in model._flatten_layers())
