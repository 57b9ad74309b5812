"""Image layers beside real Keras: a seed gives the same transformation, and so the same images.

Where Keras 3.15.1 contradicts its own documentation, nyala does what is documented; the last part
of this file says where, and what Keras does instead.
"""

from __future__ import annotations

import numpy as np
import pytest

import nyala

keras = pytest.importorskip("keras")

IMAGES = np.random.default_rng(3).uniform(0, 255, (4, 12, 10, 3)).astype("float32")
PARTS = IMAGES / 255
BOXES = {
    "boxes": np.tile(np.array([[1, 2, 6, 9], [3, 0, 9, 12], [0, 0, 0, 0]], "float32"), (4, 1, 1)),
    "labels": np.tile(np.array([5, 7, -1], "int32"), (4, 1)),
}
MASKS = np.random.default_rng(4).integers(0, 5, (4, 12, 10, 1)).astype("int32")
CLASSES = np.eye(4, dtype="float32")

# Keras asks for 64-bit integers, of which JAX warns.
pytestmark = pytest.mark.filterwarnings("ignore:Explicitly requested dtype")

# A layer, its arguments, and by how much pixels from 0 to 255 may differ.
CASES = [
    ("RandomFlip", {"mode": "horizontal"}, 0),
    ("RandomFlip", {"mode": "vertical"}, 0),
    ("RandomRotation", {"factor": 0.3}, 0.02),
    ("RandomRotation", {"factor": (0.1, 0.2), "fill_mode": "constant", "fill_value": 9.0}, 0.02),
    ("RandomRotation", {"factor": 0.5, "fill_mode": "wrap"}, 0.02),
    ("RandomZoom", {"height_factor": (-0.4, 0.3)}, 0.02),
    ("RandomZoom", {"height_factor": 0.4, "width_factor": (0.1, 0.5)}, 0.02),
    ("RandomZoom", {"height_factor": 0.4, "fill_mode": "nearest"}, 0.02),
    ("RandomTranslation", {"height_factor": 0.4, "width_factor": (-0.2, 0.5)}, 0.02),
    ("RandomTranslation", {"height_factor": 0.4, "width_factor": 0.3,
                           "fill_mode": "constant"}, 0.02),
    ("RandomShear", {"x_factor": (0.1, 0.3), "y_factor": (0.2, 0.5)}, 0.02),
    ("RandomPerspective", {"factor": (0.5, 0.8), "scale": 0.4}, 0.1),
    ("RandomPerspective", {"interpolation": "nearest", "fill_value": 4.0}, 0.1),
    ("RandomCrop", {"height": 5, "width": 7}, 0),
    ("RandomErasing", {"scale": (0.1, 0.6)}, 1e-3),
    ("RandomErasing", {"factor": (0.3, 0.7), "fill_value": 20}, 0),
    ("RandomGaussianBlur", {"factor": 0.8, "kernel_size": (3, 5), "sigma": (0.4, 1.0)}, 1e-3),
    ("RandomBrightness", {"factor": 0.4}, 1e-3),
    ("RandomBrightness", {"factor": (-0.9, -0.1), "value_range": (10, 200)}, 1e-3),
    ("RandomContrast", {"factor": (0.2, 0.7)}, 1e-3),
    ("RandomSaturation", {"factor": (0.1, 0.4)}, 1e-3),
    ("RandomHue", {"factor": 0.7}, 1e-2),
    ("RandomColorDegeneration", {"factor": (0.1, 0.8)}, 1e-3),
    ("RandomGrayscale", {"factor": 0.5}, 1e-3),
    ("RandomSharpness", {"factor": 0.9}, 1e-3),
    ("RandomInvert", {"factor": (0.4, 0.6)}, 1e-3),
    ("RandomPosterization", {"factor": (3, 3)}, 0),
    ("Solarization", {"addition_factor": 0.5, "threshold_factor": 0.6}, 1e-3),
    ("RandomColorJitter", {"brightness_factor": 0.3, "contrast_factor": (0.2, 0.4),
                           "saturation_factor": (0.2, 0.4), "hue_factor": 0.3}, 0.02),
    ("CutMix", {"factor": (0.6, 0.9)}, 0),
    ("MixUp", {"alpha": 0.4}, 1e-3),
    ("AutoContrast", {}, 1e-3),
    ("AutoContrast", {"value_range": (-10, 300)}, 1e-3),
    ("ContrastLimitedAdaptiveHistogramEqualization", {"tile_grid_size": (3, 2)}, 1e-3),
    ("ContrastLimitedAdaptiveHistogramEqualization", {"clip_limit": 0, "tile_grid_size": (5, 3)},
     1e-3),
    ("CenterCrop", {"height": 6, "width": 5}, 0),
    ("CenterCrop", {"height": 20, "width": 5}, 1e-2),
    ("Resizing", {"height": 7, "width": 14}, 1e-2),
]  # fmt: skip
IDS = [f"{name}-{i}" for i, (name, _, _) in enumerate(CASES)]
SEEDLESS = (
    "AutoContrast", "CenterCrop", "Resizing", "ContrastLimitedAdaptiveHistogramEqualization"
)  # fmt: skip


