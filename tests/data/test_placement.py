"""Where large arrays lie on their way to the device."""

import jax
import numpy as np
import pytest

from nyala.data._placement import ReusedMemory, aligned_empty, as_it_lies

SHAPE = (300, 400)  # large enough to be worth it


def address(array):
    return array.ctypes.data


def test_memory_that_nobody_holds_is_used_again():
    memory = ReusedMemory()
    first = memory.empty(SHAPE, "float32")
    place = address(first)
    assert place % 64 == 0
    del first
    again = memory.empty((240, 200), "float64")  # another shape and dtype of no more bytes
    assert address(again) == place
    assert again.shape == (240, 200)
    assert again.dtype == np.float64


@pytest.mark.parametrize(
    "hold",
    [
        lambda array: array,
        lambda array: array[5:7, 1],
        as_it_lies,
        lambda array: np.asarray(as_it_lies(array))[0],
        lambda array: as_it_lies(array).addressable_shards,
    ],
    ids=["the array", "a view", "a jax array", "NumPy's view of that", "its shards"],
)
def test_memory_that_somebody_holds_stays_as_it_is(hold):
    memory = ReusedMemory()
    array = memory.empty(SHAPE, "float32")
    array[...] = 1
    place, held = address(array), hold(array)
    del array
    others = [memory.empty(SHAPE, "float32") for _ in range(6)]
    assert place not in {address(other) for other in others}
    del others, held
    assert memory.empty(SHAPE, "float32") is not None


def test_a_program_under_way_holds_its_arguments():
    memory = ReusedMemory()
    slow = jax.jit(lambda x: jax.lax.fori_loop(0, 200, lambda _, y: y @ x.T @ x / 4e4, x))
    wanted = np.asarray(slow(np.ones(SHAPE, "float32")))
    for _ in range(3):
        array = memory.empty(SHAPE, "float32")
        array[...] = 1
        result = slow(as_it_lies(array))
        del array
        memory.empty(SHAPE, "float32")[...] = 7
        np.testing.assert_array_equal(np.asarray(result), wanted)


def test_small_and_other_arrays_are_handed_on():
    small, strings = aligned_empty((3,), "float32"), np.array(["a"] * 100_000, object)
    assert as_it_lies(small) is small
    assert as_it_lies(strings) is strings
    assert isinstance(as_it_lies(aligned_empty(SHAPE, "uint8")), np.ndarray)
