"""Files that Keras 2 wrote: they load, predict what they did there, and train on as there.

`tests/data/saving/make.py` wrote them, with tf_keras 2.21 and Keras 2.15 and 2.13.
"""

from __future__ import annotations

import tarfile
import warnings

import numpy as np
import pytest

import nyala
from nyala import layers

KINDS = ["sequential", "functional", "several_inputs", "nested", "shared", "recurrent", "images",
         "attention", "text", "preprocessing", "subclassed", "mixed"]  # fmt: skip
# A model's own Python code, and states that adapt() made, are no part of Keras 2's HDF5 files.
IN_HDF5 = [kind for kind in KINDS if kind not in ("text", "preprocessing", "subclassed")]
# bfloat16 rounds to three digits, where TensorFlow and XLA add up in another order.
TOLERANCE = {"mixed": 2e-2}


@nyala.saving.register_keras_serializable("tests")
class Own(nyala.Model):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.blocks = [layers.Dense(units), layers.Dense(2)]
        self.norm = layers.LayerNormalization()

    def call(self, inputs):
        for block in self.blocks:
            inputs = block(inputs)
        return self.norm(inputs)

    def get_config(self):
        return {"units": self.units, "name": self.name}


@pytest.fixture(autouse=True)
def own_class():
    with nyala.saving.custom_object_scope({"tests>Own": Own}):
        yield


@pytest.fixture(scope="session")
def golden(repository, tmp_path_factory):
    """Return the folder with the files of one version."""
    folders = {}

    def folder(version):
        if version not in folders:
            folders[version] = tmp_path_factory.mktemp(version)
            with tarfile.open(repository / f"tests/data/saving/keras-{version}.tar.xz") as archive:
                archive.extractall(folders[version], filter="data")
        return folders[version]

    return folder


def arrays(path, prefix):
    """Return the arrays of one prefix: by key, or as a list; one alone."""
    with np.load(path) as file:
        names = sorted(name for name in file.files if name[0] == prefix)
        if names[0][1] == "_":
            return {name[2:]: file[name] for name in names}
        values = [file[name] for name in names]
    return values[0] if len(values) == 1 else values


def assert_predicts(model, x, expected, tolerance):
    found = model.predict(x, verbose=0)
    pairs = zip(nyala.tree.flatten(found), nyala.tree.flatten(expected), strict=True)
    for one, other in pairs:
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)


def check(path, kind, trained):
    data = path.with_name(f"{kind}.npz")
    tolerance = TOLERANCE.get(kind, 1e-5)
    model = nyala.models.load_model(path)
    x, y = arrays(data, "x"), arrays(data, "y")
    assert_predicts(model, x, arrays(data, "p"), tolerance)
    assert model.compiled
    if trained:
        rows = len(nyala.tree.flatten(x)[0])
        model.fit(x, y, batch_size=rows, shuffle=False, verbose=0)
        # One step of Adam divides by a small number: it magnifies the last digits.
        assert_predicts(model, x, arrays(data, "q"), max(tolerance, 1e-4))


@pytest.mark.parametrize("kind", KINDS)
def test_keras_file_of_2_21(golden, kind):
    check(golden("2.21.0") / f"{kind}.keras", kind, trained=True)


@pytest.mark.parametrize("kind", IN_HDF5)
def test_h5_file_of_2_21(golden, kind):
    check(golden("2.21.0") / f"{kind}.h5", kind, trained=True)


@pytest.mark.parametrize("version", ["2.13.1", "2.15.0"])
@pytest.mark.parametrize("kind", KINDS)
def test_keras_file_of_2_13_to_2_15(golden, kind, version):
    check(golden(version) / f"{kind}.keras", kind, trained=False)


@pytest.mark.parametrize("kind", IN_HDF5)
def test_weights_of_2_21(golden, kind):
    folder = golden("2.21.0")
    data = folder / f"{kind}.npz"
    model = nyala.models.load_model(folder / f"{kind}.keras", compile=False)
    for name in (f"{kind}.weights.h5", f"{kind}-weights.h5"):
        model.set_weights([w * 0 for w in model.get_weights()])
        model.load_weights(folder / name)
        tolerance = TOLERANCE.get(kind, 1e-5)
        assert_predicts(model, arrays(data, "x"), arrays(data, "p"), tolerance)


@pytest.mark.parametrize("version", ["2.13.1", "2.15.0"])
def test_the_state_of_an_optimizer_of_keras_2_2_to_2_10(golden, version):
    """There the moments of all weights stand one after another, by kind."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(golden(version) / "old_optimizer.h5", "old_optimizer", trained=True)
