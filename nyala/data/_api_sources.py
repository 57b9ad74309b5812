"""`Dataset`'s constructors."""

from __future__ import annotations

import glob as globbing
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from nyala.core import tree
from nyala.data import sources, transforms
from nyala.data._elements import as_element
from nyala.data._specs import TensorSpec


class Sources:
    """Where a dataset comes from."""

    @classmethod
    def from_tensor_slices(cls, tensors: Any, name: str | None = None) -> Any:
        """Return a dataset of the rows of arrays.

        Args:
            tensors: a structure of arrays (NumPy, tensors, pandas columns, lists) of equal length
                along their first axis; a list is one array. A `numpy.memmap` stays in its file.
            name: accepted for TensorFlow's sake.

        Raises:
            ValueError: the lengths differ, or an array has no axis to cut along.

        >>> import nyala
        >>> dataset = nyala.data.Dataset.from_tensor_slices(([1, 2, 3], ["a", "b", "c"]))
        >>> list(dataset.as_numpy_iterator())
        [(np.int32(1), b'a'), (np.int32(2), b'b'), (np.int32(3), b'c')]
        """
        return cls(sources.Slices(tensors))  # type: ignore[call-arg]

    @classmethod
    def from_tensors(cls, tensors: Any, name: str | None = None) -> Any:
        """Return a dataset of one element.

        Args:
            tensors: a structure of arrays.
            name: accepted for TensorFlow's sake.

        >>> import nyala
        >>> list(nyala.data.Dataset.from_tensors([1, 2]).as_numpy_iterator())
        [array([1, 2], dtype=int32)]
        """
        return cls(sources.Elements([as_element(tensors, "tensors")]))  # type: ignore[call-arg]

    @classmethod
    def range(cls, *args: int, output_type: Any = "int64", name: str | None = None) -> Any:
        """Return a dataset of numbers, as Python's `range` counts.

        Args:
            *args: `stop`, or `start, stop`, or `start, stop, step`.
            output_type: their dtype (32 bits wide unless `jax_enable_x64` is on).
            name: accepted for TensorFlow's sake.

        >>> import nyala
        >>> [int(x) for x in nyala.data.Dataset.range(2, 10, 3)]
        [2, 5, 8]
        """
        return cls(sources.Range(args, output_type))  # type: ignore[call-arg]

    @classmethod
    def from_generator(cls, generator: Callable, output_types: Any = None,
                       output_shapes: Any = None,
                       args: tuple | None = None, output_signature: Any = None,
                       name: str | None = None) -> Any:  # fmt: skip
        """Return a dataset of what a Python generator yields.

        Args:
            generator: a function that returns a new iterator for each pass.
            output_types, output_shapes: dtypes and shapes, each a structure; the older spelling of
                `output_signature`.
            args: given to the function, as NumPy arrays.
            output_signature: a structure of `TensorSpec`; elements that do not fit are an error.
                Without it, the first element tells structure and dtypes.
            name: accepted for TensorFlow's sake.

        A saved iterator runs a new generator up to its place.

        >>> import nyala
        >>> dataset = nyala.data.Dataset.from_generator(
        ...     lambda: iter([1.5, 2.5]), output_signature=nyala.data.TensorSpec((), "float32"))
        >>> [float(x) for x in dataset]
        [1.5, 2.5]
        """
        if output_signature is not None and (output_types is not None or output_shapes is not None):
            raise TypeError("from_generator takes output_signature or output_types, not both.")
        if output_types is not None:
            output_signature = _signature(output_types, output_shapes)
        function = generator
        if args is not None:
            given = [np.asarray(as_element(a)) for a in args]
            function = lambda: generator(*given)  # noqa: E731
        return cls(sources.Generator(function, output_signature))  # type: ignore[call-arg]

    @classmethod
    def random(cls, seed: int | None = None, rerandomize_each_iteration: bool | None = None,
               name: str | None = None) -> Any:  # fmt: skip
        """Return a dataset of random unsigned integers of 32 bits, without end.

        Args:
            seed: of the numbers; drawn if `None`.
            rerandomize_each_iteration: whether each iteration has numbers of its own.
            name: accepted for TensorFlow's sake.

        >>> import nyala
        >>> dataset = nyala.data.Dataset.random(seed=1).take(3)
        >>> [int(x) for x in dataset] == [int(x) for x in dataset]
        True
        """
        return cls(sources.Random(seed, bool(rerandomize_each_iteration)))  # type: ignore[call-arg]

    @classmethod
    def counter(cls, start: int = 0, step: int = 1, dtype: Any = "int64",
                name: str | None = None) -> Any:  # fmt: skip
        """Return a dataset of numbers in equal steps, up to the largest that the dtype holds.

        >>> import nyala
        >>> [int(x) for x in nyala.data.Dataset.counter(5, 2).take(3)]
        [5, 7, 9]
        """
        kept = cls.range(1, output_type=dtype).element_spec.dtype
        limits = np.iinfo(str(kept))
        stop = limits.max if step > 0 else limits.min
        return cls.range(start, stop, step, output_type=dtype)

    @classmethod
    def list_files(cls, file_pattern: Any, shuffle: bool | None = None, seed: int | None = None,
                   name: str | None = None) -> Any:  # fmt: skip
        """Return a dataset of the paths of files.

        Args:
            file_pattern: a pattern as in `glob`, or a list of those (or a dataset of those).
            shuffle: whether the order is random, another one in each iteration; yes if `None`.
            seed: of the order.
            name: accepted for TensorFlow's sake.

        Raises:
            FileNotFoundError: no file fits.

        >>> import nyala, pathlib, tempfile
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> for name in "ab":
        ...     _ = (folder / f"{name}.txt").write_text(name)
        >>> dataset = nyala.data.Dataset.list_files(str(folder / "*.txt"), shuffle=False)
        >>> [pathlib.Path(path.decode()).name for path in dataset.as_numpy_iterator()]
        ['a.txt', 'b.txt']
        """
        patterns = paths_of(file_pattern)
        files = sorted({path for pattern in patterns for path in globbing.glob(pattern)})
        if not files:
            raise FileNotFoundError(f"list_files: no file fits {', '.join(map(repr, patterns))}.")
        stage = sources.Slices(np.array(files, dtype=object))
        if shuffle is False:
            return cls(stage)  # type: ignore[call-arg]
        return cls(transforms.Shuffle(stage, len(files), seed, True))  # type: ignore[call-arg]

    @classmethod
    def zip(cls, *args: Any, datasets: Any = None, name: str | None = None) -> Any:
        """Return a dataset of the elements of several datasets side by side; the shortest ends it.

        Args:
            *args: the datasets, or one structure of datasets.
            datasets: a structure of datasets: the older spelling.
            name: accepted for TensorFlow's sake.

        >>> import nyala
        >>> a, b = nyala.data.Dataset.range(3), nyala.data.Dataset.range(5, 9)
        >>> [(int(x), int(y)) for x, y in nyala.data.Dataset.zip(a, b)]
        [(0, 5), (1, 6), (2, 7)]
        """
        if bool(args) == (datasets is not None):
            raise TypeError("zip expects datasets, or one structure of datasets.")
        structure = datasets if datasets is not None else args[0] if len(args) == 1 else args
        return cls(transforms.Zip(tree.map_structure(lambda d: stage_of(d, "zip"), structure)))  # type: ignore[call-arg]

    @classmethod
    def choose_from_datasets(cls, datasets: list, choice_dataset: Any,
                             stop_on_empty_dataset: bool = True) -> Any:  # fmt: skip
        """Return a dataset that takes each element from the dataset that a choice names.

        Args:
            datasets: to choose from.
            choice_dataset: yields numbers of datasets; its end is the end.
            stop_on_empty_dataset: whether to end where a dataset is chosen that has ended; else it
                is passed over.

        >>> import nyala
        >>> Dataset = nyala.data.Dataset
        >>> parts = [Dataset.from_tensors(word).repeat() for word in ("a", "b")]
        >>> choices = Dataset.range(2).repeat(2)
        >>> list(Dataset.choose_from_datasets(parts, choices).as_numpy_iterator())
        [b'a', b'b', b'a', b'b']
        """
        stages = [stage_of(d, "choose_from_datasets") for d in datasets]
        choices = stage_of(choice_dataset, "choose_from_datasets")
        return cls(sources.Choice(stages, choices, stop_on_empty_dataset))  # type: ignore[call-arg]

    @classmethod
    def sample_from_datasets(cls, datasets: list, weights: Any = None, seed: int | None = None,
                             stop_on_empty_dataset: bool = False,
                             rerandomize_each_iteration: bool | None = None) -> Any:  # fmt: skip
        """Return a dataset that takes each element from a dataset chosen at random.

        Args:
            datasets: to choose from.
            weights: how likely each is; equally if `None`.
            seed: of the choices.
            stop_on_empty_dataset: whether to end with the first dataset that ends; else with the
                last.
            rerandomize_each_iteration: whether each iteration makes choices of its own.

        >>> import nyala
        >>> Dataset = nyala.data.Dataset
        >>> mixed = Dataset.sample_from_datasets([Dataset.range(3), Dataset.range(10, 13)], seed=1)
        >>> sorted(int(x) for x in mixed)
        [0, 1, 2, 10, 11, 12]
        """
        stages = [stage_of(d, "sample_from_datasets") for d in datasets]
        weights = [1.0] * len(stages) if weights is None else np.asarray(as_element(weights))
        if len(weights) != len(stages):
            raise ValueError(
                "sample_from_datasets needs a weight for each dataset; got "
                f"{len(weights)} for {len(stages)}."
            )
        draws = sources.Draws(weights, seed, bool(rerandomize_each_iteration))
        return cls(sources.Choice(stages, draws, stop_on_empty_dataset))  # type: ignore[call-arg]

    @classmethod
    def load(cls, path: Any, element_spec: Any = None, compression: str | None = None,
             reader_func: Any = None, wait: bool = False) -> Any:  # fmt: skip
        """Return the dataset that `save` wrote.

        Args:
            path: the folder.
            element_spec, compression, wait: accepted for TensorFlow's sake: the files say it.
            reader_func: called with a dataset of one dataset, returns what is read; by default that
                one.

        Raises:
            FileNotFoundError: nothing was saved there.

        >>> import nyala, tempfile
        >>> folder = tempfile.mkdtemp()
        >>> nyala.data.Dataset.range(3).save(folder)
        >>> [int(x) for x in nyala.data.Dataset.load(folder)]
        [0, 1, 2]
        """
        saved = cls(sources.Saved(path))  # type: ignore[call-arg]
        return saved if reader_func is None else reader_func(cls(sources.Elements([saved])))  # type: ignore[call-arg]


def stage_of(dataset: Any, what: str) -> Any:
    """Return the last stage of a dataset.

    Raises:
        TypeError: it is no dataset.
    """
    stage = getattr(dataset, "_stage", None)
    if stage is None:
        raise TypeError(f"{what} expects datasets; got {dataset!r}.")
    return stage


def paths_of(value: Any) -> list[str]:
    """Return paths given as one, a list or a dataset of them."""
    if isinstance(value, (str, os.PathLike)):
        return [os.fspath(value)]
    if hasattr(value, "as_numpy_iterator"):
        value = value.as_numpy_iterator()
    elif not isinstance(value, (list, tuple)):
        value = np.asarray(as_element(value)).ravel().tolist()
    return [p.decode() if isinstance(p, bytes) else os.fspath(p) for p in value]


def _signature(types: Any, shapes: Any) -> Any:
    if shapes is None:
        return tree.map_structure(lambda dtype: TensorSpec(None, dtype), types)
    return tree.map_structure_up_to(types, lambda t, s: TensorSpec(s, t), types, shapes)
