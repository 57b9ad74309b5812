"""What the columns' layers learn from."""

from __future__ import annotations

from typing import Any

from nyala import layers, ops
from nyala.data import Dataset

# Rows that come one by one are put together, as many as Keras does: intervals depend on it.
_BATCH = 32


def learns(preprocessor: Any) -> bool:
    """Whether a layer is to be adapted."""
    if isinstance(preprocessor, layers.Normalization):
        return preprocessor.input_mean is None
    if isinstance(preprocessor, layers.TextVectorization):
        return not preprocessor._lookup_layer._has_input_vocabulary
    if isinstance(preprocessor, (layers.StringLookup, layers.IntegerLookup)):
        return not preprocessor._has_input_vocabulary
    if isinstance(preprocessor, layers.Discretization):
        return preprocessor.num_bins is not None
    return hasattr(preprocessor, "adapt")


def as_dataset(data: Any, names: list[str], who: str) -> Dataset:
    """Return a dataset of dicts that have these columns."""
    if isinstance(data, dict):
        data = Dataset.from_tensor_slices(dict(data))
    if not isinstance(data, Dataset):
        raise TypeError(
            f"{who}: adapt(data) expects a dict of columns or a Dataset of such dicts; got "
            f"{type(data).__name__}."
        )
    spec = data.element_spec
    if not isinstance(spec, dict):
        raise TypeError(
            f"{who}: adapt(data) expects elements that are dicts of columns; got {spec}. Where "
            "labels come with them, adapt on dataset.map(lambda x, y: x)."
        )
    missing = [name for name in names if name not in spec]
    if missing:
        raise ValueError(
            f"{who}: adapt(data) found no column {missing[0]!r}; there are {sorted(spec)}."
        )
    return data


def column_of(dataset: Dataset, name: str, who: str) -> Dataset:
    """Return batches of one column, of the shape `(batch, 1)` or more axes."""
    column = dataset.map(lambda row: row[name])
    first = next(iter(column), None)
    if first is None:
        raise ValueError(f"{who}: adapt(data) found no rows in the data.")
    if len(first.shape) == 0:
        column = column.batch(_BATCH)
    if len(first.shape) < 2:
        column = column.map(lambda values: ops.expand_dims(values, -1))
    return column
