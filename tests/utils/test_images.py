"""`load_img`, `save_img` and their kin: round trips, whole files, wrong use."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from nyala.utils import array_to_img, img_to_array, load_img, save_img

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 5, 3)).astype("float32")


@pytest.mark.parametrize("extension", ["png", "bmp", "tif", "PNG"])
def test_what_is_saved_is_loaded(tmp_path, extension):
    path = tmp_path / f"image.{extension}"
    save_img(path, PIXELS, scale=False)
    np.testing.assert_array_equal(img_to_array(load_img(path)), PIXELS)
    np.testing.assert_array_equal(img_to_array(load_img(str(path))), PIXELS)
    np.testing.assert_array_equal(img_to_array(load_img(str(path).encode())), PIXELS)


def test_open_files(tmp_path):
    file = io.BytesIO()
    save_img(file, PIXELS, file_format="png", scale=False)
    np.testing.assert_array_equal(img_to_array(load_img(file)), PIXELS)
    (tmp_path / "image").write_bytes(file.getvalue())
    with open(tmp_path / "image", "rb") as opened:
        np.testing.assert_array_equal(img_to_array(load_img(opened)), PIXELS)


def test_options_reach_pillow(tmp_path):
    for quality in (10, 95):
        save_img(tmp_path / f"{quality}.jpg", PIXELS, quality=quality)
    assert (tmp_path / "10.jpg").stat().st_size < (tmp_path / "95.jpg").stat().st_size


def test_transparency_is_left_out_of_a_jpeg(tmp_path):
    with pytest.warns(UserWarning, match="JPEG has no transparency"):
        save_img(tmp_path / "image.jpg", np.ones((3, 3, 4)))
    assert load_img(tmp_path / "image.jpg").mode == "RGB"


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    path = tmp_path / "image.png"
    save_img(path, PIXELS)
    before = path.read_bytes()
    with pytest.raises(TypeError):
        save_img(path, PIXELS, compress_level="most")
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["image.png"]


def test_wide_grey_images_stay_wide(tmp_path):
    grey = (np.arange(12, dtype="uint16") * 5000).reshape(3, 4)
    Image.fromarray(grey).save(tmp_path / "wide.png")
    loaded = img_to_array(load_img(tmp_path / "wide.png", "grayscale"))
    np.testing.assert_array_equal(loaded[..., 0], grey)


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda p: load_img(p / "no.png"), FileNotFoundError, "no.png"),
    (lambda p: load_img(3), TypeError, "a path or an open file; got int"),
    (lambda p: load_img(p / "i.png", "grey"), ValueError, "expects one of grayscale"),
    (lambda p: load_img(p / "i.png", target_size=(2, 2), interpolation="linear"), ValueError,
     "Did you mean 'bilinear'"),
    (lambda p: array_to_img(PIXELS[0]), ValueError, "three axes"),
    (lambda p: array_to_img(np.ones((2, 2, 2))), ValueError, "1, 3 or 4 channels; got 2"),
    (lambda p: img_to_array(np.ones(3)), ValueError, "expects an image"),
    (lambda p: save_img(p / "image", PIXELS), ValueError, "needs file_format"),
    (lambda p: save_img(p / "image.psdx", PIXELS), ValueError, "knows no image format 'psdx'"),
    (lambda p: save_img(io.BytesIO(), PIXELS), ValueError, "needs file_format"),
])  # fmt: skip
def test_wrong_use(tmp_path, call, error, message):
    save_img(tmp_path / "i.png", PIXELS)
    with pytest.raises(error, match=message):
        call(tmp_path)