def pair(layer, kwargs, **more):
    """Return the layer of this name and that of real Keras, with the same seed."""
    if layer not in SEEDLESS:
        more = {"seed": 11, **more}
    return tuple(getattr(module.layers, layer)(**kwargs, **more) for module in (nyala, keras))


def plain(value):
    """Return tuples as lists, as files have them."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def compare(ours, theirs, atol):
    theirs = keras.ops.convert_to_numpy(theirs)
    assert ours.dtype.name == theirs.dtype.name
    np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-5, atol=atol)


@pytest.mark.parametrize(("name", "kwargs", "atol"), CASES, ids=IDS)
def test_batches_agree(name, kwargs, atol):
    ours, theirs = pair(name, kwargs)
    for _ in range(2):  # the seed moves on in the same way
        compare(ours(IMAGES, training=True), theirs(IMAGES.copy(), training=True), atol)
    if name != "RandomCrop":  # see below
        compare(ours(IMAGES, training=False), theirs(IMAGES.copy(), training=False), atol)


@pytest.mark.parametrize(("name", "kwargs", "atol"), CASES, ids=IDS)
def test_configs_agree(name, kwargs, atol):
    ours, theirs = (plain(layer.get_config()) for layer in pair(name, kwargs, name="layer"))
    # Keras forgets the seed here.
    forgotten = {"seed"} if name == "RandomGrayscale" else set()
    assert set(ours) - set(theirs) == forgotten
    for key in set(theirs) - {"dtype"}:
        assert ours[key] == theirs[key], key
    again = getattr(keras.layers, name).from_config(pair(name, kwargs)[0].get_config())
    assert set(again.get_config()) == set(theirs)


SINGLE = [case for case in CASES if case[0] not in ("CutMix", "MixUp")]


@pytest.mark.parametrize(("name", "kwargs", "atol"), SINGLE[::3], ids=[c[0] for c in SINGLE[::3]])
def test_single_images_agree(name, kwargs, atol):
    ours, theirs = pair(name, kwargs)
    compare(ours(IMAGES[0], training=True), theirs(IMAGES[0].copy(), training=True), atol)


@pytest.mark.parametrize(
    ("name", "kwargs", "atol"),
    [case for case in CASES if case[0] in (
        "RandomFlip", "RandomRotation", "RandomErasing", "RandomHue", "RandomSharpness", "CutMix",
        "RandomContrast", "RandomGaussianBlur", "RandomPerspective", "RandomColorDegeneration",
    )],
)  # fmt: skip
def test_channels_first_agree(name, kwargs, atol):
    ours, theirs = pair(name, kwargs, data_format="channels_first")
    images = np.ascontiguousarray(np.moveaxis(IMAGES, -1, 1))
    compare(ours(images, training=True), theirs(images, training=True), atol)


@pytest.mark.parametrize(("name", "kwargs"), [
    ("RandomRotation", {"factor": 0.3}), ("RandomHue", {"factor": 0.5, "value_range": (0, 1)}),
    ("RandomFlip", {"mode": "horizontal"}), ("RandomColorDegeneration", {"factor": (0, 0.5)}),
    ("Solarization", {"threshold_factor": 0.5}), ("RandomInvert", {}), ("MixUp", {}),
])  # fmt: skip
def test_integers_agree(name, kwargs):
    ours, theirs = pair(name, kwargs)
    images = IMAGES.astype("uint8")
    compare(ours(images, training=True), theirs(images, training=True), 0.02)


@pytest.mark.parametrize(("name", "kwargs"), [
    ("RandomRotation", {"factor": 0.3}), ("RandomZoom", {"height_factor": 0.4}),
    ("RandomTranslation", {"height_factor": 0.4, "width_factor": 0.3}),
    ("RandomShear", {"x_factor": (0.1, 0.4)}), ("RandomPerspective", {"scale": 0.5}),
    ("RandomPosterization", {"factor": 3}), ("RandomErasing", {}), ("Resizing",
                                                                  {"height": 7, "width": 14}),
])  # fmt: skip
def test_masks_agree(name, kwargs):
    ours, theirs = pair(name, kwargs)
    given = {"images": IMAGES, "segmentation_masks": MASKS}
    mine = ours(dict(given), training=True)["segmentation_masks"].numpy()
    yours = np.asarray(theirs(dict(given), training=True)["segmentation_masks"])
    # A place between two pixels may be rounded either way.
    assert (mine != yours).mean() < 0.02
    assert mine.dtype == yours.dtype


@pytest.mark.parametrize("name", ["CutMix", "MixUp"])
def test_mixed_labels_agree(name):
    ours, theirs = pair(name, {})
    given = {"images": IMAGES, "labels": CLASSES}
    mine, yours = ours(dict(given), training=True), theirs(dict(given), training=True)
    np.testing.assert_allclose(mine["labels"].numpy(), yours["labels"], atol=1e-6)
    np.testing.assert_allclose(mine["images"].numpy(), yours["images"], atol=1e-3)


@pytest.mark.parametrize(("name", "kwargs", "image_format"), [
    ("RandomFlip", {"mode": "horizontal"}, "xyxy"),
    ("RandomFlip", {"mode": "vertical"}, "rel_xywh"),
    ("RandomRotation", {"factor": 0.2}, "xyxy"),
    ("RandomZoom", {"height_factor": (-0.4, 0.3)}, "center_xywh"),
    ("RandomZoom", {"height_factor": 0.4, "width_factor": 0.1}, "xyxy"),
    ("RandomTranslation", {"height_factor": 0.4, "width_factor": 0.3}, "rel_xyxy"),
    ("RandomPerspective", {"factor": (0.5, 0.9), "scale": 0.4}, "xyxy"),
    ("RandomBrightness", {"factor": 0.4}, "yxyx"),
    ("CenterCrop", {"height": 6, "width": 5}, "xyxy"),
    ("CenterCrop", {"height": 20, "width": 5}, "xywh"),
    ("Resizing", {"height": 24, "width": 15}, "xyxy"),
    ("MaxNumBoundingBoxes", {"max_number": 2}, "xyxy"),
    ("MaxNumBoundingBoxes", {"max_number": 5}, "xyxy"),
])  # fmt: skip
def test_boxes_agree(name, kwargs, image_format):
    if name == "MaxNumBoundingBoxes":
        ours, theirs = (
            getattr(module.layers, name)(bounding_box_format=image_format, **kwargs)
            for module in (nyala, keras)
        )
    else:
        ours, theirs = pair(name, kwargs, bounding_box_format=image_format)
    boxes = keras.utils.bounding_boxes.convert_format(
        BOXES["boxes"], "xyxy", image_format, height=12, width=10
    )
    boxes = np.asarray(boxes)

    def given():
        return {"images": IMAGES.copy(), "bounding_boxes": {**BOXES, "boxes": boxes.copy()}}

    mine = ours(given(), training=True)["bounding_boxes"]
    yours = theirs(given(), training=True)["bounding_boxes"]
    np.testing.assert_allclose(mine["boxes"].numpy(), yours["boxes"], atol=1e-4)
    np.testing.assert_array_equal(mine["labels"].numpy(), yours["labels"])


def test_a_transformation_of_keras_can_be_applied():
    ours, theirs = pair("RandomRotation", {"factor": 0.4})
    drawn = theirs.get_random_transformation(keras.ops.convert_to_tensor(IMAGES), seed=5)
    drawn = {key: np.asarray(value) for key, value in drawn.items()}
    compare(ours.transform_images(IMAGES, drawn), theirs.transform_images(IMAGES, drawn), 0.02)


def test_an_integer_as_seed_is_that_of_a_new_layer():
    layer = nyala.layers.RandomTranslation(0.4, 0.4, seed=9)
    drawn = layer.get_random_transformation(IMAGES, seed=5)
    fresh = nyala.layers.RandomTranslation(0.4, 0.4, seed=5).get_random_transformation(IMAGES)
    np.testing.assert_array_equal(drawn["translations"], fresh["translations"])


@pytest.mark.parametrize("kwargs", [{"num_ops": 1}, {"num_ops": 3, "factor": (0.2, 0.4)}])
def test_rand_augment_agrees(kwargs):
    # Both choose the same changes; those of which Keras' are wrong (see below) are left out:
    # posterization, solarization and equalization.
    ours, theirs = pair("RandAugment", kwargs)
    compared = 0
    for seed in range(12):
        drawn = ours.get_random_transformation(IMAGES, seed=seed)
        if {7, 8, 10} & set(drawn["layer_idxes"].tolist()):
            continue
        theirs.generator.state.assign([seed, 0])
        compare(ours.transform_images(IMAGES, drawn), theirs(IMAGES.copy(), training=True), 0.05)
        compared += 1
    assert compared >= 3


# -- where Keras is wrong --------------------------------------------------------------------------


def test_both_flips_are_independent():
    # Keras draws once for both directions, so that images are turned by 180 degrees or not at all.
    image = np.arange(4.0, dtype="float32").reshape(1, 2, 2, 1)
    images = np.tile(image, (64, 1, 1, 1))

    def kinds(module):
        flipped = np.asarray(module.layers.RandomFlip(seed=1)(images, training=True))
        return {tuple(one.ravel()) for one in flipped}

    assert len(kinds(keras)) == 2
    assert len(kinds(nyala)) == 4


def test_one_number_for_contrast_is_both_bounds():
    # Keras' text says "lower = upper"; its layer takes 0 as the lower one.
    assert tuple(keras.layers.RandomContrast(0.5).factor) == (0, 0.5)
    layer = nyala.layers.RandomContrast(0.5, seed=1)
    factors = layer.get_random_transformation(np.zeros((256, 2, 2, 1)))["contrast_factor"].numpy()
    assert 0.5 <= factors.min() < 0.6 < 1.4 < factors.max() <= 1.5


def test_saturation_stays_within_full_colours():
    # Keras clips saturation to the value range, 255 and not 1, and pixels become negative.
    ours, theirs = pair("RandomSaturation", {"factor": (0.9, 0.9)})
    assert np.asarray(theirs(IMAGES.copy(), training=True)).min() < -1
    assert ours(IMAGES, training=True).numpy().min() >= -1e-4


def test_posterization_can_keep_the_number_of_bits():
    # Keras never draws the upper number: of 8 bits it keeps at most 7.
    drawn = nyala.layers.RandomPosterization((7, 8), seed=1).get_random_transformation(
        np.zeros((64, 2, 2, 1))
    )
    assert set(drawn["shift_factor"].tolist()) == {0, 1}


def test_the_lower_bound_of_solarization_counts():
    # Keras multiplies the upper bound by 255 and forgets the lower one.
    layer = nyala.layers.Solarization(addition_factor=(0.5, 0.5))
    drawn = layer.get_random_transformation(IMAGES)
    np.testing.assert_allclose(drawn["additions"].numpy(), 127.5)


def test_equalization_is_of_each_image():
    # Keras counts the pixels of the whole batch, so that an image depends on its neighbours.
    ours, theirs = nyala.layers.Equalization(), keras.layers.Equalization()
    together = ours(IMAGES).numpy()
    for i, image in enumerate(IMAGES):
        np.testing.assert_allclose(together[i], theirs(image[None].copy())[0], atol=1e-3)


def test_integers_can_become_darker():
    # Keras casts the difference to uint8, where what is negative becomes large.
    layer = nyala.layers.RandomBrightness((-0.2, -0.2))
    darker = layer(np.full((1, 2, 2, 1), 100, "uint8"))
    np.testing.assert_allclose(darker.numpy(), 49.0)


def test_crops_are_documented_ones():
    # Keras returns images uncut outside training, and cuts a wrong part out of small ones.
    layer = nyala.layers.RandomCrop(6, 5)
    center = nyala.layers.CenterCrop(12, 10)(IMAGES)
    whole = nyala.ops.image.resize(center, (6, 5))
    np.testing.assert_allclose(layer(IMAGES, training=False), whole, atol=1e-3)
    assert keras.layers.RandomCrop(6, 5)(IMAGES, training=False).shape == IMAGES.shape
    larger = nyala.layers.RandomCrop(24, 20)(IMAGES, training=True)
    np.testing.assert_allclose(larger, nyala.ops.image.resize(IMAGES, (24, 20)), atol=1e-3)


def test_mixed_up_boxes_keep_their_labels():
    # Keras appends the labels of the other images as further rows, and mixes masks up.
    layer = nyala.layers.MixUp(bounding_box_format="xyxy", seed=1)
    given = {"images": IMAGES, "bounding_boxes": BOXES, "segmentation_masks": MASKS}
    drawn = layer.get_random_transformation(given)
    order, weight = drawn["permutation_order"].numpy(), drawn["mix_weight"].numpy()
    boxes = layer.transform_bounding_boxes(BOXES, drawn)
    np.testing.assert_array_equal(boxes["labels"], np.tile(BOXES["labels"], (1, 2)))
    assert boxes["boxes"].shape == (4, 6, 4)
    weight = weight.reshape(-1, 1, 1, 1)
    masks = layer.transform_segmentation_masks(MASKS, drawn).numpy()
    np.testing.assert_allclose(masks, weight * MASKS + (1 - weight) * MASKS[order], atol=1e-5)


def test_what_is_erased_can_have_a_colour():
    # Keras on JAX fails where fill_value has three numbers.
    layer = nyala.layers.RandomErasing((1, 1), (1, 1), fill_value=[1, 20, 300])
    np.testing.assert_array_equal(layer(IMAGES).numpy()[2, 3, 4], [1, 20, 255])
    first = nyala.layers.RandomErasing.from_config(
        {**layer.get_config(), "data_format": "channels_first"}
    )
    np.testing.assert_array_equal(first(IMAGES[:, :3]).numpy()[2, :, 3, 1], [1, 20, 255])


def test_inverting_swaps_the_ends_of_any_range():
    # Keras subtracts from the upper end only.
    layer = nyala.layers.RandomInvert((1.0, 1.0), value_range=(-1, 3))
    np.testing.assert_allclose(layer(np.array([[[-1.0, 3.0]]], "float32")).numpy(), [[[3, -1]]])


def test_contrast_of_channels_first():
    # Keras' AutoContrast takes the first and second axis for height and width whatever the format.
    ours = nyala.layers.AutoContrast(data_format="channels_first")
    moved = ours(np.ascontiguousarray(np.moveaxis(IMAGES, -1, 1))).numpy()
    expected = np.asarray(keras.layers.AutoContrast()(IMAGES.copy()))
    np.testing.assert_allclose(np.moveaxis(moved, 1, -1), expected, atol=1e-3)


# -- files -----------------------------------------------------------------------------------------


def model_of(module):
    layers = module.layers
    return module.Sequential([
        module.Input((12, 10, 3)), layers.RandomFlip("horizontal", seed=1),
        layers.RandomRotation(0.2, seed=2), layers.RandomShear(0.2, seed=3),
        layers.RandomColorDegeneration(0.3, seed=4), layers.RandomSaturation((0.4, 0.5), seed=5),
        layers.RandomColorJitter(brightness_factor=0.2, seed=6),
        layers.Pipeline([layers.Resizing(8, 8), layers.Rescaling(0.5)]),
        layers.Reshape((8, 24)), layers.STFTSpectrogram(frame_length=4, mode="magnitude"),
    ])  # fmt: skip


# Keras warns of itself when it writes and builds layers.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_files_of_keras_are_read(tmp_path):
    # Also RandomShear, of which Keras writes what its own constructor refuses.
    theirs = model_of(keras)
    theirs.save(tmp_path / "model.keras")
    ours = nyala.models.load_model(tmp_path / "model.keras")
    compare(ours(IMAGES, training=False), theirs(IMAGES, training=False), 1e-2)


@pytest.mark.filterwarnings("ignore:.build...:UserWarning")
def test_keras_reads_our_files(tmp_path):
    ours = model_of(nyala)
    ours.save(tmp_path / "model.keras")
    theirs = keras.models.load_model(tmp_path / "model.keras")
    compare(ours(IMAGES, training=False), theirs(IMAGES, training=False), 1e-2)
