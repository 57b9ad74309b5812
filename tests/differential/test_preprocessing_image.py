"""`preprocessing.image` beside Keras' own, from the same NumPy seed: the same images to 1e-4."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from nyala.preprocessing import image as ours

keras = pytest.importorskip("keras")
pytest.importorskip("scipy")
theirs = pytest.importorskip("keras.src.legacy.preprocessing.image")

# Keras calls SciPy by a name that SciPy has moved.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Please (use|import) .affine_transform:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*scipy.ndimage.interpolation:DeprecationWarning"),
]


def picture(seed=0, shape=(12, 15, 3)):
    return np.random.RandomState(seed).uniform(0, 255, shape).astype("float32")


def same(left, right, tolerance=1e-4):
    assert type(left) is type(right)
    if isinstance(left, (tuple, list)):
        assert len(left) == len(right)
        for a, b in zip(left, right, strict=True):
            same(a, b, tolerance)
        return
    assert left.shape == right.shape
    assert left.dtype == right.dtype
    np.testing.assert_allclose(left, right, rtol=1e-4, atol=tolerance)


TRANSFORMS = [
    {"theta": 30}, {"tx": 2, "ty": -3.5}, {"shear": 20}, {"zx": 0.7, "zy": 1.4},
    {"theta": -10, "tx": 1, "shear": 5, "zx": 1.1, "zy": 0.9},
    {"theta": 30, "fill_mode": "constant", "cval": 9.0}, {"ty": 8, "fill_mode": "reflect"},
    {"ty": 8, "fill_mode": "wrap"}, {"theta": 30, "order": 0}, {"theta": 30, "order": 3}, {},
]  # fmt: skip


@pytest.mark.parametrize("axes", [(0, 1, 2), (1, 2, 0), (1, 0, 2)])
@pytest.mark.parametrize("options", TRANSFORMS)
def test_affine_transforms(options, axes):
    options = {**options, **dict(zip(("row_axis", "col_axis", "channel_axis"), axes, strict=True))}
    x = picture()
    same(ours.apply_affine_transform(x, **options), theirs.apply_affine_transform(x, **options))


@pytest.mark.parametrize(("name", "arguments"), [
    ("random_rotation", (40,)), ("random_shift", (0.3, 0.2)), ("random_shear", (20,)),
    ("random_zoom", ((0.7, 1.2),)), ("random_zoom", ((1, 1),)), ("random_channel_shift", (40.0,)),
    ("random_brightness", ((0.5, 1.5),)), ("apply_channel_shift", (-30.0,)),
    ("apply_brightness_shift", (0.6,)), ("apply_brightness_shift", (0.6, False)),
])  # fmt: skip
def test_functions_of_one_image(name, arguments):
    results = []
    for module in (ours, theirs):
        np.random.seed(3)
        x = picture() - (20 if "brightness" in name else 0)
        results.append(getattr(module, name)(x, *arguments))
    same(*results, tolerance=1e-3)


GENERATORS = [
    {"rotation_range": 30, "width_shift_range": 0.2, "height_shift_range": 0.1, "zoom_range": 0.2,
     "shear_range": 10, "horizontal_flip": True, "vertical_flip": True, "rescale": 1 / 255},
    {"width_shift_range": [-3, 0, 2], "height_shift_range": 4, "zoom_range": (0.9, 1.3)},
    {"height_shift_range": 1.5, "channel_shift_range": 30.0, "brightness_range": (0.5, 1.5)},
    {"samplewise_center": True, "samplewise_std_normalization": True},
    {"featurewise_center": True, "featurewise_std_normalization": True, "rescale": 0.5},
    {"zca_whitening": True, "featurewise_center": True},
    {"rotation_range": 90, "data_format": "channels_first", "fill_mode": "constant", "cval": 7.0},
    {"preprocessing_function": np.sqrt, "dtype": "float64", "interpolation_order": 0,
     "rotation_range": 15},
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(GENERATORS)))
@pytest.mark.parametrize("seed", [None, 11])
def test_flow(number, seed):
    options = GENERATORS[number]
    x = np.stack([picture(i, (6, 6, 3)) for i in range(7)])
    x = np.moveaxis(x, -1, 1) if options.get("data_format") == "channels_first" else x
    y, weights = np.arange(7), np.linspace(0, 1, 7)
    made = []
    for module in (ours, theirs):
        np.random.seed(5)
        generator = module.ImageDataGenerator(**options)
        generator.fit(x, augment=True, rounds=2, seed=9)
        batches = generator.flow(x, y, batch_size=3, sample_weight=weights, seed=seed)
        looped = [next(batches) for _ in range(4)]
        numbered = [batches[i] for i in range(len(batches))]
        batches.on_epoch_end()
        made.append([looped, numbered, [batches[0]]])
    same(*made, tolerance=1e-3)


def test_subsets_and_what_goes_along():
    x, y = np.stack([picture(i, (4, 4, 3)) for i in range(10)]), np.arange(10) % 2
    for subset in ("training", "validation"):
        made = []
        for module in (ours, theirs):
            generator = module.ImageDataGenerator(validation_split=0.4)
            batches = generator.flow((x, [y, y * 2]), y, shuffle=False, subset=subset)
            made.append(list(next(batches)))
        same(*made)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    top = tmp_path_factory.mktemp("images")
    for number in range(11):
        path = top / ("cats" if number % 3 else "dogs") / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        pixels = picture(number, (7 + number, 9, 3)).astype("uint8")
        Image.fromarray(pixels).save(path)
    (top / "dogs" / "readme.txt").write_text("no image")
    return top


DIRECTORY_OPTIONS = [
    {}, {"class_mode": "binary", "color_mode": "grayscale"}, {"class_mode": "sparse"},
    {"class_mode": None, "shuffle": False}, {"class_mode": "input", "interpolation": "bilinear"},
    {"classes": ["dogs", "cats"], "subset": "training"}, {"subset": "validation"},
    {"color_mode": "rgba", "keep_aspect_ratio": True, "interpolation": "lanczos"},
]  # fmt: skip


@pytest.mark.parametrize("options", DIRECTORY_OPTIONS)
def test_flow_from_directory(folder, options, capsys):
    made, said = [], []
    for module in (ours, theirs):
        generator = module.ImageDataGenerator(rotation_range=20, validation_split=0.3)
        batches = generator.flow_from_directory(
            str(folder), target_size=(6, 5), batch_size=4, seed=2, **options
        )
        made.append([[next(batches) for _ in range(3)], [batches[0]]])
        facts = (batches.samples, batches.n, batches.num_classes, batches.image_shape)
        said.append((capsys.readouterr().out, facts, batches.class_indices, batches.filenames,
                     batches.filepaths, list(batches.classes)))  # fmt: skip
    same(*made, tolerance=1e-3)
    assert said[0] == said[1]


def frames(folder):
    paths = sorted(folder.glob("*/*.png"))
    names = [str(path.relative_to(folder)) for path in paths]
    return {
        "filename": [*names, "missing.png"],
        "class": [*(name[:4] for name in names), "cats"],
        "several": [*([["cats"], ["cats", "dogs"]] * 6)],
        "number": np.arange(12.0),
        "other": np.arange(12) * 2,
    }


FRAME_OPTIONS = [
    {}, {"class_mode": "binary"}, {"class_mode": "sparse", "classes": ["dogs"]},
    {"class_mode": "raw", "y_col": "number", "weight_col": "other"},
    {"class_mode": "raw", "y_col": ["number", "other"]},
    {"class_mode": "multi_output", "y_col": ["number", "class"]}, {"class_mode": None},
    {"class_mode": "input"}, {"y_col": "several"}, {"y_col": "several", "classes": ["dogs"]},
    {"subset": "validation"}, {"subset": "training", "class_mode": "raw", "y_col": "other"},
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*(left out|invalid image filename)")
@pytest.mark.parametrize("options", FRAME_OPTIONS)
def test_flow_from_dataframe(folder, options, capsys):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(frames(folder))
    made, said = [], []
    for module in (ours, theirs):
        generator = module.ImageDataGenerator(horizontal_flip=True, validation_split=0.4)
        batches = generator.flow_from_dataframe(
            frame, str(folder), target_size=(6, 5), batch_size=4, seed=2, **options
        )
        batch = next(batches)
        made.append(list(batch) if isinstance(batch, tuple) else batch)
        said.append((capsys.readouterr().out, batches.samples, batches.filenames))
    if options.get("class_mode") == "multi_output":
        assert made[0][1][1].tolist() == made[1][1][1].tolist()  # strings
        made = [[x, y[:1]] for x, y in made]
    same(*made, tolerance=1e-3)
    assert said[0] == said[1]


@pytest.mark.parametrize("shape", [(30, 20, 3), (2, 9, 30, 1)])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
def test_smart_resize(shape, data_format, interpolation):
    x = picture(1, shape)
    x = np.moveaxis(x, -1, -3) if data_format == "channels_first" else x
    options = {"size": (8, 6), "interpolation": interpolation, "data_format": data_format}
    same(ours.smart_resize(x, **options), keras.preprocessing.image.smart_resize(x, **options))


@pytest.mark.parametrize("options", [
    {}, {"color_mode": "grayscale"}, {"color_mode": "rgba"}, {"target_size": (5, 8)},
    {"target_size": (5, 8), "interpolation": "bicubic", "keep_aspect_ratio": True},
    {"target_size": (30, 8), "interpolation": "hamming"},
])  # fmt: skip
def test_load_img(folder, options):
    path = next(iter(sorted(folder.glob("cats/*.png"))))
    left, right = ours.load_img(path, **options), keras.utils.load_img(path, **options)
    assert (left.mode, left.size) == (right.mode, right.size)
    for form in ({}, {"data_format": "channels_first"}, {"dtype": "uint8"}):
        same(ours.img_to_array(left, **form), keras.utils.img_to_array(right, **form))


@pytest.mark.parametrize("shape", [(5, 6, 1), (5, 6, 3), (5, 6, 4)])
@pytest.mark.parametrize("options", [
    {}, {"scale": False}, {"data_format": "channels_first"}, {"dtype": "float64"},
])  # fmt: skip
@pytest.mark.filterwarnings("ignore:'mode' parameter is deprecated:DeprecationWarning")
def test_array_to_img(shape, options):
    x = picture(2, shape)
    x = np.moveaxis(x, -1, 0) if "data_format" in options else x
    left, right = ours.array_to_img(x, **options), keras.utils.array_to_img(x, **options)
    assert (left.mode, left.size) == (right.mode, right.size)
    np.testing.assert_array_equal(np.asarray(left), np.asarray(right))
    wide = np.arange(6.0).reshape(2, 3, 1) * 100
    assert ours.array_to_img(wide, scale=False).mode == "I"
