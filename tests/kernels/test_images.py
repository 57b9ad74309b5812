"""Native decoding and resizing of images beside Pillow (bit by bit) and NumPy (to 1e-3 of 255)."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from nyala import kernels
from nyala.data.images import INTERPOLATIONS, make_taps, resize_into

pytestmark = pytest.mark.skipif(
    kernels.native_state().startswith("none"), reason="no native library here"
)


def picture(height, width, noise=20, seed=0):
    random = np.random.default_rng(seed)
    rough = Image.fromarray(random.integers(0, 256, (4, 4, 3), "uint8"))
    smooth = np.asarray(rough.resize((width, height), Image.BICUBIC)).astype(float)
    return np.clip(smooth + random.normal(0, noise, smooth.shape), 0, 255).astype("uint8")


def jpeg(pixels, **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", **options)
    return file.getvalue()


def of_pillow(data):
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


def whole(length):
    """The axis of an image that keeps its size."""
    return make_taps("bilinear", length, length)


def decoded(data, channels=3):
    """The pixels of a file, `None` where the native decoder does not take it."""
    shape = kernels.jpeg_shape(data)
    if shape is None:
        return None
    out = np.full((*shape[:2], channels), -1, "float32")
    possible = kernels.resize_jpeg(data, shape, whole(shape[0]), whole(shape[1]), out)
    return out if possible else None


SIZES = [(8, 8), (16, 16), (37, 53), (64, 5), (1, 9), (100, 101), (3, 1)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("sampling", [0, 1, 2], ids=["444", "422", "420"])
@pytest.mark.parametrize("options", [{}, {"optimize": True}, {"restart_marker_blocks": 3}])
def test_colors_are_pillows_bit_by_bit(size, sampling, options):
    if sampling and size[1] < 5:
        pytest.skip("libjpeg has another way with such narrow images; Pillow decodes them")
    for quality in (20, 75, 95, 100):
        data = jpeg(picture(*size), quality=quality, subsampling=sampling, **options)
        np.testing.assert_array_equal(decoded(data), of_pillow(data), err_msg=str(quality))


@pytest.mark.parametrize("size", SIZES)
def test_grey_is_pillows_bit_by_bit(size):
    data = jpeg(picture(*size)[..., 0])
    pixels = of_pillow(data)[..., None]
    np.testing.assert_array_equal(decoded(data, channels=1), pixels)
    with_alpha = decoded(data, channels=4)
    np.testing.assert_array_equal(with_alpha[..., :3], np.repeat(pixels, 3, -1))
    assert (with_alpha[..., 3] == 255).all()


def reference(pixels, rows, columns, channels):
    """Each pixel of the result, added up as it is defined."""
    pixels = pixels[..., :channels].astype("float64")
    tall = np.einsum("rt,rtwc->rwc", rows.weight, pixels[rows.index])
    return np.einsum("ct,rctk->rck", columns.weight, tall[:, columns.index])


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize(("depth", "channels"), [(1, 1), (3, 3), (4, 3), (4, 4), (3, 1)])
def test_resizing_is_the_sum_that_the_taps_say(interpolation, depth, channels):
    pixels = np.random.default_rng(1).integers(0, 256, (23, 31, depth), "uint8")
    for size in ((9, 12), (40, 33), (23, 31), (1, 1)):
        rows = make_taps(interpolation, pixels.shape[0], size[0])
        columns = make_taps(interpolation, pixels.shape[1], size[1])
        frame = np.full((size[0], size[1] + 2, channels), -1, "float32")
        assert kernels.resize_image(pixels, rows, columns, frame[:, 1:-1])
        expected = reference(pixels, rows, columns, channels)
        np.testing.assert_allclose(frame[:, 1:-1], expected, atol=1e-3, rtol=0)
        assert (frame[:, 0] == -1).all()  # nothing is written beside the frame
        assert (frame[:, -1] == -1).all()


@pytest.mark.parametrize("how", ["stretch", "crop", "pad"])
def test_a_file_is_resized_as_its_pixels_are(how, tmp_path):
    from nyala.data.images import load_image_into

    for number, size in enumerate([(60, 41), (20, 64)]):
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(jpeg(picture(*size)))
        results = []
        for mode in ("auto", "xla"):
            kernels.set_kernels(mode)
            try:
                results.append(np.empty((24, 30, 3), "float32"))
                load_image_into(str(path), results[-1], "bicubic", how)
            finally:
                kernels.set_kernels("auto")
        np.testing.assert_allclose(*results, atol=1e-3, rtol=0)


def test_what_lies_beside_the_pixels_does_not_count():
    wide = np.random.default_rng(2).integers(0, 256, (12, 20, 4), "uint8")
    part = wide[2:10, 3:15]
    left, right = np.empty((5, 6, 3), "float32"), np.empty((5, 6, 3), "float32")
    resize_into(part, left)
    resize_into(part.copy(), right)
    np.testing.assert_array_equal(left, right)


def _cmyk():
    file = io.BytesIO()
    Image.fromarray(picture(20, 20)).convert("CMYK").save(file, "JPEG")
    return file.getvalue()


REFUSED = {
    "progressive": lambda: jpeg(picture(30, 30), progressive=True),
    "four colors": _cmyk,
    "truncated": lambda: jpeg(picture(30, 30))[:-40],
    "without its end": lambda: jpeg(picture(30, 30))[:-2],
    "headers alone": lambda: jpeg(picture(30, 30))[:200],
    "a png": lambda: b"\x89PNG\r\n\x1a\n" + bytes(50),
    "nothing": lambda: b"",
}


@pytest.mark.parametrize("kind", REFUSED)
def test_other_files_are_left_to_pillow(kind):
    assert decoded(REFUSED[kind]()) is None


def test_a_damaged_file_is_refused_or_decoded_as_pillow_does():
    random = np.random.default_rng(5)
    taken = 0
    for number in range(400):
        data = bytearray(jpeg(picture(33, 40, seed=number), subsampling=number % 3))
        for place in random.integers(0, len(data), random.integers(1, 5)):
            data[place] = random.integers(256)
        pixels = decoded(bytes(data))
        if pixels is not None:
            taken += 1
            np.testing.assert_array_equal(pixels, of_pillow(bytes(data)))
    assert taken > 20


def test_arguments_that_do_not_fit_are_refused():
    pixels, axis = np.zeros((8, 8, 3), "uint8"), make_taps("bilinear", 8, 4)
    good = np.empty((4, 4, 3), "float32")
    assert kernels.resize_image(pixels, axis, axis, good)
    beyond = make_taps("bilinear", 9, 4).moved(4)
    assert not kernels.resize_image(pixels, beyond, axis, good)
    assert not kernels.resize_image(pixels, axis, beyond, good)
    assert not kernels.resize_image(pixels, axis, axis, np.empty((4, 4, 4), "float32"))
    assert not kernels.resize_image(pixels, axis, axis, good.astype("float64"))
    assert not kernels.resize_image(pixels[..., :2], axis, axis, good[..., :2])
    data = jpeg(picture(8, 8))
    assert not kernels.resize_jpeg(data, (9, 8, 3), axis, axis, good)
    assert not kernels.resize_jpeg(data, (8, 8, 3), axis, beyond, good)
