"""`tf.strings`, `tf.io`, `tf.image` and `tf.debugging`."""

from __future__ import annotations

import pickle
import re
import string

import numpy as np
import pytest

import nyala.tf as tf

RNG = np.random.default_rng(0)


# What TensorFlow 2.21 returns (its ragged tensors as lists).
@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (lambda s: s.lower(["ÄbC", "C"]), ["ÄbC".replace("C", "c"), "c"]),
        (lambda s: s.lower("ÄbC", encoding="utf-8"), "äbc"),
        (lambda s: s.upper("äb"), "äB"),
        (lambda s: s.upper("äb", encoding="utf-8"), "ÄB"),
        (lambda s: s.lower(b"A\xff"), b"a\xff"),
        (lambda s: s.strip(["\v a \n"]), ["a"]),
        (lambda s: s.length("é"), 2),
        (lambda s: s.length(["é", "ab"], unit="UTF8_CHAR"), [1, 2]),
        (lambda s: s.substr(["hello"], -3, 2), ["ll"]),
        (lambda s: s.substr(["hello", "abc"], [1, 2], [2, 1]), ["el", "c"]),
        (lambda s: s.substr("héllo", 1, 2, unit="UTF8_CHAR"), "él"),
        (lambda s: s.join([["a", "b"], ["c", "d"]], separator="/"), ["a/c", "b/d"]),
        (lambda s: s.join(["a", ["b", "c"]], separator="/"), ["a/b", "a/c"]),
        (lambda s: s.reduce_join([["a", "b"], ["c", "d"]], axis=0, separator="-"), ["a-c", "b-d"]),
        (lambda s: s.reduce_join([["a", "b"], ["c", "d"]], 1, keepdims=True), [["ab"], ["cd"]]),
        (lambda s: s.reduce_join([["a", "b"], ["c", "d"]], axis=[0, 1]), "acbd"),
        (lambda s: s.reduce_join([["a", "b"], ["c", "d"]]), "abcd"),
        (lambda s: s.unsorted_segment_join(["this", "a", "test", "is"], [0, 1, 1, 0], 2, " "),
         ["this is", "a test"]),
        (lambda s: s.split("a,b,,c", ","), ["a", "b", "", "c"]),
        (lambda s: s.split("a b c", maxsplit=1), ["a", "b c"]),
        (lambda s: s.split(["a  b ", "c"]), [["a", "b"], ["c"]]),
        (lambda s: s.bytes_split("é"), [b"\xc3", b"\xa9"]),
        (lambda s: s.ngrams(["a", "b", "c"], 2), ["a b", "b c"]),
        (lambda s: s.ngrams(["a", "b", "c"], [2, 3], separator="|", pad_values=("<", ">")),
         ["<|a", "a|b", "b|c", "c|>", "<|<|a", "<|a|b", "a|b|c", "b|c|>", "c|>|>"]),
        (lambda s: s.ngrams(["a", "b"], 3, pad_values="_", padding_width=1), ["_ a b", "a b _"]),
        (lambda s: s.ngrams(["a"], 3, preserve_short_sequences=True), ["a"]),
        (lambda s: s.ngrams([["a", "b"], ["c", "d"]], 2), [["a b"], ["c d"]]),
        (lambda s: s.unicode_split("어제", "UTF-8"), ["어", "제"]),
        (lambda s: s.unicode_split(b"a\xff\xe6\x97b", "UTF-8"), ["a", "\ufffd", "\ufffd", "b"]),
        (lambda s: s.unicode_decode(["aé", "🙂"], "UTF-8"), [[97, 233], [128578]]),
        (lambda s: s.unicode_encode([97, 233]), "aé"),
        (lambda s: s.unicode_encode([[97], [98, 99]], "UTF-16-BE"), [b"\0a", b"\0b\0c"]),
        (lambda s: s.unicode_transcode(b"a\xffb", "UTF-8", "UTF-16-BE"), b"\0a\xff\xfd\0b"),
        (lambda s: s.unicode_transcode("a\tb", "UTF-8", "UTF-8", replacement_char=32,
                                       replace_control_characters=True), "a b"),
        (lambda s: s.regex_replace("a.b!", "[[:punct:]]", ""), "ab"),
        (lambda s: s.regex_replace("a.b!c", f"[{re.escape(string.punctuation)}]", r" \0 "),
         "a . b ! c"),
        (lambda s: s.regex_replace("é1 x", r"\w", "_"), "é_ _"),
        (lambda s: s.regex_replace("ab", "(a)(b)", r"\2\1\0"), "baab"),
        (lambda s: s.regex_replace("a\\b", r"\\", r"\\\\"), r"a\\b"),
        (lambda s: s.regex_replace("aa", "a", "b", replace_global=False), "ba"),
        (lambda s: s.regex_full_match(["a1", "a"], "[a-z][0-9]"), [True, False]),
        (lambda s: s.to_hash_bucket_fast(["a", "b", ""], 10), [9, 2, 3]),
        (lambda s: s.to_hash_bucket_strong(["a", "b"], 100, [3, 4]), [68, 78]),
        (lambda s: s.as_string([1, 20]), ["1", "20"]),
        (lambda s: s.as_string([1.5, 2.25]), ["1.500000", "2.250000"]),
        (lambda s: s.as_string(3.14159, precision=2), "3.14"),
        (lambda s: s.as_string(7, width=3, fill="0"), "007"),
        (lambda s: s.to_number([" 1.5", "2e3"]), [1.5, 2000.0]),
        (lambda s: s.to_number("7", tf.int32), 7),
        (lambda s: s.format("x={} y={}", (1, [2, 3])), "x=1 y=[2 3]"),
        (lambda s: s.format("s={}", (["a", "b"],)), 's=["a" "b"]'),
    ],
)  # fmt: skip
def test_strings(found, expected):
    value = found(tf.strings)
    value = [row.tolist() for row in value] if isinstance(value, list) else value.tolist()
    assert value == in_bytes(expected)


