"""Matching what users give for each output (losses, metrics, targets, weights) to the outputs."""

from __future__ import annotations

from typing import Any

from nyala.core import did_you_mean, tree


def names_of_outputs(y_pred: Any, given: list[str] | None) -> list[str]:
    """Return a name for each tensor of `y_pred`, in the order of `tree.flatten`.

    Args:
        y_pred: the outputs.
        given: the names that the model's graph has for them, or `None`.
    """
    if isinstance(y_pred, dict) and not any(tree.is_nested(v) for v in y_pred.values()):
        return [key for key, _ in sorted(y_pred.items())]
    count = len(tree.flatten(y_pred))
    if given is not None and len(given) == count:
        return list(given)
    return ["output" if count == 1 else f"output_{i + 1}" for i in range(count)]


def per_output(structure: Any, names: list[str], what: str, y_pred: Any = None,
               aliases: list[str] | None = None) -> list:  # fmt: skip
    """Return one entry of `structure` for each output.

    Args:
        structure: one thing for a single output, a list in the order of the outputs, a dict by
            name (which need not name all), a structure like the outputs, or `None`.
        names: the outputs' names.
        what: named in errors, such as `"loss"`.
        y_pred: the outputs, for matching a nested structure.
        aliases: further names of the outputs (of the layers behind a dict's keys).

    Raises:
        ValueError: a name is not that of an output, or the number differs.
    """
    count = len(names)
    if structure is None:
        return [None] * count
    if isinstance(structure, dict):
        if y_pred is not None and count > 1 and _nested_alike(structure, y_pred):
            return tree.flatten(structure)
        return _by_name(structure, names, what, aliases)
    if isinstance(structure, (list, tuple)):
        if y_pred is not None and _nested_alike(structure, y_pred) and count > 1:
            return tree.flatten(structure)
        if len(structure) == count:
            return list(structure)
        raise ValueError(
            f"{what}: the model has {count} output(s) ({', '.join(names)}), but {len(structure)} "
            "were given."
        )
    if count == 1:
        return [structure]
    raise ValueError(
        f"{what}: the model has {count} outputs ({', '.join(names)}); give a list or dict of as "
        "many."
    )


def _nested_alike(structure: Any, y_pred: Any) -> bool:
    try:
        tree.assert_same_structure(structure, y_pred)
    except ValueError:
        return False
    return any(tree.is_nested(v) for v in (y_pred.values() if isinstance(y_pred, dict) else y_pred))


def _by_name(structure: dict, names: list[str], what: str, aliases: list[str] | None) -> list:
    keys = {name: i for i, name in enumerate(aliases or ())}
    keys.update({name: i for i, name in enumerate(names)})
    entries: list[Any] = [None] * len(names)
    for name, entry in structure.items():
        if name not in keys:
            raise ValueError(
                f"{what}: {name!r} is not the name of an output; the outputs are {names}."
                f"{did_you_mean(name, keys)}"
            )
        entries[keys[name]] = entry
    return entries
