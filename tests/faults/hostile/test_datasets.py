"""Datasets' files that try to run code, or are damaged. The payload is a marker file."""

from __future__ import annotations

import io
import pickle
import zipfile

import numpy as np
import pytest

from nyala import datasets
from nyala.datasets._pickles import PickleError, read_plain_pickle
from tests.datasets import small_files


class Payload:
    """Unpickled, it calls a function."""

    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


@pytest.fixture
def marker(tmp_path):
    """A path that must not exist when the test ends."""
    path = tmp_path / "it-ran"
    yield path
    assert not path.exists()


@pytest.fixture
def by_hand(tmp_path, monkeypatch):
    """The folder for files that are placed by hand: no hash stands in the way."""
    monkeypatch.setenv("NYALA_DATASETS", str(tmp_path))
    return tmp_path


def npy(pickled, shape=(1,)):
    """An array of objects whose pickle is anything."""
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        buffer, {"descr": "|O", "fortran_order": False, "shape": shape}
    )
    return buffer.getvalue() + pickled


def npz(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.npy", data)
    return buffer.getvalue()


def payloads(marker):
    touch = Payload(open, str(marker), "w")
    rows = np.empty(1, object)
    rows[0] = touch
    nested = np.empty(1, object)
    nested[0] = [1, touch]
    return {
        "call": pickle.dumps(touch, 2),
        "eval": pickle.dumps(Payload(eval, f"open({str(marker)!r}, 'w')")),
        "in_array": pickle.dumps(rows, 2),
        "in_list": pickle.dumps(nested, 4),
        "in_dict": pickle.dumps({b"data": touch, b"fine_labels": []}),
        "protocol_0": f"cposix\nsystem\n(S'touch {marker}'\ntR.".encode(),
        "instance": f"(S'touch {marker}'\niposix\nsystem\n.".encode(),
    }


@pytest.mark.parametrize("name", payloads("x"))
@pytest.mark.parametrize("dataset", ["imdb", "reuters", "cifar100"])
def test_nothing_in_a_file_is_called(marker, by_hand, dataset, name):
    data = payloads(marker)[name]
    if dataset == "cifar100":
        file = small_files.tar_gz(dict.fromkeys(("cifar-100-python/train",
                                                 "cifar-100-python/test"), data))  # fmt: skip
        (by_hand / "cifar-100-python.tar.gz").write_bytes(file)
    else:
        names = ("x_train", "x_test") if dataset == "imdb" else ("x",)
        labels = ("y_train", "y_test") if dataset == "imdb" else ("y",)
        y = io.BytesIO()
        np.save(y, np.arange(1))
        file = npz(**dict.fromkeys(names, npy(data)), **dict.fromkeys(labels, y.getvalue()))
        (by_hand / f"{dataset}.npz").write_bytes(file)
    with pytest.raises(
        ValueError, match=r"is not the file it should be: .*(never called|none of plain data)"
    ):
        getattr(datasets, dataset).load_data()


def array_with(dtype=b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb", code=b"U\x02u1",
               shape=b"K\x02\x85", data=b"U\x02ab"):  # fmt: skip
    """A pickled array of which a part is anything."""
    new = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
    kind = b"cnumpy\ndtype\n" + code + b"K\x00K\x01\x87R" + dtype
    return b"\x80\x02" + new + b"(K\x01" + shape + kind + b"\x89" + data + b"tb."


def test_the_array_of_these_tests():
    assert read_plain_pickle(io.BytesIO(array_with())).tolist() == [97, 98]


@pytest.mark.parametrize(
    "data",
    [
        array_with(code=b"U\x02V8"),
        array_with(code=b"U\x02u9"),
        array_with(code=b"(U\x01a\x85l"),
        array_with(dtype=b"(K\x03U\x01|(lNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"),
        array_with(dtype=b"(K\x03U\x01?NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"),
        array_with(dtype=b"(K\x03tb"),
        array_with(shape=b"K\x03\x85"),
        array_with(shape=b"J\xff\xff\xff\x7f\x85"),
        array_with(shape=b"J\xff\xff\xff\xff\x85"),
        array_with(shape=b"N"),
        array_with(data=b"U\x01a"),
        array_with(data=b"N"),
        array_with(code=b"U\x01O"),
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n)R.",  # an array without content
        b"\x80\x02cnumpy.core.multiarray\nscalar\n.",
        b"\x80\x02c__main__\nanything\n.",
        b"\x80\x02\x82\x01.",  # the registry of short names
        b"U\x01xQ.",  # something outside the file
        b"\x80\x02]q\x00h\x07.",
        b"\x80\x05\x96" + bytes(4) + b"\x10" + bytes(3) + b".",  # room for 64 GB
        b"\x80\x02Nr\xff\xff\xff\x7f.",  # two thousand million notes
        b"\x80\x02Np2147483647\n.",
        b"\x80\x03B\xff\xff\xff\x7fab.",
        b"\x80\x04\x95" + b"\xff" * 8 + b"N.",
        b"\x80\x02\x8b\xff\xff\xff\x7f.",
        b"\x80\x02\x8a\xff" + bytes(255) + b".",
        b"I" + b"9" * 5000 + b"\n.",
        b"\x80\x02cnumpy\nndarray",
        b"",
        b"text",
    ],
)
def test_pickles_that_are_no_plain_data(data):
    with pytest.raises(PickleError):
        read_plain_pickle(io.BytesIO(data))


