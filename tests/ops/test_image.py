"""Operations on images: properties, kinds of resizing that only Keras 2 has, errors."""

from __future__ import annotations

import numpy as np
import pytest

from nyala.ops import image
from nyala.symbolic import KerasTensor

IMAGE = np.random.default_rng(0).random((8, 12, 3)).astype("float32")
BATCH = np.stack([IMAGE, IMAGE[::-1]])


def test_area_is_the_mean_of_blocks():
    ours = image.resize(IMAGE, (4, 4), "area")
    blocks = IMAGE.reshape(4, 2, 4, 3, 3).mean((1, 3))
    np.testing.assert_allclose(ours, blocks, rtol=1e-5)
    enlarged = image.resize(IMAGE, (16, 24), "area")
    np.testing.assert_allclose(enlarged, IMAGE.repeat(2, 0).repeat(2, 1), rtol=1e-5)


@pytest.mark.parametrize("interpolation", ["area", "gaussian", "mitchellcubic"])
@pytest.mark.parametrize("antialias", [False, True])
def test_a_flat_image_stays_flat(interpolation, antialias):
    flat = np.full((5, 7, 2), 0.75, "float32")
    for size in ((3, 3), (9, 11)):
        ours = image.resize(flat, size, interpolation, antialias)
        np.testing.assert_allclose(ours, 0.75, rtol=1e-5)


def test_bytes_are_rounded_and_clipped():
    steps = np.array([0, 255, 0, 255], "uint8").reshape(1, 4, 1)
    # A cubic kernel overshoots beyond 0 and 255.
    ours = np.asarray(image.resize(steps, (1, 9), "bicubic"))
    assert ours.dtype == "uint8"
    assert ours.max() == 255
    assert ours.min() == 0


def test_a_projective_transform():
    # x' = x / (x / 2 + 1): the result's columns 0, 2 show the columns 0 and 1.
    row = np.arange(4.0, dtype="float32").reshape(1, 4, 1)
    ours = image.affine_transform(row, [1, 0, 0, 0, 1, 0, 0.5, 0])
    np.testing.assert_allclose(np.asarray(ours).ravel()[[0, 2]], [0.0, 1.0], atol=1e-6)


def test_perspective_transform_moves_the_points():
    picture = np.zeros((9, 9, 1), "float32")
    points = np.array([[1, 1], [7, 1], [1, 7], [7, 7]])
    picture[points[:, 1], points[:, 0], 0] = 1.0
    targets = np.array([[2, 1], [6, 2], [1, 7], [8, 6]])
    moved = np.asarray(image.perspective_transform(picture, points, targets))
    np.testing.assert_allclose(moved[targets[:, 1], targets[:, 0], 0], 1.0, atol=1e-4)


def test_elastic_transform():
    ours = image.elastic_transform(BATCH, alpha=5.0, sigma=2.0, seed=3)
    again = image.elastic_transform(BATCH, alpha=5.0, sigma=2.0, seed=3)
    np.testing.assert_array_equal(ours, again)
    assert not np.array_equal(ours, BATCH)
    np.testing.assert_array_equal(image.elastic_transform(BATCH, alpha=0.0, seed=3), BATCH)
    first = image.elastic_transform(
        np.moveaxis(BATCH, -1, 1), alpha=5.0, sigma=2.0, seed=3, data_format="channels_first"
    )
    np.testing.assert_allclose(np.moveaxis(np.asarray(first), 1, -1), ours, atol=1e-6)


def test_colours_there_and_back():
    back = image.hsv_to_rgb(image.rgb_to_hsv(BATCH))
    np.testing.assert_allclose(back, BATCH, atol=1e-5)


def test_patches_put_together_are_the_image():
    patches = np.asarray(image.extract_patches(IMAGE, 4))
    together = patches.reshape(2, 3, 4, 4, 3).transpose(0, 2, 1, 3, 4).reshape(8, 12, 3)
    np.testing.assert_array_equal(together, IMAGE)


def test_padding_and_cropping_undo_each_other():
    padded = image.pad_images(BATCH, 1, 2, 3, 4)
    assert tuple(padded.shape) == (2, 12, 18, 3)
    np.testing.assert_array_equal(image.crop_images(padded, 1, 2, 3, 4), BATCH)


def test_ssim_of_an_image_with_itself():
    picture = np.random.default_rng(1).random((2, 12, 13, 3)).astype("float32")
    np.testing.assert_allclose(image.ssim(picture, picture), 1.0, atol=1e-5)
    assert np.asarray(image.ssim(picture, 1 - picture)).max() < 0.5


def test_symbolic_shapes():
    images = KerasTensor((None, 8, 12, 3))
    assert tuple(image.resize(images, (4, 5)).shape) == (None, 4, 5, 3)
    assert tuple(image.extract_patches(images, 4).shape) == (None, 2, 3, 48)
    assert tuple(image.gaussian_blur(images).shape) == (None, 8, 12, 3)
    assert tuple(image.crop_images(images, 1, 1, 1, 1).shape) == (None, 6, 10, 3)
    transform = [1, 0, 0, 0, 1, 0, 0, 0]
    assert tuple(image.affine_transform(images, transform).shape) == (None, 8, 12, 3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: image.resize(IMAGE[0], (3, 3)), "three axes"),
        (lambda: image.resize(IMAGE, (3,)), "positive height and width"),
        (lambda: image.resize(IMAGE, (3, 3), "biliner"), "Did you mean 'bilinear'"),
        (lambda: image.resize(IMAGE, (3, 3), "area", False, True, True), "only one of"),
        (lambda: image.affine_transform(IMAGE, [1, 0]), r"\(8,\) or \(batch, 8\)"),
        (lambda: image.affine_transform(IMAGE, [0] * 8, fill_mode="reflct"), "'reflect'"),
        (lambda: image.map_coordinates(IMAGE, [[0.0]], 1), "coordinates need"),
        (lambda: image.map_coordinates(IMAGE, [[0.0]] * 3, 2), "order expects"),
        (lambda: image.perspective_transform(IMAGE, [[0, 0]], [[0, 0]]), r"\(4, 2\)"),
        (lambda: image.rgb_to_hsv(IMAGE.astype("int32")), "divide by 255"),
        (lambda: image.rgb_to_grayscale(IMAGE[..., :2]), "3 channels"),
        (lambda: image.crop_images(IMAGE, 1, 1, 1, 1, 3), "exactly two of"),
        (lambda: image.crop_images(IMAGE, 5, 1, 5, 1), "do not fit"),
        (lambda: image.pad_images(IMAGE, -1, 1, 1, 1), "must not be negative"),
        (lambda: image.extract_patches(IMAGE, 20), "does not fit"),
        (lambda: image.sobel_edges(IMAGE), "batch of images"),
        (lambda: image.ssim(IMAGE, BATCH), "same shape"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
