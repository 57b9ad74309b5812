"""`image_dataset_from_directory`: pixels beside real Keras', order, splits, labels, faults."""

from __future__ import annotations

import io
import json
import pathlib
import struct
import threading
import zlib

import numpy as np
import pytest
from PIL import Image

import nyala
from nyala.data.images import INTERPOLATIONS
from nyala.utils import image_dataset_from_directory

GOLDEN = np.load(pathlib.Path(__file__).parent / "golden" / "image_folder.npz")
SIZE = (11, 8)

# The files in the order in which they are loaded. TensorFlow's loader decodes JPEG with a cosine
# transform that trades exactness for speed; ours is Pillow's (and Keras' own with format="grain").
JPEG = ("b/grey.jpg", "b/photo.jpg")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    top = tmp_path_factory.mktemp("images")
    for key in GOLDEN:
        if key.startswith("file/"):
            path = top / key.removeprefix("file/")
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(GOLDEN[key].tobytes())
    return top


def load(folder, **options):
    options = {"image_size": SIZE, "shuffle": False, "verbose": False, **options}
    return image_dataset_from_directory(folder, **options)


def all_images(dataset):
    return np.concatenate([x for x, _ in dataset.as_numpy_iterator()])


@pytest.mark.parametrize("how", ["stretch", "crop", "pad"])
@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_pixels_are_those_of_keras(folder, interpolation, how):
    if f"result/{interpolation}/{how}" not in GOLDEN:
        pytest.skip("Keras refuses the combination")
    expected = GOLDEN[f"result/{interpolation}/{how}"]
    options = {} if how == "stretch" else {f"{how}_to_aspect_ratio": True}
    dataset = load(folder, interpolation=interpolation, **options)
    got = all_images(dataset)
    assert got.dtype == expected.dtype
    assert got.shape == expected.shape
    for path, ours, theirs in zip(dataset.file_paths, got, expected, strict=True):
        tolerance = 4.0 if path.endswith(JPEG) else 1e-3
        np.testing.assert_allclose(ours.astype(float), theirs, atol=tolerance, err_msg=path)


def test_grey_pixels_are_those_of_keras(folder):
    dataset = load(folder, color_mode="grayscale", class_names=["b"])
    for path, ours, theirs in zip(
        dataset.file_paths, all_images(dataset), GOLDEN["result/grayscale"], strict=True
    ):
        tolerance = 2.0 if path.endswith(JPEG) else 1.001  # libpng and Pillow round differently
        np.testing.assert_allclose(ours, theirs, atol=tolerance, err_msg=path)


@pytest.mark.parametrize("mode", ["int", "binary", "categorical"])
def test_labels_are_those_of_keras(folder, mode):
    labels = np.concatenate([y for _, y in load(folder, label_mode=mode).as_numpy_iterator()])
    expected = GOLDEN[f"result/labels/{mode}"]
    assert labels.dtype == expected.dtype
    np.testing.assert_array_equal(labels, expected)


def test_resizing_is_that_of_keras_on_jax():
    keras = pytest.importorskip("keras")
    from nyala.data.images import resize_into

    pixels = np.random.default_rng(0).integers(0, 256, (23, 40, 3), "uint8")
    for interpolation in ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"):
        out = np.empty((17, 52, 3), "float32")
        resize_into(pixels, out, interpolation)
        theirs = keras.ops.image.resize(
            pixels.astype("float32"), out.shape[:2], interpolation=interpolation
        )
        np.testing.assert_allclose(out, theirs, atol=0.2, err_msg=interpolation)


def test_what_keras_own_decoder_makes_of_a_jpeg(folder):
    dataset = load(folder, interpolation="nearest", class_names=["b"], image_size=(48, 36))
    pixels = dict(zip(dataset.file_paths, all_images(dataset), strict=True))
    path = str(folder / "b" / "photo.jpg")
    np.testing.assert_array_equal(pixels[path], np.asarray(Image.open(path)))