def in_bytes(value):
    if isinstance(value, list):
        return [in_bytes(item) for item in value]
    return value.encode() if isinstance(value, str) else value


def test_strings_leave_tensors_as_bytes():
    word = tf.constant("é")
    assert word.numpy().decode() == "é"
    assert (word.numpy(), word.item(), f"{word}") == ("é".encode(),) * 2 + (str("é".encode()),)
    assert repr(word) == r"<nyala.Tensor: shape=(), dtype=string, numpy=b'\xc3\xa9'>"
    assert str(tf.constant(["a"])).endswith("[b'a'], shape=(1,), dtype=string)")
    assert (tf.constant(["a", "b"]) == tf.constant([b"a", b"c"])).numpy().tolist() == [True, False]
    assert bool(word == "é") is bool(word == "é".encode()) is True
    again = pickle.loads(pickle.dumps(tf.constant(["a", b"\xff"])))
    assert again.numpy().tolist() == [b"a", b"\xff"]
    zeros = tf.constant([b"a\0", b"\0"])
    assert zeros.numpy().tolist() == [b"a\0", b"\0"]
    assert tf.strings.length(zeros).numpy().tolist() == [2, 1]
    with pytest.raises(ValueError, match="same length along each axis"):
        tf.constant([["a"], ["b", "c"]])
    dataset = tf.data.Dataset.from_tensor_slices(["a", "b"])
    assert list(dataset.as_numpy_iterator()) == [b"a", b"b"]
    assert [x.numpy().decode() for x in dataset] == ["a", "b"]
    assert next(iter(dataset.batch(2).as_numpy_iterator())).tolist() == [b"a", b"b"]


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda s: s.to_number("x"), r"b'x' is no number of dtype float32"),
        (lambda s: s.substr("abc", 7, 1), r"pos 7 is outside of b'abc'"),
        (lambda s: s.regex_replace("a", "(", ""), r"no regular expression"),
        (lambda s: s.lower("a", encoding="latin"), r"encoding must be '' or 'utf-8'"),
        (lambda s: s.unicode_split("a", "LATIN"), r"an encoding is one of"),
        (lambda s: s.length("a", unit="WORD"), r"'BYTE' or 'UTF8_CHAR'"),
        (lambda s: s.to_hash_bucket_fast("a", 0), r"num_buckets must be positive"),
    ],
)
def test_wrong_strings(make, text):
    with pytest.raises(ValueError, match=text):
        make(tf.strings)


