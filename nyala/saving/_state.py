"""The state of a model to an HDF5 file and back, at Keras' places."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterable
from typing import Any

from nyala.core import user_stacklevel
from nyala.layers import Layer
from nyala.optimizers import Optimizer
from nyala.saving._hdf5 import GroupReader
from nyala.saving._mismatch import Mismatch, report
from nyala.saving._optimizer_state import matched_state
from nyala.saving._walk import Order, join, metric_places, seed_states, walk


def write_state(model: Any, writer: Any, skipped: Iterable[Any] = ()) -> None:
    """Put the variables of everything in `model`, but for objects `skipped`, into the file."""
    for path, owner in walk(model, skipped):
        name = getattr(owner, "name", None)
        store = writer.group(join(path, "vars"), {"name": name} if name else None)
        owner.save_own_variables(store)
        for place, generator in seed_states(owner, path):
            writer.group(join(place, "vars"))["0"] = generator.state.numpy()


def read_state(model: Any, reader: Any, skip_mismatch: bool = False,
               skipped: Iterable[Any] = ()) -> Order:  # fmt: skip
    """Set the variables of everything in `model` from the file.

    Optimizers are read where both sides have one of the same kind: where only the model has one, it
    stays as it is; where their shapes differ, it does so with a warning.

    Returns:
        The order of attributes in which the file was written.

    Raises:
        ModelFileError: weights do not fit; it shows what was expected and what was found, and no
            variable was changed.
    """
    skipped = list(skipped)
    # A file does not say which Keras wrote it: the order in which all has its place is the one.
    plans = [_Plan(model, reader, skipped, Order.KERAS_3)]
    for order in (Order.KERAS_2, Order.KERAS_2_13):
        if plans[-1].fits:
            break
        plans.append(_Plan(model, reader, skipped, order))
    plan = plans[-1] if plans[-1].fits else plans[0]
    plan.carry_out(skip_mismatch)
    return plan.order


class _Plan:
    """What goes where, and what does not fit: found out for everything before anything changes."""

    def __init__(self, model: Any, reader: Any, skipped: list, order: Order):
        self.order = order
        self._model, self._reader = model, reader
        self._used: set[str] = set()
        self._entries: list[tuple[Any, Any]] = []
        self._uncertain: list[tuple[str, Any, Any]] = []
        self._mismatches: list[Mismatch] = []
        self._optimizers: list[tuple[str, Any, Any]] = []
        owners: dict[str, Any] = {}
        for path, owner in walk(model, skipped, order):
            owners[path] = owner
            if isinstance(owner, Optimizer):
                self._optimizers.append((path, owner, owners.get(path.rpartition("/")[0])))
            else:
                self._add_layer(path, owner)
        if not skipped:  # else something in the file has rightly no owner
            self._add_left_over()

    @property
    def fits(self) -> bool:
        """Whether everything has its place."""
        return not self._mismatches and not self._uncertain

    def _add_layer(self, path: str, layer: Any) -> None:
        store = self._find(path)
        mismatch = _compare(layer, path, store)
        entry = store if store is not None else {}
        if mismatch is None:
            self._entries.append((layer, entry))
        elif _reads_its_own_way(layer):
            self._uncertain.append((path, layer, entry))
        else:
            self._mismatches.append(mismatch)
        for place, generator in seed_states(layer, path):
            self._add_seed(place, generator)

    def _add_seed(self, place: str, generator: Any) -> None:
        store = self._find(place)
        if store is not None and store.shapes().get("0") == (2,):
            self._entries.append((_Loader([(generator.state, "0")]), store))

    def _add_optimizer(self, path: str, optimizer: Any, model: Any) -> None:
        store = self._find(path)
        if store is None:
            return
        if not optimizer.built and len(store) > 2 and isinstance(model, Layer) and model.built:
            optimizer.build(model.trainable_variables)
        stored = sorted(store.shapes().items(), key=_by_number)
        names, shapes = [name for name, _ in stored], [tuple(shape) for _, shape in stored]
        pairs = matched_state(optimizer, names, shapes)
        if _reads_its_own_way(optimizer):
            self._entries.append((optimizer, store))
            return
        if pairs is not None:
            self._entries.append((_Loader([(variable, names[i]) for variable, i in pairs]), store))
            return
        warnings.warn(
            f"The state of the optimizer {optimizer.name!r} has {len(optimizer.variables)} "
            f"variables, in {self._reader.what} {len(store)}, or others: it was not loaded, and "
            "training goes on with a new one.",
            stacklevel=user_stacklevel(),
        )

    def _add_left_over(self) -> None:
        """Note the entries of the file to which nothing in the model belongs."""
        metrics = None
        for full in self._reader.groups_with_arrays():
            if self._is_used(full) or _is_no_weight(full):
                continue
            metrics = metric_places(self._model, self.order) if metrics is None else metrics
            if full.removesuffix("/vars") in metrics:
                continue
            found = sorted(self._reader.shapes(full).items(), key=_by_number)
            self._mismatches.append(Mismatch(full, [], [], found))

    def _is_used(self, full: str) -> bool:
        parts = full.split("/")
        return any("/".join(parts[:i]) in self._used for i in range(1, len(parts) + 1))

    def carry_out(self, skip_mismatch: bool) -> None:
        """Set the variables.

        Raises:
            ModelFileError: something does not fit, and is not to be skipped.
        """
        if skip_mismatch or not self._mismatches:
            self._mismatches += _load_uncertain(self._uncertain, undo=not skip_mismatch)
        if not skip_mismatch:
            report(self._reader.what, self._model, self._mismatches, skip=False)
        for path, optimizer, parent in self._optimizers:
            self._add_optimizer(path, optimizer, parent)
        for owner, store in self._entries:
            owner.load_own_variables(store)
        report(self._reader.what, self._model, self._mismatches, skip=skip_mismatch)

    def _find(self, path: str) -> GroupReader | None:
        full = join(self._resolved(path), "vars")
        store = self._reader.group(full)
        if store is not None:
            self._used.add(full)
        return store

    def _resolved(self, path: str) -> str:
        """Return a path as it is in the file: Keras 2 has some attributes with an underscore."""
        if self.order is Order.KERAS_3:
            return path
        found = ""
        for name in path.split("/"):
            place = join(found, name)
            private = join(found, "_" + name)
            known = self._reader.group(place) is not None or self._reader.group(private) is None
            found = place if known else private
        return found


@dataclasses.dataclass
class _Loader:
    """Reads variables whose names in the file are known."""

    pairs: list[tuple[Any, str]]

    def load_own_variables(self, store: Any) -> None:
        for variable, name in self.pairs:
            variable.assign(store[name])


def _load_uncertain(entries: list[tuple[str, Any, Any]], undo: bool) -> list[Mismatch]:
    """Let objects that read in their own way read; return those that could not."""
    failed = []
    kept = [(v, v.value) for _, owner, _ in entries for v in owner.variables]
    for path, owner, store in entries:
        try:
            owner.load_own_variables(store)
        except (ValueError, KeyError, TypeError) as error:
            failed.append(Mismatch(path, [owner.name], [], [], str(error)))
    if failed and undo:
        for variable, value in kept:
            variable.assign(value)
    return failed


def _is_no_weight(full: str) -> bool:
    """Whether the place is one of a model that was compiled, or had random layers.

    Of a model that is not, or has none, nothing is missed. Keras 2 wrote compiled metrics as well.
    """
    parts = full.split("/")
    return "optimizer" in parts or parts[0] == "metrics" or any(
        part.startswith("seed_generator") for part in parts
    )  # fmt: skip


def _reads_its_own_way(owner: Any) -> bool:
    base = Layer if isinstance(owner, Layer) else Optimizer
    return type(owner).load_own_variables is not base.load_own_variables


def _own(owner: Any) -> list:
    return owner._own_variables() if isinstance(owner, Layer) else list(owner.variables)


def _compare(owner: Any, path: str, store: GroupReader | None) -> Mismatch | None:
    """Return how an object's variables and its entry in the file differ."""
    own = _own(owner)
    expected = [tuple(v.shape) for v in own]
    found = [] if store is None else sorted(store.shapes().items(), key=_by_number)
    if found == [(str(i), shape) for i, shape in enumerate(expected)]:
        return None
    return Mismatch(join(path, "vars"), [v.path for v in own], expected, found)


def _by_number(item: tuple[str, Any]) -> tuple[int, str]:
    return (len(item[0]), item[0])
