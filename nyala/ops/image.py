"""The operations on images, under the name they have in Keras."""

from nyala.ops._image_borders import crop_images, pad_images
from nyala.ops._image_color import hsv_to_rgb, rgb_to_grayscale, rgb_to_hsv
from nyala.ops._image_filters import gaussian_blur, sobel_edges
from nyala.ops._image_patches import extract_patches, extract_patches_3d
from nyala.ops._image_resize import resize
from nyala.ops._image_sampling import map_coordinates
from nyala.ops._image_similarity import ssim
from nyala.ops._image_transforms import (
    affine_transform,
    elastic_transform,
    perspective_transform,
    scale_and_translate,
)

__all__ = [
    "affine_transform",
    "crop_images",
    "elastic_transform",
    "extract_patches",
    "extract_patches_3d",
    "gaussian_blur",
    "hsv_to_rgb",
    "map_coordinates",
    "pad_images",
    "perspective_transform",
    "resize",
    "rgb_to_grayscale",
    "rgb_to_hsv",
    "scale_and_translate",
    "sobel_edges",
    "ssim",
]
