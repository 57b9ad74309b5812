"""All that the rest of a `fit` depends on, taken at one moment and put back in another process."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np

from nyala.eager import Variable, global_seed_generator
from nyala.saving import ModelFileError
from nyala.saving.checkpoints import Generation, check_fit, set_value, snapshot
from nyala.training._logs import Logs, pending


class FitState:
    """The state of a run of `fit`.

    Args:
        model: the model.
        feed: the data to train on.
        validation: the data to validate on, or `None`.
        callbacks: the callback list.
    """

    def __init__(self, model: Any, feed: Any, validation: Any, callbacks: Any):
        self.model, self.feed, self.validation = model, feed, validation
        self.callbacks = callbacks
        self.epochs_begun = False  # whether the data is past its first epoch
        self._list: tuple[int, dict[str, Variable]] | None = None

    # -- taking ----------------------------------------------------------------------------------

    def capture(self, epoch: int, batch: int, logs: Any) -> tuple[dict, dict]:
        """Return the state before a batch of an epoch: plain data, and arrays by name."""
        variables = self._listed()
        arrays: dict[str, Any] = snapshot(variables)
        for name, value in pending(logs):
            arrays[f"logs/{name}"] = value
        for name, array in self.callbacks.get_arrays().items():
            arrays[f"callbacks/{name}"] = array
        state = {
            "epoch": epoch,
            "batch": batch,
            "stopped": bool(self.model.stop_training),
            "epochs_begun": self.epochs_begun,
            "variables": {name: variable.path for name, variable in variables.items()},
            "data": self.feed.get_state(),
            "validation": None if self.validation is None else self.validation.get_state(),
            "callbacks": self.callbacks.get_state(),
        }
        # Last: a source may draw its seed only when it is asked for its place.
        # Last: a source may draw its seed only when it is asked for its place.
        state["random"], random_arrays = _random_state()
        return state, {**arrays, **random_arrays}

    def _listed(self) -> dict[str, Variable]:
        """Return `_variables`, listed anew only when steps were found to touch others."""
        known = len(self.feed.programs.touched())
        if self._list is None or self._list[0] != known:
            self._list = known, dict(self._variables())
        return self._list[1]

    def _variables(self) -> Iterator[tuple[str, Variable]]:
        """Yield every variable that training reads or changes, once, under a name."""
        model, seen = self.model, set()
        groups = {
            "model": model.variables,
            "optimizer": getattr(model.optimizer, "variables", ()),
            "metrics": model.metrics_variables,
            "seed": [global_seed_generator().state],
            # Variables of the user's own that the steps were found to touch.
            "other": self.feed.programs.touched(),
        }
        for group, variables in groups.items():
            number = 0
            for variable in variables:
                if id(variable) not in seen:
                    seen.add(id(variable))
                    yield f"{group}/{number}", variable
                    number += 1

    def look_around(self) -> None:
        """Find the variables of the user's own that steps of the user's own touch."""
        if self.feed.programs.own_logs:
            self.feed.programs.discover(self.feed.data.head())

    # -- putting back ----------------------------------------------------------------------------

    def restore(self, saved: Generation) -> tuple[int, int, Any]:
        """Put a state back; return the epoch, how many of its batches have run, and their logs.

        Raises:
            ModelFileError: it is that of another model, of other data or callbacks.
        """
        state, arrays = saved.state, saved.arrays
        place = (state["epoch"], state["batch"])
        self._restore_variables(saved)
        self.feed.set_state(state["data"])
        if self.validation is not None and state["validation"] is not None:
            self.validation.set_state(state["validation"])
        if place[1] > 0:  # callbacks may prepare for it; what they change is put back next
            self.callbacks.on_epoch_begin(place[0])
            self._restore_variables(saved)
        self.callbacks.set_state(state["callbacks"])
        self.callbacks.set_arrays(_below("callbacks/", arrays))
        self.model.stop_training = state["stopped"]
        self.epochs_begun = state["epochs_begun"]
        _set_random_state(state["random"], arrays)  # last: all of the above may draw
        return *place, Logs(_below("logs/", arrays))

    def _restore_variables(self, saved: Generation) -> None:
        wanted = saved.state["variables"]
        present = dict(self._variables())
        if set(wanted) - set(present):  # some are made, or found, when a step is first traced
            self.feed.programs.discover(self.feed.data.head())
            present = dict(self._variables())
        _check(present, saved)
        for name in wanted:
            set_value(present[name], saved.arrays[name])


def _below(start: str, arrays: dict) -> dict:
    return {k.removeprefix(start): a for k, a in arrays.items() if k.startswith(start)}


def _check(present: dict[str, Variable], saved: Generation) -> None:
    """Raise where the variables are not those that were saved."""
    problems = []
    for name, path in saved.state["variables"].items():
        array, variable = saved.arrays.get(name), present.get(name)
        if array is None:
            problems.append(f"{path} ({name}) has no array in the file.")
        elif variable is None:
            problems.append(f"{path} ({name}), shape {array.shape}, is not in this model.")
        else:
            try:
                check_fit(variable, array, name)
            except ModelFileError as error:
                problems.append(str(error))
    # What steps touch beside the model may have been found only after it was saved.
    known = {*saved.state["variables"], *(name for name in present if name.startswith("other/"))}
    new = [variable.path for name, variable in present.items() if name not in known]
    problems += [f"{path} was not saved." for path in new]
    if problems:
        raise ModelFileError(
            f"The checkpoint {saved.path} is that of another run: build and compile the model as "
            f"when it was saved, or remove the folder to begin anew. {len(problems)} variable(s) "
            "differ:\n" + "\n".join(problems[:40])
        )


def _random_state() -> tuple[dict, dict]:
    """Return the states of Python's and NumPy's global generators."""
    version, words, gauss = random.getstate()
    _, keys, position, has_gauss, cached = np.random.get_state()
    plain = {
        "python": [version, gauss],
        "numpy": [int(position), int(has_gauss), float(cached)],
    }
    arrays = {"random/python": np.array(words, np.uint32), "random/numpy": np.array(keys)}
    return plain, arrays


def _set_random_state(plain: dict, arrays: dict) -> None:
    version, gauss = plain["python"]
    random.setstate((version, tuple(arrays["random/python"].tolist()), gauss))
    np.random.set_state(("MT19937", arrays["random/numpy"], *plain["numpy"]))
