"""TFRecord files and examples: files of real TensorFlow both ways, damage, wrong use."""

from __future__ import annotations

import gc
import gzip
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

import nyala
from nyala import tf
from nyala.data.records._crc32c import crc32c

GOLDEN = Path(__file__).parent / "golden"
KINDS = {
    "": "examples.tfrecord",
    "GZIP": "examples.gzip.tfrecord",
    "ZLIB": "examples.zlib.tfrecord",
}


def read(path, kind=None):
    return list(nyala.data.TFRecordDataset(path, kind).as_numpy_iterator())


def feature(values):
    if isinstance(values[0], bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
    if isinstance(values[0], float):
        return tf.train.Feature(float_list=tf.train.FloatList(value=values))
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def example(**features):
    made = {name: feature(values) for name, values in features.items()}
    return tf.train.Example(features=tf.train.Features(feature=made))


def golden_examples():
    for n in range(5):
        made = example(id=[n - 2], name=[f"ä{n}".encode()], vector=[float(n), n / 3, -float(n)])
        made.features.feature["any"].int64_list.value.extend(10**k - 1 for k in range(n))
        made.features.feature["any"].int64_list  # noqa: B018 – looking sets nothing
        made.features.feature["empty"]
        yield made


def test_checksums_are_those_of_the_standard():
    # RFC 3720, B.4
    assert [hex(n) for n in crc32c([bytes(32), b"\xff" * 32, bytes(range(32)), b""])] == [
        "0x8a9136aa", "0x62a8ab43", "0x46dd794e", "0x0",
    ]  # fmt: skip


@pytest.mark.parametrize("size", [1, 63, 64, 65, 128, 1000])
def test_checksums_of_any_length(size):
    """Those of an item do not depend on what is computed beside it."""
    items = [np.random.default_rng(n).bytes(size + n) for n in range(4)]
    together = crc32c(items)
    assert [crc32c([item])[0] for item in items] == together.tolist()
    assert crc32c([bytes(size) + b"123456789"]) != crc32c([b"123456789"])


@pytest.mark.parametrize("kind", KINDS)
def test_files_of_tensorflow_are_read(kind):
    records = read(GOLDEN / KINDS[kind], kind)
    assert len(records) == 5
    for record, expected in zip(records, golden_examples(), strict=True):
        got = tf.train.Example.FromString(record)
        assert got.features.feature["id"] == expected.features.feature["id"]
        assert got.features.feature["name"] == expected.features.feature["name"]
        assert got.features.feature["any"].int64_list.value == (
            expected.features.feature["any"].int64_list.value
        )
        np.testing.assert_allclose(
            got.features.feature["vector"].float_list.value,
            expected.features.feature["vector"].float_list.value, rtol=1e-6,
        )  # fmt: skip
        assert got.features.feature["empty"].WhichOneof("kind") is None


def test_files_are_those_of_tensorflow(tmp_path):
    """What is read from TensorFlow's file and written again is the same file, byte by byte."""
    path = tmp_path / "a.tfrecord"
    with tf.io.TFRecordWriter(str(path)) as writer:
        for record in read(GOLDEN / KINDS[""]):
            message = tf.train.Example.FromString(record)
            assert message.SerializeToString() == record
            writer.write(message.SerializeToString())
    assert path.read_bytes() == (GOLDEN / KINDS[""]).read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_tensorflow_reads_what_is_written(tmp_path, kind):
    tensorflow = pytest.importorskip("tensorflow")
    path = str(tmp_path / "a.tfrecord")
    items = [np.random.default_rng(n).bytes(n * 37) for n in range(50)]
    with tf.io.TFRecordWriter(path, kind) as writer:
        for item in items:
            writer.write(item)
    got = tensorflow.data.TFRecordDataset(path, kind).as_numpy_iterator()
    assert list(got) == items


@pytest.mark.parametrize("kind", [None, "", "GZIP", "ZLIB"])
def test_many_records(tmp_path, kind):
    path = tmp_path / "a.tfrecord"
    items = [np.random.default_rng(n).bytes(n % 700) for n in range(3000)] + [b"x" * 3_000_000]
    with tf.io.TFRecordWriter(path, tf.io.TFRecordOptions(kind)) as writer:
        for item in items:
            writer.write(item)
        assert not path.exists()
    assert read(path, kind) == items
    assert list(tmp_path.iterdir()) == [path]
    unpack = {"GZIP": gzip.decompress, "ZLIB": zlib.decompress}.get(kind, lambda data: data)
    assert struct.unpack_from("<Q", unpack(path.read_bytes()))[0] == 0


def test_a_writer_is_closed_by_whoever_drops_it(tmp_path):
    path = tmp_path / "a.tfrecord"
    writer = tf.io.TFRecordWriter(path)
    writer.write("text")
    writer.write(nyala.ops.convert_to_tensor(b"tensor"))
    del writer
    gc.collect()
    assert read(path) == [b"text", b"tensor"]


def test_an_error_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "a.tfrecord"
    path.write_bytes(b"before")
    writer = tf.io.TFRecordWriter(path)

    def fail():
        with writer:
            writer.write(b"one")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(ValueError, match="is closed"):
        writer.write(b"two")


def damaged(tmp_path, change):
    data = bytearray((GOLDEN / KINDS[""]).read_bytes())
    second = 16 + struct.unpack_from("<Q", data)[0]
    data = change(data, second)
    path = tmp_path / "bad.tfrecord"
    path.write_bytes(bytes(data))
    return path, second


def flipped(offset):
    def change(data, second):
        data[second + offset] ^= 1
        return data

    return change


DAMAGE = {
    "content": (flipped(20), "the record at byte {} is damaged: its checksum is wrong"),
    "length": (flipped(0), "the record at byte {} is damaged: the checksum of its length"),
    "huge_length": (flipped(6), "the record at byte {} is damaged: the checksum of its length"),
    "cut_off": (lambda data, second: data[: second + 30], "the record at byte {} is cut off"),
    "cut_in_head": (lambda data, second: data[: second + 5], "the record at byte {} is cut off"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_named_by_file_and_byte(tmp_path, name):
    change, message = DAMAGE[name]
    path, second = damaged(tmp_path, change)
    with pytest.raises(ValueError, match=rf"bad\.tfrecord: {message.format(second)}"):
        read(path)
    with pytest.raises(tf.errors.DataLossError):
        read(path)


def test_files_of_other_kinds(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("this is no file of records")
    with pytest.raises(ValueError, match="Is it a TFRecord file"):
        read(path)
    with pytest.raises(ValueError, match="compressed file is damaged"):
        read(path, "GZIP")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        read("nowhere.tfrecord")


def test_fixed_length_records(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"##" + bytes(range(12)) + b"!")
    make = nyala.data.FixedLengthRecordDataset
    got = list(make([path, path], 4, header_bytes=2, footer_bytes=1).as_numpy_iterator())
    assert got == [bytes(range(n, n + 4)) for n in (0, 4, 8)] * 2
    with pytest.raises(ValueError, match=r"a\.bin: .* whole records of 5 bytes: 2 bytes are left"):
        list(make(path, 5, header_bytes=2, footer_bytes=1))
    with pytest.raises(ValueError, match="record_bytes must be a positive integer"):
        make(path, 0)


# -- examples -------------------------------------------------------------------------------------

WANTED = {
    "id": tf.io.FixedLenFeature([], tf.int64),
    "name": tf.io.FixedLenFeature([], tf.string),
    "vector": tf.io.FixedLenFeature([3, 1], tf.float32),
    "any": tf.io.VarLenFeature(tf.int64),
    "absent": tf.io.FixedLenFeature([2], tf.float32, default_value=[0.5, 1.5]),
}


def test_examples_are_parsed_in_pipelines():
    dataset = nyala.data.TFRecordDataset(GOLDEN / KINDS[""])
    parsed = dataset.map(lambda record: tf.io.parse_single_example(record, WANTED))
    got = list(parsed.as_numpy_iterator())
    assert [int(e["id"]) for e in got] == [-2, -1, 0, 1, 2]
    assert got[3]["name"] == "ä3".encode()
    assert got[3]["vector"].tolist() == [[3.0], [1.0], [-3.0]]
    assert got[3]["any"].tolist() == [0, 9, 99]
    assert got[0]["any"].shape == (0,)
    assert got[0]["absent"].tolist() == [0.5, 1.5]
    (batch,) = dataset.batch(9).map(lambda r: tf.io.parse_example(r, WANTED)).as_numpy_iterator()
    assert batch["vector"].shape == (5, 3, 1)
    assert batch["any"].tolist()[2:] == [[0, 9, 0, 0], [0, 9, 99, 0], [0, 9, 99, 999]]
    assert batch["id"].tolist() == [-2, -1, 0, 1, 2]


def test_ragged_features_have_keys():
    made = example(words=[b"a", b"b"]).SerializeToString()
    wanted = {"w": tf.io.RaggedFeature(tf.string, value_key="words")}
    assert tf.io.parse_single_example(made, wanted)["w"].numpy().tolist() == [b"a", b"b"]


MISTAKES = {
    "missing": (example(a=[1]), {"b": tf.io.FixedLenFeature([], tf.int64)}, "no feature 'b'"),
    "kind": (example(a=[1]), {"a": tf.io.FixedLenFeature([], tf.float32)}, "int64, not float"),
    "count": (
        example(a=[1, 2]), {"a": tf.io.FixedLenFeature([3], tf.int64)},
        r"has 2 values; the shape \(3,\) takes 3",
    ),
    "dtype": (example(a=[1]), {"a": tf.io.FixedLenFeature([], tf.int32)}, "float32, int64 or str"),
    "default": (
        example(a=[1]), {"a": tf.io.FixedLenFeature([3], tf.int64, [1, 2])}, "a default of 2"),
    "not_a_feature": (example(a=[1]), {"a": tf.int64}, "must be a FixedLenFeature"),
    "nothing": (example(a=[1]), {}, "a dict that is not empty"),
    "wide": (
        example(a=[1 << 40]), {"a": tf.io.FixedLenFeature([], tf.int64)}, "fit into 32 bits"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_explained(name):
    made, wanted, message = MISTAKES[name]
    with pytest.raises(ValueError, match=message):
        tf.io.parse_single_example(made.SerializeToString(), wanted)


def test_bytes_that_are_no_example():
    good = example(a=[1.5], b=[b"xyz"]).SerializeToString()
    wanted = {"a": tf.io.VarLenFeature(tf.float32)}
    for cut in range(1, len(good)):
        with pytest.raises(ValueError, match=r"no tf\.train\.Example"):
            tf.io.parse_single_example(good[:cut], wanted)
    with pytest.raises(ValueError, match="unknown kind"):
        tf.train.Example.FromString(b"\x0f")
    with pytest.raises(ValueError, match="more than 64 bits"):
        tf.train.Example.FromString(b"\xff" * 11)


def test_unpacked_numbers_are_read():
    """Older writers put every number into a field of its own."""
    floats = tf.train.FloatList.FromString(b"\x0d\x00\x00\x80\x3f\x0d\x00\x00\x00\x40")
    assert floats.value == [1.0, 2.0]
    assert tf.train.Int64List.FromString(b"\x08\x05\x08" + b"\xff" * 9 + b"\x01").value == [5, -1]


def test_messages():
    made = example(n=[-1, 1 << 62], s=[b'a"\n\xff'])
    assert str(made) == (
        'features {\n  feature {\n    key: "n"\n    value {\n      int64_list {\n'
        "        value: -1\n        value: 4611686018427387904\n      }\n    }\n  }\n"
        '  feature {\n    key: "s"\n    value {\n      bytes_list {\n'
        '        value: "a\\"\\n\\377"\n      }\n    }\n  }\n}\n'
    )
    copy = tf.train.Example()
    copy.CopyFrom(made)
    assert copy == made
    assert copy.features.feature["n"].HasField("int64_list")
    copy.features.feature["n"].int64_list.value[0] = 5
    assert copy != made
    copy.Clear()
    assert copy == tf.train.Example()
    assert made.ByteSize() == len(made.SerializeToString())


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: tf.train.BytesList(value=["text"]), TypeError),
        (lambda: tf.train.Int64List(value=[1.5]), TypeError),
        (lambda: tf.train.Int64List(value=[1 << 63]), ValueError),
        (lambda: tf.train.FloatList(value=["a"]), TypeError),
        (lambda: tf.train.Feature(int64_list=tf.train.FloatList()), TypeError),
        (lambda: tf.train.Feature(tf.train.BytesList(), tf.train.FloatList()), ValueError),
        (lambda: tf.io.TFRecordOptions("zip"), ValueError),
    ],
)
def test_wrong_values(make, error):
    with pytest.raises(error):
        make()


def test_a_writer_wants_bytes(tmp_path):
    with pytest.raises(TypeError, match="SerializeToString"):
        tf.io.TFRecordWriter(tmp_path / "a").write(example(a=[1]))


# -- tensors --------------------------------------------------------------------------------------

TENSORS = {
    "float32": np.arange(6, dtype="float32").reshape(2, 3) / 4,
    "int64": np.array(-5, "int64"),
    "uint8": np.arange(4, dtype="uint8"),
    "bool": np.array([True, False]),
    "float16": np.array([0.5, 2], "float16"),
    "string": np.array([[b"a", b"bc"], [b"", b"d" * 200]], object),
    "empty": np.zeros((0, 2), "float32"),
}


def test_tensors_of_tensorflow_are_read_and_written_alike():
    records = read(GOLDEN / "tensors.tfrecord")
    for i, (name, array) in enumerate(TENSORS.items()):
        dtype = "float32" if name == "empty" else name
        for record in (records[i], records[len(TENSORS) + i]):
            got = tf.io.parse_tensor(record, dtype).numpy()
            assert got.tolist() == array.tolist()
            assert got.shape == array.shape
        assert tf.io.serialize_tensor(array).numpy() == records[i], name
    assert tf.io.parse_tensor(records[-1], "float32").numpy().tolist() == [[7.0, 7.0], [7.0, 7.0]]


def test_wrong_tensors():
    data = tf.io.serialize_tensor([1.0])
    with pytest.raises(ValueError, match="one of float32, not int32"):
        tf.io.parse_tensor(data, "int32")
    with pytest.raises(ValueError, match="hold no tensor"):
        tf.io.parse_tensor(data.numpy()[:-1], "float32")