def test_a_number_is_no_string():
    with pytest.raises(TypeError, match=r"tf\.strings\.lower: expected strings.*as_string"):
        tf.strings.lower([1, 2])


def test_pictures_go_to_files_and_back(tmp_path):
    pixels = RNG.integers(0, 256, (5, 7, 3), dtype="uint8")
    path = tmp_path / "new" / "a.png"
    tf.io.write_file(str(path), tf.io.encode_png(pixels))
    contents = tf.io.read_file(str(path))
    assert contents.dtype == tf.string
    np.testing.assert_array_equal(tf.image.decode_png(contents).numpy(), pixels)
    assert tf.image.decode_image(contents, channels=1).shape == (5, 7, 1)
    assert tf.io.decode_jpeg(tf.io.encode_jpeg(pixels), channels=3).shape == (5, 7, 3)
    assert tf.io.matching_files(str(path.parent / "*.png")).numpy().tolist() == [str(path).encode()]


def test_a_broken_picture_says_what_it_is():
    with pytest.raises(tf.errors.InvalidArgumentError, match="not an image in one of the formats"):
        tf.io.decode_jpeg(b"no picture")


def test_a_missing_file_is_caught_by_both_names(tmp_path):
    with pytest.raises(tf.errors.NotFoundError):
        tf.io.read_file(str(tmp_path / "missing"))


def test_files_and_folders(tmp_path):
    folder = tf.io.gfile.join(str(tmp_path), "a", "b")
    tf.io.gfile.makedirs(folder)
    with tf.io.gfile.GFile(tf.io.gfile.join(folder, "x.txt"), "w") as file:
        file.write("표본")
    assert tf.io.gfile.listdir(folder) == ["x.txt"]
    source, target = (tf.io.gfile.join(folder, n) for n in ("x.txt", "y.txt"))
    tf.io.gfile.copy(source, target)
    with pytest.raises(FileExistsError, match="overwrite=True"):
        tf.io.gfile.copy(source, target)
    assert tf.io.gfile.stat(target).length == 6
    tf.io.gfile.rmtree(str(tmp_path / "a"))
    assert not tf.io.gfile.exists(folder)


def test_bytes_become_numbers_and_text():
    numbers = np.arange(4, dtype="<i2")
    np.testing.assert_array_equal(tf.io.decode_raw(numbers.tobytes(), tf.int16).numpy(), numbers)
    assert tf.io.decode_base64(tf.io.encode_base64("hé>?")).numpy() == "hé>?".encode()


