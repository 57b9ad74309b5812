"""The reader of HDF5 beside h5py: the same groups, attributes and values."""

from __future__ import annotations

import io

import h5py
import ml_dtypes
import numpy as np
import pytest

from nyala.saving import ModelFileError
from nyala.saving._crc import crc32_joined
from nyala.saving._h5_writer import H5Writer
from nyala.saving._hdf5 import Dataset, H5Reader

RNG = np.random.default_rng(0)
ARRAYS = {
    "scalar": np.float32(3.5),
    "empty": np.zeros((0, 3), "f4"),
    "matrix": RNG.normal(size=(5, 7)),
    "half": RNG.normal(size=4).astype("f2"),
    "big endian": RNG.normal(size=(3, 2)).astype(">f4"),
    "signed": np.arange(-4, 4, dtype="i1"),
    "unsigned": np.arange(4, dtype="u8") << 60,
    "booleans": np.array([True, False, True]),
    "texts": np.array([b"a", b"bcd"]),
}


def read(data: bytes) -> H5Reader:
    return H5Reader(io.BytesIO(data), "the file")


def written(fill, **options) -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", **options) as file:
        fill(file)
    return buffer.getvalue()


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("layout", ["plain", "chunks", "packed", "compact"])
def test_arrays_of_every_kind_and_layout(name, layout):
    value = ARRAYS[name]
    options = {"plain": {}, "chunks": {"chunks": True},
               "packed": {"chunks": True, "compression": "gzip", "shuffle": True,
                          "fletcher32": True}}.get(layout, {})  # fmt: skip
    if layout in ("chunks", "packed") and (np.ndim(value) == 0 or value.size == 0):
        pytest.skip("HDF5 cuts only arrays with elements into pieces")

    def fill(file):
        if layout != "compact":
            file.create_dataset("a/b", data=value, **options)
            return
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple(np.shape(value)) if np.ndim(value) else (
            h5py.h5s.create(h5py.h5s.SCALAR)
        )  # fmt: skip
        kind = h5py.h5t.py_create(value.dtype, logical=True)
        group = file.create_group("a")
        one = h5py.h5d.create(group.id, b"b", kind, space, properties)
        h5py.Dataset(one)[...] = value

    with read(written(fill)) as reader:
        found = reader.group("a")["b"]
    np.testing.assert_array_equal(found, value)
    assert found.dtype == np.asarray(value).dtype.newbyteorder("=")


def test_many_pieces_at_the_edges():
    value = RNG.normal(size=(37, 11)).astype("f4")
    data = written(lambda f: f.create_dataset("x", data=value, chunks=(5, 4), compression="gzip"))
    with read(data) as reader:
        np.testing.assert_array_equal(reader.read(reader.file["x"]), value)


def test_groups_with_hundreds_of_members():
    names = [f"dense_{i}" for i in range(700)]

    def fill(file):
        for i, name in enumerate(names):
            file[f"layers/{name}/vars/0"] = np.full(2, i, "f4")

    with read(written(fill)) as reader:
        assert sorted(reader.file["layers"].members) == sorted(names)
        assert reader.group("layers/dense_641/vars")["0"].tolist() == [641, 641]
        assert len(reader.groups_with_arrays()) == 700


def test_attributes():
    long = "é" * 70_000

    def fill(file):
        file.attrs["text"] = long
        file.attrs["bytes"] = np.bytes_(b"abc")
        file.attrs["names"] = ["one", "drei"]
        file.attrs["fixed"] = np.array([b"a", b"bc"], "S2")
        file.attrs["number"] = 7
        file.create_group("g").attrs["x"] = np.arange(3)

    with read(written(fill)) as reader:
        found = reader.file.attrs
    assert found["text"].decode() == long
    assert found["bytes"] == b"abc"
    assert list(found["names"]) == [b"one", b"drei"]
    assert list(found["fixed"]) == [b"a", b"bc"]
    assert found["number"] == 7
    assert reader.file["g"].attrs["x"].tolist() == [0, 1, 2]


def test_the_newer_layout_where_it_is_small():
    def fill(file):
        file["a/b"] = np.arange(3)
        file["a"].attrs["k"] = 1

    with read(written(fill, libver="latest")) as reader:
        assert reader.group("a")["b"].tolist() == [0, 1, 2]
        assert reader.file["a"].attrs["k"] == 1


def test_the_newer_layout_where_it_is_large_is_refused_with_a_way_out():
    def fill(file):
        for i in range(50):
            file[f"d{i}"] = i

    with pytest.raises(ModelFileError, match=r"newer layout.*libver"):
        read(written(fill, libver="latest"))


def test_what_our_writer_writes(tmp_path):
    writer = H5Writer()
    store = writer.group("layers/a/vars", {"name": "a"})
    store["0"] = ARRAYS["matrix"]
    store["1"] = np.arange(3).astype(ml_dtypes.bfloat16)
    store["2"] = np.array(["x", "yz"])
    with open(tmp_path / "w.h5", "wb") as file:
        file.write(b"".join(writer.pieces()))
    with H5Reader(tmp_path / "w.h5", "w.h5") as reader:
        group = reader.group("layers/a/vars")
        np.testing.assert_array_equal(group["0"], ARRAYS["matrix"])
        assert group["1"].dtype == ml_dtypes.bfloat16
        assert group["1"].tolist() == [0, 1, 2]
        assert group["2"].tolist() == [b"x", b"yz"]
        assert group.attributes["name"] == b"a"
    with h5py.File(tmp_path / "w.h5") as file:
        np.testing.assert_array_equal(file["layers/a/vars/0"][()], ARRAYS["matrix"])


def test_large_arrays_are_read_by_threads(tmp_path):
    value = RNG.normal(size=(1 << 20, 2))  # 16 MiB
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["x"] = value
    with H5Reader(tmp_path / "x.h5", "x.h5") as reader:
        found = reader.read(reader.file["x"])
    np.testing.assert_array_equal(found, value)
    assert found.ctypes.data % 64 == 0


def test_a_byte_changed_anywhere_is_an_array_or_an_error():
    def fill(file):
        file.attrs["names"] = ["a", "b"]
        file["layers/dense/vars/0"] = np.arange(6.0).reshape(2, 3)

    whole = written(fill)
    used = [i for i in range(len(whole)) if whole[i]]
    failed = 0
    for place in used:
        data = bytearray(whole)
        data[place] ^= 0xFF
        try:
            with read(bytes(data)) as reader:
                for group in reader.groups_with_arrays():
                    found = dict(reader.group(group))
                    assert all(isinstance(v, np.ndarray) for v in found.values())
                assert not isinstance(reader.file, Dataset)
        except ModelFileError:
            failed += 1
    assert failed > len(used) / 3


def test_checksums_of_parts_join():
    import zlib

    parts = [RNG.bytes(n) for n in (0, 1, 17, 65_537)]
    total = 0
    for part in parts:
        total = crc32_joined(total, zlib.crc32(part), len(part))
    assert total == zlib.crc32(b"".join(parts))
