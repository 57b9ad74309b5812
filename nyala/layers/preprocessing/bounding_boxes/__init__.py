"""Boxes around things in images: formats, moves, overlaps (public under `utils.bounding_boxes`)."""

from nyala.layers.preprocessing.bounding_boxes._deltas import (
    decode_deltas_to_boxes,
    encode_box_to_deltas,
)
from nyala.layers.preprocessing.bounding_boxes._formats import (
    FORMATS,
    check_format,
    convert_format,
)
from nyala.layers.preprocessing.bounding_boxes._moving import (
    affine_transform,
    around_moved_corners,
    clip_to_image_size,
    crop,
    pad,
    shifted,
)
from nyala.layers.preprocessing.bounding_boxes._overlap import compute_ciou, compute_iou
from nyala.layers.preprocessing.bounding_boxes._ragged import NO_LABEL, dense

__all__ = [
    "FORMATS",
    "NO_LABEL",
    "affine_transform",
    "around_moved_corners",
    "check_format",
    "clip_to_image_size",
    "compute_ciou",
    "compute_iou",
    "convert_format",
    "crop",
    "decode_deltas_to_boxes",
    "dense",
    "encode_box_to_deltas",
    "pad",
    "shifted",
]
