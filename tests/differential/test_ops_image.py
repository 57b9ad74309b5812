"""Operations on images beside real Keras: to 1e-5 unless stated, integers exactly."""

from __future__ import annotations

import numpy as np
import pytest

from nyala.ops import image

keras = pytest.importorskip("keras")
K = keras.ops.image

IMAGES = np.random.default_rng(0).random((2, 9, 12, 3)).astype("float32")
BYTES = (IMAGES * 255).astype("uint8")
FIRST = np.moveaxis(IMAGES, -1, 1)
FILL_MODES = ["constant", "nearest", "wrap", "mirror", "reflect"]
# Numbers that put no pixel halfway between two others, where rounding may go either way.
TRANSFORMS = np.array(
    [
        [1.1237, 0.2311, -1.0713, 0.1193, 0.9371, 2.0171, 0, 0],
        [0.8113, -0.1371, 3.0713, 0.0171, 1.2317, -2.3371, 0, 0],
    ],
    "float32",
)


def check(ours, theirs, tolerance=1e-5):
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.dtype == theirs.dtype
    assert ours.shape == theirs.shape
    if ours.dtype.kind in "iu":
        np.testing.assert_array_equal(ours, theirs)
    else:
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(
    "interpolation", ["bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"]
)
@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("images", [IMAGES, BYTES], ids=["float32", "uint8"])
def test_resize(images, interpolation, antialias):
    for size in ((6, 5), (13, 14)):
        check(
            image.resize(images, size, interpolation, antialias),
            K.resize(images, size, interpolation, antialias),
        )


@pytest.mark.parametrize("size", [(6, 5), (4, 16), (20, 3)])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("single", [False, True])
def test_resize_to_proportions(size, data_format, single):
    images = IMAGES if data_format == "channels_last" else FIRST
    images = images[0] if single else images
    for how in ({"crop_to_aspect_ratio": True}, {"pad_to_aspect_ratio": True, "fill_value": 0.5}):
        arguments = {**how, "data_format": data_format}
        check(image.resize(images, size, **arguments), K.resize(images, size, **arguments))


@pytest.mark.parametrize("fill_mode", FILL_MODES)
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize("images", [IMAGES, BYTES], ids=["float32", "uint8"])
def test_affine_transform(images, interpolation, fill_mode):
    arguments = (TRANSFORMS, interpolation, fill_mode, 3)
    check(image.affine_transform(images, *arguments), K.affine_transform(images, *arguments))


def test_affine_transform_of_one_image_with_channels_first():
    arguments = {"transform": TRANSFORMS[0], "data_format": "channels_first"}
    check(image.affine_transform(FIRST[0], **arguments), K.affine_transform(FIRST[0], **arguments))


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize("images", [IMAGES, BYTES], ids=["float32", "uint8"])
def test_perspective_transform(images, interpolation):
    corners = np.array([[[0, 0], [11, 0], [0, 8], [11, 8]]] * 2, "float32")
    moved = corners + np.random.default_rng(1).normal(size=corners.shape).astype("float32")
    theirs = K.perspective_transform(
        keras.ops.convert_to_tensor(images), corners, moved, interpolation, 2
    )
    # The map itself is the solution of a linear system in float32.
    check(image.perspective_transform(images, corners, moved, interpolation, 2), theirs, 1e-4)


@pytest.mark.parametrize("fill_mode", FILL_MODES)
@pytest.mark.parametrize("order", [0, 1])
def test_map_coordinates(order, fill_mode):
    places = 6 * np.random.default_rng(2).normal(size=(3, 7)).astype("float32")
    check(
        image.map_coordinates(IMAGES[0], places, order, fill_mode, 0.5),
        K.map_coordinates(IMAGES[0], places, order, fill_mode, 0.5),
    )


