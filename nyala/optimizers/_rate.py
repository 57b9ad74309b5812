"""The learning rate of an optimizer: a variable, a schedule or a function without arguments."""

from __future__ import annotations

import contextlib
import numbers
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from nyala.core import floatx, name_scope, serialize_keras_object
from nyala.eager import StateScope, Tensor, Variable, wrap
from nyala.optimizers._arrays import read
from nyala.optimizers._state import OptimizerState
from nyala.optimizers.schedules import LearningRateSchedule


class HasLearningRate(OptimizerState):
    """The part of an optimizer that owns the learning rate."""

    _iterations: Variable
    _learning_rate: Any
    # Keras 2's `decay` argument: the rate is divided by `1 + decay * iterations`.
    _decay: float = 0.0
    # The rate of this update, where it was computed outside compiled code.
    _given_rate: Any = None

    @property
    def learning_rate(self) -> Any:
        """The learning rate at the present step.

        A float assigned to it changes the variable that holds the rate (nothing is compiled anew);
        a schedule, or a function without arguments, takes the variable's place.
        """
        if self._given_rate is not None:
            return self._given_rate
        rate = self._learning_rate
        if isinstance(rate, LearningRateSchedule):
            return rate(self._iterations)
        return rate if isinstance(rate, Variable) or not callable(rate) else rate()

    @learning_rate.setter
    def learning_rate(self, learning_rate: Any) -> None:
        before = self._learning_rate
        if _is_function(learning_rate):
            self._learning_rate = learning_rate
            if isinstance(before, Variable):
                self._untrack_variable(before)
        elif isinstance(before, Variable):
            before.assign(wrap(jnp.asarray(read(learning_rate), read(before).dtype)))
        else:
            raise TypeError(
                f"The learning rate of {self.name!r} is computed by {before!r}, so a number cannot "
                "be assigned to it. Assign another schedule, or make the optimizer with a float."
            )

    @property
    def lr(self) -> Any:
        """The learning rate (Keras 2's name)."""
        return self.learning_rate

    @lr.setter
    def lr(self, learning_rate: Any) -> None:
        self.learning_rate = learning_rate

    def _build_learning_rate(self, learning_rate: Any) -> Any:
        """Return what holds the rate: a new variable for a number, or the function itself."""
        if _is_function(learning_rate):
            return learning_rate
        if not _is_number(learning_rate):
            raise ValueError(
                f"{type(self).__name__}(learning_rate=...) expects a number, a "
                "LearningRateSchedule, or a function without arguments that returns the rate; got "
                f"{learning_rate!r}."
            )
        with name_scope(self.name, caller=self):
            return Variable(
                float(learning_rate), name="learning_rate", dtype=floatx(), trainable=False,
                aggregation="only_first_replica",
            )  # fmt: skip

    def _effective_rate(self) -> Any:
        """Return the rate to update with, `decay` included."""
        rate = self.learning_rate
        if not self._decay:
            return rate
        return wrap(read(rate) / (1.0 + self._decay * read(self._iterations)))

    def _rate_to_give(self) -> Any:
        """Return the rate's array where compiled code cannot compute it, else `None`.

        A function without arguments must be called at every update, and a schedule of the user's
        may need the step as a Python number.
        """
        rate = self._learning_rate
        if isinstance(rate, Variable) or not callable(rate) or self._traces(rate):
            return None
        return read(self.learning_rate)

    def _traces(self, rate: Any) -> bool:
        """Whether `rate` is a schedule that can run on a step which is not known yet."""
        if not isinstance(rate, LearningRateSchedule):
            return False
        known = self.__dict__.get("_traced_rate")
        if known is None or known[0] is not rate:
            known = (rate, _runs_on_tracers(rate))
            self.__dict__["_traced_rate"] = known
        return known[1]

    @contextlib.contextmanager
    def _with_rate(self, rate: Any) -> Iterator[None]:
        """Let `learning_rate` be this array inside, if it is not `None`."""
        self.__dict__["_given_rate"] = None if rate is None else wrap(rate)
        try:
            yield
        finally:
            self.__dict__.pop("_given_rate", None)

    def _rate_config(self) -> Any:
        rate = self._learning_rate
        if isinstance(rate, Variable):
            return float(rate.numpy())
        return float(rate) if _is_number(rate) else serialize_keras_object(rate)


def _is_function(rate: Any) -> bool:
    return callable(rate) and not isinstance(rate, (Variable, Tensor, type))


def _is_number(rate: Any) -> bool:
    if isinstance(rate, bool):
        return False
    if isinstance(rate, (numbers.Real, Variable, Tensor)):
        return True
    return isinstance(rate, (np.ndarray, np.generic, jax.Array)) and np.size(rate) == 1


def _runs_on_tracers(schedule: LearningRateSchedule) -> bool:
    def rate(step):
        with StateScope():
            return read(schedule(wrap(step)))

    try:
        jax.eval_shape(rate, jax.ShapeDtypeStruct((), np.dtype("int32")))
    except Exception:
        return False
    return True
