"""`tf.strings`, `tf.io`, `tf.image` and `tf.debugging`."""

from __future__ import annotations

import numpy as np
import pytest

import nyala.tf as tf

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (lambda: tf.strings.lower(["Ab", "C"]), ["ab", "c"]),
        (lambda: tf.strings.upper("ä"), "Ä"),
        (lambda: tf.strings.strip([" a \n"]), ["a"]),
        (lambda: tf.strings.length("é"), 2),
        (lambda: tf.strings.length("é", unit="UTF8_CHAR"), 1),
        (lambda: tf.strings.substr(["hello"], -3, 2), ["ll"]),
        (lambda: tf.strings.join([["a", "b"], ["c", "d"]], separator="/"), ["a/c", "b/d"]),
        (lambda: tf.strings.reduce_join([["a", "b"], ["c", "d"]], axis=0, separator="-"),
         ["a-c", "b-d"]),
        (lambda: tf.strings.reduce_join(["a", "b"]), "ab"),
        (lambda: tf.strings.split("a,b,,c", ","), ["a", "b", "", "c"]),
        (lambda: tf.strings.split(["a b", "c"])[0], ["a", "b"]),
        (lambda: tf.strings.unicode_split("어제", "UTF-8"), ["어", "제"]),
        (lambda: tf.strings.regex_replace("a.b!", "[[:punct:]]", ""), "ab"),
        (lambda: tf.strings.regex_replace("ab", "(a)(b)", r"\2\1\0"), "baab"),
        (lambda: tf.strings.regex_replace("aa", "a", "b", replace_global=False), "ba"),
        (lambda: tf.strings.regex_full_match(["a1", "a"], "[a-z][0-9]"), [True, False]),
        (lambda: tf.strings.as_string([1, 20]), ["1", "20"]),
        (lambda: tf.strings.as_string(3.14159, precision=2), "3.14"),
        (lambda: tf.strings.as_string(7, width=3, fill="0"), "007"),
        (lambda: tf.strings.to_number(["1.5", "2"]), [1.5, 2.0]),
        (lambda: tf.strings.to_number("7", tf.int32), 7),
        (lambda: tf.strings.format("x={} y={}", (1, [2, 3])), "x=1 y=[2 3]"),
    ],
)  # fmt: skip
def test_strings(found, expected):
    assert found().numpy().tolist() == expected


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
    assert tf.io.matching_files(str(path.parent / "*.png")).numpy().tolist() == [str(path)]


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
    assert tf.io.decode_base64(tf.io.encode_base64("hé>?")).numpy().item() == "hé>?".encode()


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
