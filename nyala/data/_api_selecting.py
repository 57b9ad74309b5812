"""`Dataset`'s methods that choose and order elements without changing them."""

from __future__ import annotations

from typing import Any

from nyala.data import transforms


class Selecting:
    """Order, repetition and selection."""

    def shuffle(self, buffer_size: int, seed: int | None = None,
                reshuffle_each_iteration: bool | None = True, name: str | None = None) -> Any:  # fmt: skip
        """Return a dataset of the same elements in random order.

        Args:
            buffer_size: elements among which the next one is chosen; as many as the dataset has, for
                a uniform order.
            seed: of the order; drawn from the global seed (`utils.set_random_seed`) if `None`.
            reshuffle_each_iteration: whether each iteration has an order of its own. Say `False`
                before splitting with `take` and `skip`.
            name: accepted for TensorFlow's sake.

        Where the elements can be had by index (`from_tensor_slices`, `range`, `cache()` in memory and
        what maps, enumerates, zips or cuts those), indices are shuffled: a buffer of any size costs
        8 bytes a slot.

        >>> import nyala
        >>> sorted(int(x) for x in nyala.data.Dataset.range(4).shuffle(4))
        [0, 1, 2, 3]
        """
        reshuffle = reshuffle_each_iteration is not False
        return self._then(transforms.Shuffle(self._stage, buffer_size, seed, reshuffle))
