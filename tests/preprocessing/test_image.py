"""`preprocessing.image`: training on it, workers, written batches, wrong use."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from PIL import Image

import nyala
from nyala.preprocessing.image import DataFrameIterator, ImageDataGenerator, Iterator


@pytest.fixture
def folder(tmp_path):
    for number in range(8):
        path = tmp_path / "images" / f"class_{number % 2}" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (5, 4), (number * 30,) * 3).save(path)
    return tmp_path / "images"


def model(classes, shape=(6, 6, 3)):
    made = nyala.Sequential([
        nyala.Input(shape), nyala.layers.Flatten(), nyala.layers.Dense(classes, "softmax"),
    ])  # fmt: skip
    made.compile("sgd", "categorical_crossentropy", metrics=["accuracy"])
    return made


def test_a_model_trains_on_a_directory(folder, capsys):
    generator = ImageDataGenerator(rescale=1 / 255, rotation_range=10, validation_split=0.5)
    training, validation = (
        generator.flow_from_directory(folder, (6, 6), batch_size=3, seed=1, subset=subset)
        for subset in ("training", "validation")
    )
    assert capsys.readouterr().out == "Found 4 images belonging to 2 classes.\n" * 2
    history = model(2).fit(training, validation_data=validation, epochs=2, verbose=0).history
    assert np.isfinite(history["val_loss"]).all()
    assert model(2).predict(validation, verbose=0).shape == (4, 2)


@pytest.mark.parametrize("options", [{"workers": 2}, {"workers": 1, "use_multiprocessing": True}])
def test_workers_make_the_batches(options):
    x, y = np.ones((8, 6, 6, 3)), np.eye(2)[np.arange(8) % 2]
    batches = ImageDataGenerator(zoom_range=0.1).flow(x, y, batch_size=4)
    history = model(2).fit(batches, epochs=2, verbose=0, **options).history
    assert np.isfinite(history["loss"]).all()


def test_it_goes_on_where_it_was_pickled():
    batches = ImageDataGenerator().flow(np.arange(5.0).reshape(5, 1, 1, 1), batch_size=2, seed=3)
    first = batches[0]
    again = pickle.loads(pickle.dumps(batches))
    np.testing.assert_array_equal(again[0], first)
    np.testing.assert_array_equal(again[1], batches[1])


def test_batches_are_written_as_images(folder, tmp_path):
    batches = ImageDataGenerator().flow_from_directory(
        folder, (6, 6), batch_size=3, save_to_dir=tmp_path, save_prefix="seen", save_format="jpg"
    )
    next(batches)
    written = list(tmp_path.glob("seen_*.jpg"))
    assert len(written) == 3
    assert nyala.utils.load_img(written[0]).size == (6, 6)


def test_a_subclass_makes_batches_of_its_own():
    class Squares(Iterator):
        def _get_batches_of_transformed_samples(self, index_array):
            return index_array**2

    batches = Squares(5, 2, shuffle=False, seed=None)
    assert [batches[i].tolist() for i in range(len(batches))] == [[0, 1], [4, 9], [16]]
    assert [next(batches).tolist() for _ in range(4)] == [[0, 1], [4, 9], [16], [0, 1]]
    batches.reset()
    assert batches.next().tolist() == [0, 1]
    with pytest.raises(ValueError, match="no batch 3: there are 3"):
        batches[3]
    with pytest.raises(TypeError, match="must define _get_batches"):
        next(Iterator(5, 2, shuffle=False, seed=None))


@pytest.mark.parametrize(("options", "switched"), [
    ({"zca_whitening": True}, "featurewise_center=True"),
    ({"featurewise_std_normalization": True}, "featurewise_center=True"),
    ({"samplewise_std_normalization": True}, "samplewise_center=True"),
    ({"zca_whitening": True, "featurewise_center": True, "featurewise_std_normalization": True},
     "featurewise_std_normalization=False"),
])  # fmt: skip
def test_what_excludes_what(options, switched):
    with pytest.warns(UserWarning, match=switched):
        ImageDataGenerator(**options)


def test_normalizing_before_fit_says_so():
    with pytest.warns(UserWarning, match=r"does nothing before fit\(images\)"):
        ImageDataGenerator(featurewise_center=True).standardize(np.ones((2, 2, 3)))


IMAGES = np.ones((4, 2, 2, 3))


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda g, f: ImageDataGenerator(zoom_range=(1, 2, 3)), ValueError, "zoom_range expects"),
    (lambda g, f: ImageDataGenerator(brightness_range=2), ValueError, "brightness_range expects"),
    (lambda g, f: ImageDataGenerator(validation_split=2), ValueError, "between 0 and 1; got 2"),
    (lambda g, f: g.fit(np.ones((2, 2))), ValueError, "fit expects images of shape"),
    (lambda g, f: g.flow(IMAGES[0]), ValueError, "flow expects images of shape"),
    (lambda g, f: g.flow(IMAGES, [1]), ValueError, "4 images, but y has length 1"),
    (lambda g, f: g.flow((IMAGES, np.ones(2))), ValueError, r"x\[1\]\[0\] has length"),
    (lambda g, f: g.flow(IMAGES, [0, 0, 1, 1], subset="training"), ValueError, "different classes"),
    (lambda g, f: g.flow(IMAGES, subset="both"), ValueError, "subset expects"),
    (lambda g, f: g.flow_from_directory(f, class_mode="int"), ValueError, "class_mode expects"),
    (lambda g, f: g.flow_from_directory(f, color_mode="grey"), ValueError, "color_mode expects"),
    (lambda g, f: g.flow_from_directory(f / "nowhere"), FileNotFoundError, "nowhere"),
    (lambda g, f: DataFrameIterator({"filename": [1]}), TypeError, "must hold strings"),
    (lambda g, f: _of_frame(y=[1]), TypeError, "use class_mode='raw'"),
    (lambda g, f: _of_frame(y=["a"], class_mode="binary"), ValueError, "exactly two classes"),
    (lambda g, f: _of_frame(y=[1], class_mode="multi_output"), TypeError, "list of columns"),
    (lambda g, f: _of_frame(y=["a"], weight_col="class"), TypeError, "must hold numbers"),
])  # fmt: skip
def test_wrong_use(folder, call, error, message):
    with pytest.raises(error, match=message):
        call(ImageDataGenerator(validation_split=0.5), folder)


def _of_frame(y, **options):
    return DataFrameIterator(
        {"filename": ["a.png"], "class": y}, validate_filenames=False, **options
    )


def test_files_that_are_not_there_are_left_out(folder):
    frame = {"filename": ["class_0/0.png", "class_0/9.png"], "class": ["a", "b"]}
    with pytest.warns(UserWarning, match="1 of 2 names .* 'class_0/9.png'"):
        batches = DataFrameIterator(frame, folder)
    assert batches.filenames == ["class_0/0.png"]


def test_it_stands_where_keras_2_has_it():
    assert nyala.tf.keras.preprocessing.image.ImageDataGenerator is ImageDataGenerator