@pytest.mark.parametrize(("color_mode", "channels"), [("rgb", 3), ("rgba", 4), ("grayscale", 1)])
def test_channels(folder, color_mode, channels):
    last = load(folder, color_mode=color_mode)
    first = load(folder, color_mode=color_mode, data_format="channels_first")
    assert last.element_spec[0].shape == (None, *SIZE, channels)
    assert first.element_spec[0].shape == (None, channels, *SIZE)
    np.testing.assert_array_equal(np.moveaxis(all_images(first), 1, -1), all_images(last))


@pytest.mark.parametrize("extension", ["jpg", "png", "bmp", "gif", "webp", "tiff"])
def test_formats(tmp_path, extension):
    pixels = np.full((5, 7, 3), 200, "uint8")
    Image.fromarray(pixels).save(tmp_path / f"image.{extension}")
    dataset = load(tmp_path, labels=None, image_size=(5, 7), batch_size=None)
    np.testing.assert_allclose(next(dataset.as_numpy_iterator()), pixels, atol=3)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "I", "F"])
def test_pillow_modes(tmp_path, mode):
    grey = np.arange(0, 256, 4, dtype="uint8").reshape(8, 8)
    if mode == "I;16":
        image = Image.fromarray(grey.astype("uint16") * 257)
    else:
        image = Image.fromarray(grey).convert(mode)
    image.save(tmp_path / "image.tiff")
    for color_mode in ("rgb", "rgba", "grayscale"):
        dataset = load(tmp_path, labels=None, image_size=(8, 8), color_mode=color_mode)
        got = next(dataset.as_numpy_iterator())[0, ..., 0]
        if mode != "1":  # Pillow dithers
            np.testing.assert_allclose(got, grey, atol=1, err_msg=color_mode)
        assert got.max() > 200


def test_the_first_frame_of_an_animation(tmp_path):
    frames = [Image.new("RGB", (4, 4), color) for color in ("red", "blue")]
    frames[0].save(tmp_path / "film.gif", save_all=True, append_images=frames[1:])
    dataset = load(tmp_path, labels=None, image_size=4)
    np.testing.assert_array_equal(next(dataset.as_numpy_iterator())[0, 0, 0], [255, 0, 0])


# -- order, batches, subsets ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def numbered(tmp_path_factory):
    """Thirty images of one color each: the number of the file."""
    top = tmp_path_factory.mktemp("numbered")
    for number in range(30):
        path = top / f"class_{number % 3}" / f"{number:02}.png"
        path.parent.mkdir(exist_ok=True)
        Image.new("RGB", (3, 2), (number,) * 3).save(path)
    return top


def numbers_of(dataset):
    return [round(float(n)) for x in dataset.as_numpy_iterator() for n in _images(x)]


def _images(element):
    x = element[0] if isinstance(element, tuple) else element
    return x.reshape(-1, *x.shape[-3:])[:, 0, 0, 0]


def test_batches_and_labels_belong_together(numbered):
    dataset = load(numbered, shuffle=True, seed=1, batch_size=8)
    assert len(dataset) == 4
    for x, y in dataset.as_numpy_iterator():
        np.testing.assert_array_equal(np.rint(x[:, 0, 0, 0]) % 3, y)


def test_every_iteration_has_an_order_of_its_own(numbered):
    dataset = load(numbered, shuffle=True, seed=1)
    first, second = numbers_of(dataset), numbers_of(dataset)
    assert first != second
    assert sorted(first) == sorted(second) == list(range(30))
    assert numbers_of(load(numbered, shuffle=True, seed=1)) == first
    assert numbers_of(load(numbered, shuffle=True, seed=2)) != first


def test_the_order_without_shuffling_is_that_of_the_paths(numbered):
    dataset = load(numbered)
    assert numbers_of(dataset) == [int(pathlib.Path(p).stem) for p in dataset.file_paths]
    assert dataset.file_paths == sorted(dataset.file_paths)
    assert dataset.class_names == ["class_0", "class_1", "class_2"]


