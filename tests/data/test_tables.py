"""CSV and Parquet files: values, errors with file and line, both parsers, flat memory."""

from __future__ import annotations

import gzip
import itertools
import zlib

import numpy as np
import pytest

import nyala
from nyala.data.csv import _parse

make, CsvDataset = nyala.data.experimental.make_csv_dataset, nyala.data.experimental.CsvDataset


@pytest.fixture(params=["arrow", "python"])
def engine(request, monkeypatch):
    """Both ways of parsing."""
    if request.param == "python":
        monkeypatch.setattr(_parse, "arrow_csv", lambda: None)
    else:
        pytest.importorskip("pyarrow")
    return request.param


@pytest.fixture
def write(tmp_path):
    def to_file(text, name="a.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return to_file


def read(dataset):
    return list(dataset.as_numpy_iterator())


def test_types_are_inferred(write, engine):
    path = write('a,b,c,d\n1,1.5,x,\n2,2,"y, z",7\n,,,\n')
    (batch,) = read(make(path, 5, num_epochs=1, shuffle=False))
    assert {k: v.tolist() for k, v in batch.items()} == {
        "a": [1, 2, 0], "b": [1.5, 2.0, 0.0], "c": [b"x", b"y, z", b""], "d": [0, 7, 0],
    }  # fmt: skip
    assert [str(v.dtype) for v in batch.values()] == ["int32", "float32", "object", "int32"]
    assert make(path, 5).element_spec["b"] == nyala.data.TensorSpec((5,), "float32")


def test_all_records_come_once_shuffled(write, engine):
    count = 500
    path = write("x,y\n" + "".join(f"{n},{n % 2}\n" for n in range(count)))
    dataset = make(path, 64, label_name="y", num_epochs=1, shuffle_buffer_size=50, shuffle_seed=3)
    epochs = [np.concatenate([x["x"] for x, _ in read(dataset)]) for _ in range(2)]
    for epoch in epochs:
        assert sorted(epoch) == list(range(count))
    assert epochs[0].tolist() != epochs[1].tolist()
    assert epochs[0].tolist() != list(range(count))
    again = make(path, 64, label_name="y", num_epochs=1, shuffle_buffer_size=50, shuffle_seed=3)
    assert np.concatenate([x["x"] for x, _ in read(again)]).tolist() == epochs[0].tolist()


def test_without_end_every_batch_is_full(write):
    path = write("x\n1\n2\n3\n")
    dataset = make(path, 2, shuffle=False)
    batches = list(itertools.islice(dataset.as_numpy_iterator(), 4))
    assert [b["x"].tolist() for b in batches] == [[1, 2], [3, 1], [2, 3], [1, 2]]


def test_columns_are_chosen_and_named(write, engine):
    path = write("1;2;3\n4;5;6\n")
    names = ["a", "b", "c"]
    common = {"header": False, "column_names": names, "field_delim": ";", "num_epochs": 1,
              "shuffle": False}  # fmt: skip
    assert list(read(make(path, 2, select_columns=["c", 0], **common))[0]) == ["a", "c"]
    (pair,) = read(make(path, 2, select_columns=[1, 2], label_name="b", **common))
    assert list(pair[0]) == ["c"]
    assert pair[1].tolist() == [2, 5]
    defaults = ["float32", nyala.tf.int32, [""]]
    (batch,) = read(make(path, 2, column_defaults=defaults, **common))
    assert [str(v.dtype) for v in batch.values()] == ["float32", "int32", "object"]


def test_missing_values(write, engine):
    path = write("1,NA,x\n,2,NA\n")
    got = read(CsvDataset(path, [[-1], [0.5], ["none"]], na_value="NA"))
    assert got == [(1, 0.5, b"x"), (-1, 2.0, b"none")]
    with pytest.raises(ValueError, match=r"a\.csv, line 2, column '0': the value is missing"):
        read(CsvDataset(path, ["int32", [0.5], ["none"]], na_value="NA"))


def test_quoted_fields_hold_line_ends(write, engine):
    path = write('"a\nb",1\r\n"say ""hi""",2\r\n')
    assert read(CsvDataset(path, [[""], [0]])) == [(b"a\nb", 1), (b'say "hi"', 2)]
    raw = write('"a,1\nb",2\n', "raw.csv")
    assert read(CsvDataset(raw, [[""], [0]], use_quote_delim=False)) == [(b'"a', 1), (b'b"', 2)]


def test_columns_by_index(write):
    path = write("h,i,j\n1,2,3\n4,5,6\n")
    assert read(CsvDataset(path, [[0], [0]], header=True, select_cols=[0, 2])) == [(1, 3), (4, 6)]
    assert read(CsvDataset(path, [[0], [0]], header=True, exclude_cols=[0])) == [(2, 3), (5, 6)]
    assert read(CsvDataset([path, path], ["int32"] * 3, header=True))[2:] == [(1, 2, 3), (4, 5, 6)]


@pytest.mark.parametrize("kind", ["GZIP", "ZLIB"])
def test_compressed_files(write, kind):
    pack = {"GZIP": gzip.compress, "ZLIB": zlib.compress}[kind]
    text = "x\n" + "".join(f"{n}\n" for n in range(40_000))
    path = write(pack(text.encode()), "a.csv.packed")
    dataset = make(path, 40_000, num_epochs=1, shuffle=False, compression_type=kind)
    assert read(dataset)[0]["x"].tolist() == list(range(40_000))
    broken = write(pack(text.encode())[:-900], "broken.csv.packed")
    with pytest.raises(ValueError, match=r"broken\.csv\.packed: the compressed file is damaged"):
        read(make(broken, 9, num_epochs=1, shuffle=False, compression_type=kind))


BAD = {
    "fewer": ("a,b\n1,2\n3\n5,6\n", r"line 3: the record has 1 fields, .* has 2: '3'"),
    "more": ("a,b\n1,2\n3,4,5\n", r"line 3: the record has 3 fields"),
    "number": ("a,b\n1,2\n\n3,x\n", r"line 4, column 'b': 'x' is no int32"),
    "too_large": ("a,b\n1,2\n3,3000000000\n", r"line 3, column 'b': '3000000000' is no int32"),
}


@pytest.mark.parametrize("name", BAD)
def test_mistakes_are_named_by_file_and_line(write, engine, name):
    text, message = BAD[name]
    path = write(text, "bad.csv")
    common = {"column_defaults": [[0], [0]], "num_epochs": 1, "shuffle": False}
    with pytest.raises(ValueError, match=r"bad\.csv, " + message):
        read(make(path, 2, **common))
    (batch,) = read(make(path, 9, ignore_errors=True, **common))
    assert batch["a"].tolist() == [int(line[0]) for line in text.split("\n")[1:]
                                   if line.count(",") == 1 and "x" not in line
                                   and "3000000000" not in line]  # fmt: skip


def test_mistakes_in_the_second_file(write):
    first, second = write("a,b\n1,2\n"), write("a,c\n1,2\n", "b.csv")
    with pytest.raises(ValueError, match=r"b\.csv, line 1: the header is \['a', 'c'\]"):
        read(make([first, second], 2, num_epochs=1, shuffle=False))
    third = write("1,2,3\n", "c.csv")
    fourth = write("1,2\n", "d.csv")
    with pytest.raises(ValueError, match=r"d\.csv, line 1: the record has 2 fields"):
        read(CsvDataset([third, fourth], [[0], [0], [0]]))


WRONG = {
    "no_file": (lambda p: make("nowhere*.csv", 2), FileNotFoundError, "nowhere"),
    "label": (lambda p: make(p, 2, label_name="bb"), ValueError, "Did you mean 'b'"),
    "select": (lambda p: make(p, 2, select_columns=["aa"]), ValueError, "no column 'aa'"),
    "select_twice": (lambda p: make(p, 2, select_columns=["a", 0]), ValueError, "twice"),
    "names": (lambda p: make(p, 2, header=False), ValueError, "column_names must be given"),
    "names_twice": (lambda p: make(p, 2, column_names=["a", "a"]), ValueError, "there once"),
    "defaults": (lambda p: make(p, 2, column_defaults=[[0]]), ValueError, "1 entries for 2"),
    "dtype": (lambda p: CsvDataset(p, [True]), ValueError, "a CSV column is one of float32"),
    "delimiter": (lambda p: make(p, 2, field_delim="::"), ValueError, "one character"),
    "compression": (lambda p: make(p, 2, compression_type="xz"), ValueError, "'ZLIB'; got 'xz'"),
    "both": (lambda p: CsvDataset(p, [[0]], select_cols=[0], exclude_cols=[1]), ValueError, "both"),
    "order": (lambda p: CsvDataset(p, [[0], [0]], select_cols=[1, 0]), ValueError, "ascending"),
    "none": (lambda p: CsvDataset(p, []), ValueError, "at least one column"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_use_is_explained(write, name):
    wrong, error, message = WRONG[name]
    with pytest.raises(error, match=message):
        wrong(write("a,b\n1,2\n"))


def test_what_arrow_and_python_read_is_the_same(write, monkeypatch):
    pytest.importorskip("pyarrow")
    random = np.random.default_rng(0)
    lines = [f"{a},{b!r},{c}" for a, b, c in zip(
        random.integers(-9, 9, 300), random.normal(size=300).tolist(),
        random.choice(["x", '"q, ""r"""', "ü"], 300), strict=True)]  # fmt: skip
    path = write("a,b,c\n" + "\n".join(lines))
    dataset = make(path, 300, num_epochs=1, shuffle=False)
    (one,) = read(dataset)
    monkeypatch.setattr(_parse, "arrow_csv", lambda: None)
    (two,) = read(dataset)
    for name, values in one.items():
        np.testing.assert_array_equal(values, two[name])


def test_a_file_is_never_read_whole(write, monkeypatch):
    """Chunks are cut at records, whatever their size."""
    from nyala.data import _chunks

    text = "".join(f'{n},"line\n{n}"\n' for n in range(2000))
    path = write(text)
    sizes = [len(c.data) for c in _chunks.chunks(path, "", True, size=1000)]
    assert sum(sizes) == len(text)
    assert max(sizes) < 1200
    lines = [c.line for c in _chunks.chunks(path, "", True, size=1000)]
    assert all(line % 2 == 1 for line in lines)


def test_training_on_a_table(write):
    path = write("a,b,y\n" + "".join(f"{n / 10},{n % 3},{n / 5}\n" for n in range(64)))
    inputs = {name: nyala.Input((1,), name=name) for name in ("a", "b")}
    model = nyala.Model(inputs, nyala.layers.Dense(1)(nyala.layers.Concatenate()(
        list(inputs.values()))))  # fmt: skip
    model.compile("sgd", "mse")
    data = make(path, 16, label_name="y", shuffle_seed=1).map(
        lambda x, y: ({k: nyala.ops.cast(v, "float32")[:, None] for k, v in x.items()}, y)
    )
    losses = model.fit(data, epochs=3, steps_per_epoch=4, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


@pytest.fixture
def parquet():
    return pytest.importorskip("pyarrow.parquet")


def test_parquet(parquet, tmp_path):
    import pyarrow

    columns = {
        "i": np.arange(1000), "f": np.arange(1000) / 4, "b": np.arange(1000) % 2 == 0,
        "s": [f"w{n}" for n in range(1000)],
        "v": pyarrow.FixedSizeListArray.from_arrays(np.arange(2000.0), 2),
    }  # fmt: skip
    for i in range(2):
        parquet.write_table(pyarrow.table(columns), tmp_path / f"{i}.parquet", row_group_size=300)
    dataset = nyala.data.experimental.ParquetDataset([tmp_path / "0.parquet"])
    assert len(dataset) == 1000
    assert dataset.element_spec["v"] == nyala.data.TensorSpec((2,), "float32")
    (batch,) = read(dataset.batch(1000))
    assert batch["i"].tolist() == list(range(1000))
    assert batch["v"][3].tolist() == [6.0, 7.0]
    assert batch["s"][999] == b"w999"
    made = nyala.data.experimental.make_parquet_dataset(
        str(tmp_path / "*.parquet"), 128, label_name="b", select_columns=["i", "b"], num_epochs=1,
        shuffle_seed=1,
    )  # fmt: skip
    seen = np.concatenate([x["i"] for x, _ in read(made)])
    assert sorted(seen) == sorted([*range(1000)] * 2)


def test_parquet_mistakes(parquet, tmp_path):
    import pyarrow

    one, two, three = (tmp_path / f"{n}.parquet" for n in "123")
    parquet.write_table(pyarrow.table({"a": [1, 2]}), one)
    parquet.write_table(pyarrow.table({"b": [1, 2]}), two)
    parquet.write_table(pyarrow.table({"a": [1, None]}), three)
    Parquet = nyala.data.experimental.ParquetDataset
    with pytest.raises(ValueError, match=r"2\.parquet: the columns are b: int64"):
        read(Parquet([one, two]))
    with pytest.raises(ValueError, match=r"3\.parquet, row group 0: the column 'a' has missing"):
        read(Parquet(three))
    one.write_bytes(one.read_bytes()[:-5])
    with pytest.raises(ValueError, match="no whole Parquet file"):
        Parquet(one)


def test_parquet_without_pyarrow(parquet, tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(ImportError, match=r"nyala\[data\]"):
        nyala.data.experimental.ParquetDataset(tmp_path / "a.parquet")
