"""`tf.image`: pictures read, resized, cut, turned and recoloured."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.tf._absent import refuse_others
from nyala.tf._image_color import (
    adjust_brightness,
    adjust_contrast,
    adjust_gamma,
    adjust_hue,
    adjust_saturation,
    convert_image_dtype,
    grayscale_to_rgb,
    hsv_to_rgb,
    per_image_standardization,
    random_brightness,
    random_contrast,
    random_hue,
    random_saturation,
    rgb_to_grayscale,
    rgb_to_hsv,
    rgb_to_yuv,
    yuv_to_rgb,
)
from nyala.tf._image_files import (
    decode_bmp,
    decode_gif,
    decode_image,
    decode_jpeg,
    decode_png,
    encode_jpeg,
    encode_png,
)
from nyala.tf._image_geometry import (
    ResizeMethod,
    central_crop,
    crop_and_resize,
    crop_to_bounding_box,
    extract_patches,
    flip_left_right,
    flip_up_down,
    non_max_suppression,
    pad_to_bounding_box,
    random_crop,
    random_flip_left_right,
    random_flip_up_down,
    resize,
    resize_with_crop_or_pad,
    resize_with_pad,
    rot90,
    transpose,
)
from nyala.tf._image_stateless import (
    adjust_jpeg_quality,
    random_jpeg_quality,
    stateless_random_brightness,
    stateless_random_contrast,
    stateless_random_crop,
    stateless_random_flip_left_right,
    stateless_random_flip_up_down,
    stateless_random_hue,
    stateless_random_jpeg_quality,
    stateless_random_saturation,
)

_HINTS = {
    "combined_non_max_suppression": "Use tf.image.non_max_suppression for each class.",
    "sample_distorted_bounding_box": "Use nyala.layers.RandomCrop(bounding_box_format=...).",
}


def image_gradients(image: Any) -> tuple[Any, Any]:
    """Return the differences of each pixel to the next one down and to the next one right."""
    down = ops.pad(image[:, 1:] - image[:, :-1], [(0, 0), (0, 1), (0, 0), (0, 0)])
    right = ops.pad(image[:, :, 1:] - image[:, :, :-1], [(0, 0), (0, 0), (0, 1), (0, 0)])
    return down, right


def total_variation(images: Any, name: str | None = None) -> Any:
    """Return for each image the sum of absolute differences of neighbouring pixels."""
    images = ops.convert_to_tensor(images)
    down = images[..., 1:, :, :] - images[..., :-1, :, :]
    right = images[..., 1:, :] - images[..., :-1, :]
    axes = (-3, -2, -1)
    return ops.sum(ops.absolute(down), axes) + ops.sum(ops.absolute(right), axes)


def psnr(a: Any, b: Any, max_val: Any, name: str | None = None) -> Any:
    """Return the peak signal-to-noise ratio of each pair of images, in decibels."""
    error = ops.mean(ops.square(ops.subtract(a, b)), axis=(-3, -2, -1))
    return 20 * ops.log10(float(max_val)) - 10 * ops.log10(error)


def ssim(img1: Any, img2: Any, max_val: Any, filter_size: int = 11, filter_sigma: float = 1.5,
         k1: float = 0.01, k2: float = 0.03, return_index_map: bool = False) -> Any:  # fmt: skip
    """Return the structural similarity of each pair of images (see `nyala.ops.image.ssim`)."""
    return ops.image.ssim(
        img1, img2, float(max_val), filter_size, filter_sigma, k1, k2, "channels_last"
    )


def sobel_edges(image: Any) -> Any:
    """Return the slopes down and to the right (see `nyala.ops.image.sobel_edges`)."""
    return ops.image.sobel_edges(image, "channels_last")


__all__ = [
    "ResizeMethod", "adjust_brightness", "adjust_contrast", "adjust_gamma", "adjust_hue",
    "adjust_jpeg_quality", "adjust_saturation", "central_crop", "convert_image_dtype",
    "crop_and_resize", "crop_to_bounding_box", "decode_bmp", "decode_gif", "decode_image",
    "decode_jpeg", "decode_png", "encode_jpeg", "encode_png", "extract_patches",
    "flip_left_right", "flip_up_down", "grayscale_to_rgb", "hsv_to_rgb", "image_gradients",
    "non_max_suppression", "pad_to_bounding_box", "per_image_standardization", "psnr",
    "random_brightness", "random_contrast", "random_crop", "random_flip_left_right",
    "random_flip_up_down", "random_hue", "random_jpeg_quality", "random_saturation", "resize",
    "resize_with_crop_or_pad", "resize_with_pad", "rgb_to_grayscale", "rgb_to_hsv",
    "rgb_to_yuv", "rot90", "sobel_edges", "ssim", "stateless_random_brightness",
    "stateless_random_contrast", "stateless_random_crop", "stateless_random_flip_left_right",
    "stateless_random_flip_up_down", "stateless_random_hue", "stateless_random_jpeg_quality",
    "stateless_random_saturation", "total_variation", "transpose", "yuv_to_rgb",
]  # fmt: skip

__getattr__ = refuse_others("tf.image", __all__, _HINTS)