def test_subsets_share_no_file(numbered):
    options = {"validation_split": 0.2, "seed": 4, "shuffle": True}
    training, validation = load(numbered, subset="both", **options)
    assert (len(training.file_paths), len(validation.file_paths)) == (24, 6)
    assert not set(training.file_paths) & set(validation.file_paths)
    assert numbers_of(validation) == numbers_of(validation)
    for subset, both in (("training", training), ("validation", validation)):
        alone = load(numbered, subset=subset, **options)
        assert alone.file_paths == both.file_paths
        assert sorted(numbers_of(alone)) == sorted(numbers_of(both))


def test_no_labels_and_given_labels(numbered):
    assert load(numbered, labels=None).class_names is None
    assert numbers_of(load(numbered, label_mode=None)) == numbers_of(load(numbered))
    dataset = load(numbered, labels=list(range(100, 130)))
    assert dataset.class_names == [str(n) for n in range(100, 130)]
    labels = np.concatenate([y for _, y in dataset.as_numpy_iterator()])
    np.testing.assert_array_equal(labels, range(100, 130))


def test_a_model_trains_on_it(numbered):
    training, validation = load(
        numbered, subset="both", validation_split=0.2, seed=4, shuffle=True, batch_size=8
    )
    model = nyala.Sequential([
        nyala.Input((*SIZE, 3)), nyala.layers.Rescaling(1 / 255), nyala.layers.Flatten(),
        nyala.layers.Dense(3),
    ])  # fmt: skip
    loss = nyala.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss)
    history = model.fit(training, validation_data=validation, epochs=2, verbose=0).history
    assert np.isfinite(history["val_loss"]).all()
    assert model.predict(load(numbered, labels=None), verbose=0).shape == (30, 3)


# -- the place of an iterator ---------------------------------------------------------------------

PIPELINES = {
    "batches": {"batch_size": 4},
    "shuffled": {"batch_size": 4, "shuffle": True, "seed": 3},
    "single": {"batch_size": None, "shuffle": True},
    "skipping": {"batch_size": 4, "shuffle": True, "on_error": "skip"},
    "single_skipping": {"batch_size": None, "on_error": "skip"},
}


@pytest.mark.filterwarnings("ignore:A file is skipped")
@pytest.mark.parametrize("name", PIPELINES)
def test_every_place_can_be_saved(numbered, tmp_path, name):
    for number, path in enumerate(sorted(numbered.glob("*/*.png"))[:13]):
        target = tmp_path / path.parent.name / path.name
        target.parent.mkdir(exist_ok=True)
        data = path.read_bytes()
        broken = "skip" in name and number in (0, 1, 7, 12)
        target.write_bytes(data[:40] if broken else data)
    dataset = load(tmp_path, **PIPELINES[name])
    iterator = dataset.as_numpy_iterator()
    states, elements = [iterator.get_state()], []
    for element in iterator:
        elements.append([int(n) for n in _images(element)])
        states.append(iterator.get_state())
    assert sum(map(len, elements)) == (9 if "skip" in name else 13)
    for place, state in enumerate(states):
        again = load(tmp_path, **PIPELINES[name]).as_numpy_iterator()
        again.set_state(json.loads(json.dumps(state)))
        assert [[int(n) for n in _images(x)] for x in again] == elements[place:], place


def test_a_dropped_iterator_leaves_no_thread(numbered):
    before = set(threading.enumerate())
    iterator = iter(load(numbered, batch_size=2))
    next(iterator)
    assert set(threading.enumerate()) > before
    del iterator
    assert set(threading.enumerate()) == before


# -- faults ---------------------------------------------------------------------------------------


def _png(width, height, data=b""):
    """A PNG of any declared size."""

    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def _jpeg():
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40, 3), "uint8")).save(
        file, "JPEG"
    )
    return file.getvalue()