@pytest.mark.parametrize("rows", [[{}], [[1, "a"]], [[1.5]], [None], [[[1]]], [(1, 2)], [[True]]])
def test_arrays_of_other_things_than_lists_of_integers(by_hand, rows):
    array = np.empty(1, object)
    array[0] = rows[0]
    (by_hand / "reuters.npz").write_bytes(small_files.npz(x=array, y=np.arange(1)))
    with pytest.raises(ValueError, match="other things than lists of integers"):
        datasets.reuters.load_data()


def test_one_list_in_the_place_of_many(by_hand):
    array = np.empty(1000, object)
    array[:] = None
    row = list(range(500))
    for place in range(len(array)):
        array[place] = row
    (by_hand / "reuters.npz").write_bytes(small_files.npz(x=array, y=np.arange(1000)))
    with pytest.raises(ValueError, match="more numbers than the file"):
        datasets.reuters.load_data()


def test_sizes_that_are_not_there(by_hand):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f8", "fortran_order": False, "shape": (1 << 40, 13)}
    )
    y = io.BytesIO()
    np.save(y, np.zeros(2))
    (by_hand / "boston_housing.npz").write_bytes(npz(x=header.getvalue(), y=y.getvalue()))
    with pytest.raises(ValueError, match=r"claims \(1099511627776, 13\) of float64, but holds 0"):
        datasets.boston_housing.load_data()


@pytest.mark.parametrize("count", [50, pytest.param(5_000, marks=pytest.mark.soak)])
@pytest.mark.parametrize("dataset", ["reuters", "boston_housing", "cifar100", "fashion_mnist"])
def test_damaged_files_raise_one_error(by_hand, dataset, count):
    files = {
        "reuters": {"reuters.npz": small_files.reuters()},
        "boston_housing": {"boston_housing.npz": small_files.housing(13, rows=20)},
        "cifar100": {
            "cifar-100-python.tar.gz": small_files.cifar(
                ["cifar-100-python/train", "cifar-100-python/test"], ["fine_labels"], count=1
            )
        },
        "fashion_mnist": {
            f"fashion-mnist/{name}": data for name, data in small_files.fashion_mnist().items()
        },
    }[dataset]
    (by_hand / "fashion-mnist").mkdir()
    random = np.random.default_rng(0)
    for _ in range(count):
        for name, whole in files.items():
            cut = random.integers(1, len(whole)) if random.random() < 0.2 else len(whole)
            data = bytearray(whole[:cut])
            for place in random.integers(0, len(data), random.integers(0, 5)):
                data[place] = random.integers(0, 256)
            (by_hand / name).write_bytes(data)
        try:
            getattr(datasets, dataset).load_data()
        except ValueError as error:
            assert "Remove or replace" in str(error)  # noqa: PT017
