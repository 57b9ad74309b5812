"""`utils.bounding_boxes` beside real Keras."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import nyala

keras = pytest.importorskip("keras")

OURS, THEIRS = nyala.utils.bounding_boxes, keras.utils.bounding_boxes
FORMATS = ("xyxy", "yxyx", "xywh", "center_xywh", "center_yxhw", "rel_xyxy", "rel_yxyx",
           "rel_xywh", "rel_center_xywh")  # fmt: skip


def random_boxes(*shape, seed=0):
    """Return boxes (left, top, right, bottom) within 40 by 30 pixels, some beyond."""
    generator = np.random.default_rng(seed)
    start = generator.uniform(-3, 30, (*shape, 2))
    return np.concatenate([start, start + generator.uniform(0, 20, (*shape, 2))], -1).astype("f4")


def equal(ours, theirs, **kwargs):
    np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), rtol=1e-5, atol=1e-5, **kwargs)


@pytest.mark.parametrize(("source", "target"), list(itertools.product(FORMATS, FORMATS)))
def test_formats_agree(source, target):
    boxes = random_boxes(2, 5)
    if source.startswith("rel"):
        boxes = boxes / 40
    size = {"height": 30, "width": 40}
    equal(OURS.convert_format(boxes, source, target, **size),
          THEIRS.convert_format(boxes, source, target, **size))  # fmt: skip


def test_sizes_may_differ_from_image_to_image():
    boxes, height, width = random_boxes(2, 5), np.array([[[30.0]], [[20.0]]], "f4"), 40.0
    equal(OURS.convert_format(boxes, "xyxy", "rel_xywh", height, np.full((2, 1, 1), width, "f4")),
          THEIRS.convert_format(boxes, "xyxy", "rel_xywh", height, width))  # fmt: skip


def test_a_dict_keeps_its_labels_and_is_not_changed():
    given = {"boxes": random_boxes(5), "labels": np.arange(5)}
    converted = OURS.convert_format(given, "xyxy", "xywh")
    np.testing.assert_array_equal(converted["labels"], np.arange(5))
    np.testing.assert_array_equal(given["boxes"], random_boxes(5))


@pytest.mark.parametrize("image_format", ["xyxy", "rel_xyxy"])
def test_clipping_agrees(image_format):
    boxes = random_boxes(2, 9) * (1 if image_format == "xyxy" else 1 / 25)
    labels = np.arange(18).reshape(2, 9)
    arguments = {"height": 30, "width": 24, "bounding_box_format": image_format}
    ours = OURS.clip_to_image_size({"boxes": boxes, "labels": labels}, **arguments)
    theirs = THEIRS.clip_to_image_size({"boxes": boxes, "labels": labels}, **arguments)
    equal(ours["boxes"], theirs["boxes"])
    np.testing.assert_array_equal(ours["labels"], theirs["labels"])
    assert -1 in ours["labels"].numpy()


def test_cropping_and_padding_agree():
    boxes = random_boxes(2, 9)
    equal(OURS.crop(boxes, 3, 5, 20, 10), THEIRS.crop(boxes, 3, 5, 20, 10))
    equal(OURS.pad(boxes, 3, 5), THEIRS.pad(boxes, 3, 5))


def test_affine_maps_agree():
    boxes = random_boxes(3, 4)

    def numbers(*values):
        return np.array(values, "float32")

    arguments = {
        "boxes": boxes, "angle": numbers(10, -70, 200), "translate_x": numbers(0.1, 0, -0.3),
        "translate_y": numbers(-0.2, 0.1, 0.0), "scale": numbers(1.0, 0.7, 1.4),
        "shear_x": numbers(0, 20, -5), "shear_y": numbers(7, 0, 10), "height": 30, "width": 40,
    }  # fmt: skip
    for center in ({}, {"center_x": 0.2, "center_y": 0.7}):
        ours = OURS.affine_transform(**arguments, **center)
        np.testing.assert_allclose(
            ours, THEIRS.affine_transform(**arguments, **center), rtol=1e-4, atol=1e-3
        )


@pytest.mark.parametrize(("first", "second"), [((4, 4), (6, 4)), ((2, 4, 4), (2, 6, 4)),
                                               ((2, 4, 4), (6, 4))])  # fmt: skip
@pytest.mark.parametrize("masking", [False, True])
def test_overlaps_agree(first, second, masking):
    boxes1, boxes2 = random_boxes(*first[:-1]), random_boxes(*second[:-1], seed=1)
    boxes1[..., 0, :] = -1
    arguments = {"bounding_box_format": "xyxy", "use_masking": masking, "mask_val": -2}
    ours = OURS.compute_iou(boxes1, boxes2, **arguments)
    if len(second) == len(first):
        equal(ours, THEIRS.compute_iou(boxes1, boxes2, **arguments))
    for i in range(2):  # boxes that are the same for every image
        if len(second) < len(first):
            equal(ours[i], THEIRS.compute_iou(boxes1[i], boxes2, **arguments))
    assert (ours.numpy() == -2).any() == masking


@pytest.mark.parametrize("image_format", ["rel_xyxy", "rel_center_xywh", "center_yxhw"])
def test_overlaps_agree_in_any_format(image_format):
    boxes = random_boxes(2, 5) / 40
    arguments = {"bounding_box_format": image_format, "image_shape": (30, 40, 3)}
    equal(OURS.compute_iou(boxes, boxes[:, ::-1], **arguments),
          THEIRS.compute_iou(boxes, boxes[:, ::-1].copy(), **arguments))  # fmt: skip


@pytest.mark.parametrize("image_format", ["xyxy", "center_xywh"])
def test_complete_overlaps_agree(image_format):
    boxes1, boxes2 = random_boxes(2, 7), random_boxes(2, 7, seed=1)
    equal(OURS.compute_ciou(boxes1, boxes2, image_format),
          THEIRS.compute_ciou(boxes1, boxes2, image_format))  # fmt: skip


def test_complete_overlaps_in_parts_of_the_image():
    # Keras refuses relative formats, though it takes image_shape for them.
    boxes1, boxes2 = random_boxes(7), random_boxes(7, seed=1)
    size = np.array([40, 30, 40, 30], "float32")
    equal(OURS.compute_ciou(boxes1 / size, boxes2 / size, "rel_xyxy", image_shape=(30, 40, 3)),
          OURS.compute_ciou(boxes1, boxes2, "xyxy"))  # fmt: skip


@pytest.mark.parametrize("encoding", ["center_xywh", "center_yxhw"])
@pytest.mark.parametrize("variance", [None, (0.1, 0.1, 0.2, 0.2)])
def test_deltas_agree_and_come_back(encoding, variance):
    anchors, boxes = random_boxes(6) + 3, random_boxes(2, 6, seed=1)
    formats = {"anchor_format": "xyxy", "box_format": "xyxy", "variance": variance}
    deltas = OURS.encode_box_to_deltas(anchors, boxes, encoding_format=encoding, **formats)
    equal(deltas, THEIRS.encode_box_to_deltas(anchors, boxes, encoding_format=encoding, **formats))
    back = OURS.decode_deltas_to_boxes(anchors, deltas, encoded_format=encoding, **formats)
    np.testing.assert_allclose(back, boxes, rtol=1e-3, atol=1e-3)
    theirs = THEIRS.decode_deltas_to_boxes(
        anchors, deltas.numpy(), encoded_format=encoding, **formats
    )
    np.testing.assert_allclose(back, theirs, rtol=1e-4, atol=1e-3)


def test_levels_are_decoded_each():
    anchors = {"p3": random_boxes(4), "p4": random_boxes(2, seed=1)}
    deltas = {key: np.full(value.shape, 0.1, "f4") for key, value in anchors.items()}
    ours = OURS.decode_deltas_to_boxes(anchors, deltas, "xyxy", "rel_xyxy", image_shape=(30, 40, 3))
    for level in anchors:
        theirs = THEIRS.decode_deltas_to_boxes(
            anchors[level], deltas[level], "xyxy", "rel_xyxy", image_shape=(30, 40, 3)
        )
        equal(ours[level], theirs)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: OURS.convert_format(np.zeros((2, 4)), "xyxy", "xyhw"), "Did you mean 'xywh'"),
    (lambda: OURS.convert_format(np.zeros((2, 5)), "xyxy", "xywh"), r"\(2, 5\)"),
    (lambda: OURS.convert_format(np.zeros((2, 4)), "xyxy", "rel_xyxy"), "height and width"),
    (lambda: OURS.clip_to_image_size({"boxes": np.zeros((2, 4))}), "height and width"),
    (lambda: OURS.clip_to_image_size({"boxes": np.zeros((2, 4))}, 2, 2, "xywh"), "convert_format"),
    (lambda: OURS.crop(np.zeros((2, 4)), 0, 0, 1, 1, "xywh"), "convert_format"),
    (lambda: OURS.compute_iou(np.zeros(4), np.zeros((2, 4)), "xyxy"), "boxes1 needs the shape"),
    (lambda: OURS.compute_iou(np.zeros((2, 4)), np.zeros((2, 4)), "rel_xyxy"), "image_shape"),
    (lambda: OURS.encode_box_to_deltas(np.ones((2, 4)), np.ones((2, 4)), "xyxy", "xyxy", "xyxy"),
     "encoding_format expects"),
    (lambda: OURS.encode_box_to_deltas(np.ones((2, 4)), np.ones((2, 4)), "xyxy", "xyxy",
                                       variance=[1.0]), "four numbers"),
])  # fmt: skip
def test_wrong_use_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()