IMAGE = RNG.uniform(size=(6, 4, 3)).astype("float32")


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (lambda: tf.image.flip_left_right(IMAGE), IMAGE[:, ::-1]),
        (lambda: tf.image.flip_up_down(IMAGE), IMAGE[::-1]),
        (lambda: tf.image.rot90(IMAGE), np.rot90(IMAGE)),
        (lambda: tf.image.transpose(IMAGE), IMAGE.transpose(1, 0, 2)),
        (lambda: tf.image.adjust_brightness(IMAGE, 0.1), IMAGE + 0.1),
        (lambda: tf.image.adjust_contrast(IMAGE, 2.0),
         (IMAGE - IMAGE.mean((0, 1))) * 2 + IMAGE.mean((0, 1))),
        (lambda: tf.image.adjust_hue(IMAGE, 0.0), IMAGE),
        (lambda: tf.image.adjust_hue(IMAGE, 1.0), IMAGE),
        (lambda: tf.image.adjust_saturation(IMAGE, 0.0),
         IMAGE.max(-1, keepdims=True).repeat(3, -1)),
        (lambda: tf.image.adjust_gamma(IMAGE, 2.0), IMAGE**2),
        (lambda: tf.image.yuv_to_rgb(tf.image.rgb_to_yuv(IMAGE)), IMAGE),
        (lambda: tf.image.per_image_standardization(IMAGE), (IMAGE - IMAGE.mean()) / IMAGE.std()),
        (lambda: tf.image.central_crop(IMAGE, 0.5), IMAGE[1:5, 1:3]),
        (lambda: tf.image.crop_to_bounding_box(IMAGE, 1, 2, 3, 2), IMAGE[1:4, 2:4]),
        (lambda: tf.image.resize_with_crop_or_pad(IMAGE, 4, 6),
         np.pad(IMAGE[1:5], ((0, 0), (1, 1), (0, 0)))),
        (lambda: tf.image.crop_and_resize(IMAGE[None], [[0, 0, 1, 1]], [0], (6, 4))[0], IMAGE),
        (lambda: tf.image.crop_and_resize(IMAGE[None], [[1, 0, 0, 1]], [0], (6, 4))[0],
         IMAGE[::-1]),
        (lambda: tf.image.resize(IMAGE, (3, 2)),
         IMAGE.reshape(3, 2, 2, 2, 3).mean((1, 3))),
        (lambda: tf.image.grayscale_to_rgb(IMAGE[..., :1]), IMAGE[..., :1].repeat(3, -1)),
        (lambda: tf.image.total_variation(IMAGE),
         np.abs(np.diff(IMAGE, axis=0)).sum() + np.abs(np.diff(IMAGE, axis=1)).sum()),
        (lambda: tf.image.psnr(IMAGE, IMAGE + 0.1, 1.0), 20.0),
    ],
)  # fmt: skip
def test_images(found, expected):
    np.testing.assert_allclose(found().numpy(), expected, atol=2e-5)


def test_image_dtypes_are_scaled():
    ramp = np.array([0, 128, 255], "uint8")
    as_float = tf.image.convert_image_dtype(ramp, tf.float32)
    np.testing.assert_allclose(as_float.numpy(), ramp / 255, rtol=1e-6)
    back = tf.image.convert_image_dtype(as_float, tf.uint8)
    assert (back.dtype, back.numpy().tolist()) == ("uint8", ramp.tolist())
    assert tf.image.resize(ramp[:, None, None], (1, 1)).dtype == tf.float32


def test_aspect_ratios_are_kept_when_asked():
    assert tf.image.resize(IMAGE, (12, 12), preserve_aspect_ratio=True).shape == (12, 8, 3)
    padded = tf.image.resize_with_pad(IMAGE, 12, 12).numpy()
    assert padded.shape == (12, 12, 3)
    assert not padded[:, :2].any()
    assert padded[:, 2:10].all()


def test_random_changes_of_images_are_within_bounds():
    tf.random.set_seed(2)
    batch = np.stack([IMAGE] * 8)
    flipped = tf.image.random_flip_left_right(batch).numpy()
    kinds = {bool((one == IMAGE).all()) for one in flipped}
    assert kinds == {True, False}
    cropped = tf.image.random_crop(IMAGE, (2, 2, 3)).numpy()
    assert any((cropped == IMAGE[i : i + 2, j : j + 2]).all() for i in range(5) for j in range(3))
    shift = tf.image.random_brightness(IMAGE, 0.2).numpy() - IMAGE
    assert np.ptp(shift) < 1e-5
    assert abs(shift.mean()) <= 0.2