BROKEN = {
    "empty.jpg": b"",
    "text.jpg": b"this is not an image",
    "truncated.jpg": _jpeg()[:900],
    "header.png": b"\x89PNG\r\n\x1a\n",
    "bomb.png": _png(60_000, 60_000, zlib.compress(bytes(1000))),
    "short.png": _png(50, 50, zlib.compress(bytes(1000))),
    "postscript.jpg": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "frame.gif": b"GIF89a" + bytes(20),
    "tags.tiff": b"II*\0\x08\0\0\0\xff\xff" + bytes(30),
    "riff.webp": b"RIFF\xff\xff\xff\xffWEBPVP8 " + bytes(30),
    "bitmap.bmp": b"BM" + b"\xff" * 60,
}


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")  # Pillow's, on the way to its error
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_image_is_named(tmp_path, name):
    (tmp_path / name).write_bytes(BROKEN[name])
    with pytest.raises(OSError, match=name):
        next(iter(load(tmp_path, labels=None)))
    with pytest.raises(OSError, match=name):
        nyala.utils.load_img(tmp_path / name)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_broken_images_are_skipped_and_counted(numbered, tmp_path):
    for name, data in BROKEN.items():
        (tmp_path / name).write_bytes(data)
    good = [path for path in sorted(numbered.glob("*/*.png")) if int(path.stem) < 9]
    for path in good:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    dataset = load(tmp_path, labels=list(range(20)), on_error="skip", batch_size=4)
    with pytest.warns(UserWarning, match="skipped_files"):
        batches = list(dataset.as_numpy_iterator())
    assert [len(x) for x, _ in batches] == [4, 4, 1]
    assert [int(n) for x, _ in batches for n in _images(x)] == list(range(9))
    assert [int(y) for _, labels in batches for y in labels] == list(range(9))
    assert {pathlib.Path(path).name for path in dataset.skipped_files} == set(BROKEN)
    assert int(dataset.cardinality()) == nyala.data.UNKNOWN_CARDINALITY


def test_nothing_there(tmp_path, numbered):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"no images in the class folders .* no file ends in .bmp"):
        load(tmp_path)
    with pytest.raises(ValueError, match=r"no images for validation.*0.01 of 30 files"):
        load(numbered, validation_split=0.01, subset="both", seed=1)


@pytest.mark.parametrize(("options", "error", "message"), [
    ({"labels": "infer"}, ValueError, "Did you mean 'inferred'"),
    ({"labels": 3}, TypeError, "labels expects"),
    ({"label_mode": "integer"}, ValueError, "label_mode expects"),
    ({"label_mode": "binary"}, ValueError, "exactly two classes; there are 3"),
    ({"color_mode": "grey"}, ValueError, "color_mode expects one of"),
    ({"image_size": (3, 4, 3)}, ValueError, "image_size expects"),
    ({"image_size": (0, 4)}, ValueError, r"image_size\[0\] must be"),
    ({"interpolation": "linear"}, ValueError, "Did you mean 'bilinear'"),
    ({"batch_size": 0}, ValueError, "batch_size must be"),
    ({"format": "torch"}, ValueError, "format expects 'tf' or 'grain'"),
    ({"on_error": "ignore"}, ValueError, "on_error expects"),
    ({"data_format": "last"}, ValueError, "data_format"),
    ({"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}, ValueError, "Only one"),
    ({"validation_split": 0.2, "shuffle": True, "subset": "training"}, ValueError, "seed"),
])  # fmt: skip
def test_wrong_use(numbered, options, error, message):
    with pytest.raises(error, match=message):
        load(numbered, **options)


def test_it_stands_where_keras_has_it():
    assert nyala.preprocessing.image_dataset_from_directory is image_dataset_from_directory
    assert nyala.tf.keras.utils.image_dataset_from_directory is image_dataset_from_directory
    assert nyala.tf.keras.preprocessing.image_dataset_from_directory is image_dataset_from_directory