@pytest.mark.parametrize("kernel_size", [(3, 3), (5, 3), (4, 2)])
def test_gaussian_blur(kernel_size):
    # Keras 3.15.1 takes data_format=None as channels first, whatever is configured.
    arguments = {"kernel_size": kernel_size, "sigma": (1.0, 2.0)}
    theirs = K.gaussian_blur(IMAGES, **arguments, data_format="channels_last")
    check(image.gaussian_blur(IMAGES, **arguments), theirs)
    theirs = K.gaussian_blur(FIRST[0], **arguments, data_format="channels_first")
    check(image.gaussian_blur(FIRST[0], **arguments, data_format="channels_first"), theirs)


def test_sobel_edges():
    check(image.sobel_edges(IMAGES), K.sobel_edges(IMAGES))
    arguments = {"data_format": "channels_first"}
    check(image.sobel_edges(FIRST, **arguments), K.sobel_edges(FIRST, **arguments))


def test_ssim():
    rng = np.random.default_rng(3)
    first = rng.random((2, 16, 14, 3)).astype("float32")
    second = np.clip(first + 0.1 * rng.normal(size=first.shape), 0, 1).astype("float32")
    # Variances are differences of means of squares.
    check(image.ssim(first, second), K.ssim(first, second), 1e-4)
    check(image.ssim(first[0], second[0], 2.0, 7), K.ssim(first[0], second[0], 2.0, 7), 1e-4)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_colours(data_format):
    images = IMAGES if data_format == "channels_last" else FIRST
    grey = images.copy()
    grey[0] = 0.5  # no hue
    for x in (images, grey):
        check(image.rgb_to_hsv(x, data_format), K.rgb_to_hsv(x, data_format))
        check(image.hsv_to_rgb(x, data_format), K.hsv_to_rgb(x, data_format))
        check(image.rgb_to_grayscale(x, data_format), K.rgb_to_grayscale(x, data_format))


@pytest.mark.parametrize(
    "arguments",
    [
        {"size": 3},
        {"size": (3, 2), "strides": 2, "padding": "same"},
        {"size": 2, "dilation_rate": 2, "strides": 1},
        {"size": 2, "dilation_rate": 2, "strides": 1, "padding": "same"},
    ],
)
def test_extract_patches(arguments):
    check(image.extract_patches(IMAGES, **arguments), K.extract_patches(IMAGES, **arguments))
    arguments = {**arguments, "data_format": "channels_first"}
    check(image.extract_patches(FIRST, **arguments), K.extract_patches(FIRST, **arguments))


def test_extract_patches_3d():
    x = np.random.default_rng(4).normal(size=(2, 5, 6, 7, 2)).astype("float32")
    for arguments in ({"size": 2}, {"size": (3, 2, 2), "strides": 2, "padding": "same"}):
        check(image.extract_patches_3d(x, **arguments), K.extract_patches_3d(x, **arguments))
        check(image.extract_patches_3d(x[0], **arguments), K.extract_patches_3d(x[0], **arguments))


def test_borders():
    check(
        image.crop_images(IMAGES, 1, None, None, 2, 4, 5),
        K.crop_images(IMAGES, 1, None, None, 2, 4, 5),
    )
    check(
        image.pad_images(IMAGES[0], 1, 2, None, 3, 14, None),
        K.pad_images(IMAGES[0], 1, 2, None, 3, 14, None),
    )


@pytest.mark.parametrize("method", ["linear", "cubic", "lanczos3"])
@pytest.mark.parametrize("antialias", [False, True])
def test_scale_and_translate(method, antialias):
    arguments = (
        (2, 5, 6, 3),
        np.array([0.5, 0.5]),
        np.array([0.1, -0.2]),
        (1, 2),
        method,
        antialias,
    )
    check(image.scale_and_translate(IMAGES, *arguments), K.scale_and_translate(IMAGES, *arguments))


def test_the_same_names():
    assert {n for n in dir(K) if not n.startswith("_")} <= set(dir(image))