@pytest.mark.parametrize("change", [
    lambda seed: tf.image.stateless_random_brightness(IMAGE, 0.3, seed),
    lambda seed: tf.image.stateless_random_contrast(IMAGE, 0.2, 3.0, seed=seed),
    lambda seed: tf.image.stateless_random_hue(IMAGE, 0.4, seed),
    lambda seed: tf.image.stateless_random_saturation(IMAGE, 0.1, 3.0, seed),
    lambda seed: tf.image.stateless_random_crop(IMAGE, (3, 2, 3), seed),
    lambda seed: tf.image.stateless_random_flip_left_right(np.stack([IMAGE] * 16), seed),
    lambda seed: tf.image.stateless_random_flip_up_down(np.stack([IMAGE] * 16), seed),
    lambda seed: tf.image.stateless_random_jpeg_quality(IMAGE, 5, 95, seed),
])  # fmt: skip
def test_stateless_changes_depend_on_the_seed_alone(change):
    one = change((3, 4)).numpy()
    tf.random.set_seed(9)
    np.testing.assert_array_equal(one, change((3, 4)))
    assert any((change((3, other)).numpy() != one).any() for other in range(5, 9))


def test_stateless_crops_are_parts():
    for seed in range(4):
        part = tf.image.stateless_random_crop(IMAGE, (3, 2, 3), (1, seed)).numpy()
        places = [(i, j) for i in range(4) for j in range(3)]
        assert any((part == IMAGE[i : i + 3, j : j + 2]).all() for i, j in places)
    with pytest.raises(ValueError, match="does not fit"):
        tf.image.stateless_random_crop(IMAGE, (30, 2, 3), (1, 2))


def test_jpeg_quality_costs_detail():
    pixels = np.indices((32, 32)).sum(0)[..., None].repeat(3, -1).astype("uint8") * 4
    coarse, fine = (tf.image.adjust_jpeg_quality(pixels, q).numpy() for q in (2, 100))
    error = [np.abs(x.astype("f4") - pixels).mean() for x in (coarse, fine)]
    assert error[0] > 3 * error[1]
    assert tf.image.adjust_jpeg_quality(IMAGE, 50).dtype == tf.float32
    assert tf.image.random_jpeg_quality(IMAGE, 20, 40).shape == IMAGE.shape


def test_overlapping_boxes_are_left_out():
    boxes = [[0, 0, 1, 1], [0, 0.05, 1, 1], [2, 2, 3, 3]]
    assert tf.image.non_max_suppression(boxes, [0.8, 0.9, 0.1], 5).numpy().tolist() == [1, 2]
    assert tf.image.non_max_suppression(boxes, [0.8, 0.9, 0.1], 1).numpy().tolist() == [1]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: tf.debugging.assert_equal(1, 2, "Why?"), ValueError, "expected x == y.*Why"),
        (lambda: tf.debugging.assert_positive([1, 0]), ValueError, "positive"),
        (lambda: tf.debugging.assert_near(1.0, 1.1), ValueError, "near"),
        (
            lambda: tf.debugging.assert_rank(tf.zeros((2,)), 2),
            ValueError,
            r"expected 2 axes; got 1",
        ),
        (lambda: tf.debugging.assert_type(tf.zeros(2), tf.int32), TypeError, "int32; got float32"),
        (lambda: tf.debugging.check_numerics([np.nan], "here"), ValueError, "finite.*here"),
        (lambda: tf.debugging.Assert(tf.constant(False), [3]), ValueError, "false for"),
        (lambda: tf.debugging.assert_shapes([(tf.zeros((2, 3)), ("B", "B"))]), ValueError, "B"),
    ],
)
def test_assertions_raise(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_assertions_hold():
    tf.debugging.assert_less([1, 2], [2, 3])
    tf.debugging.assert_near(1.0, 1.0 + 1e-7)
    tf.debugging.assert_rank_at_least(tf.zeros((1, 2)), 1)
    tf.function(lambda x: (tf.debugging.assert_positive(x), x)[1])(tf.constant([-1.0])).numpy()
