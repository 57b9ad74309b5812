"""`KerasFileEditor`: looking into files, comparing and changing them."""

import h5py
import numpy as np
import pytest

import nyala
from nyala.saving import KerasFileEditor, ModelFileError


def make_model(units=3):
    nyala.utils.set_random_seed(1)
    inner = nyala.Sequential([nyala.layers.Dense(2, name="deep")], name="inner")
    return nyala.Sequential(
        [nyala.Input((4,)), nyala.layers.Dense(units, name="first"), inner], name="outer"
    )


@pytest.fixture(params=["a.keras", "a.weights.h5", "folder"])
def path(request, tmp_path):
    path, model = tmp_path / request.param, make_model()
    if request.param.endswith(".h5"):
        model.save_weights(path)
    else:
        model.save(path)
    return path


def weights(value=0.0):
    return {"0": np.full((2, 2), value, "float32"), "1": np.zeros(2, "float32")}


def test_what_a_file_holds(path, capsys):
    editor = KerasFileEditor(path)
    store = editor.weights_dict["layers"]
    model = make_model()
    np.testing.assert_array_equal(store["dense"]["0"], model.layers[0].kernel.numpy())
    np.testing.assert_array_equal(
        store["sequential"]["layers"]["dense"]["1"], model.layers[1].layers[0].bias.numpy()
    )
    assert editor.object_metadata["layers/dense"] == {"name": "first"}
    assert (editor.config is None) == (path.suffix == ".h5")
    editor.summary()
    printed = capsys.readouterr().out
    assert str(path) in printed
    assert "dense ('first')" in printed
    assert "0: shape=(4, 3), dtype=float32" in printed
    assert ("Saved with Keras 3.15.1" in printed) == (path.suffix != ".h5")


def test_comparison(path, capsys):
    assert KerasFileEditor(path).compare(make_model()) == {
        "status": "success", "error_count": 0, "match_count": 4,
    }  # fmt: skip
    found = KerasFileEditor(path).compare(make_model(units=5))
    assert found == {"status": "error", "error_count": 3, "match_count": 1}
    printed = capsys.readouterr().out
    assert "layers/dense/0 has the shape (4, 5) in the reference model, and (4, 3)" in printed
    other = nyala.Sequential([nyala.Input((4,)), nyala.layers.Dense(3)])
    found = KerasFileEditor(path).compare(other)
    assert found == {"status": "error", "error_count": 1, "match_count": 2}
    assert "Object layers/sequential is in the file" in capsys.readouterr().out


def test_an_edited_file_is_loaded(path, tmp_path):
    editor = KerasFileEditor(path)
    editor.delete_object("layers/sequential")
    editor.rename_object("layers/dense", "dense_1")
    editor.add_object("layers/dense", {"0": np.eye(4, dtype="float32"), "1": np.ones(4)})
    editor.delete_weight("dense_1", "1")
    editor.add_weights("layers/dense_1", {"0": np.full((4, 2), 2.0), "1": np.zeros(2)})
    editor.save(tmp_path / "edited.weights.h5")
    model = nyala.Sequential([nyala.Input((4,)), nyala.layers.Dense(4), nyala.layers.Dense(2)])
    model.load_weights(tmp_path / "edited.weights.h5")
    np.testing.assert_allclose(model(np.ones((1, 4), "float32")), [[16.0, 16.0]])
    with h5py.File(tmp_path / "edited.weights.h5") as file:
        assert list(file["layers"]) == ["dense", "dense_1"]


def test_what_is_said_of_wrong_names(path):
    editor = KerasFileEditor(path)
    with pytest.raises(ValueError, match="'dense' occurs 2 times"):
        editor.delete_object("dense")
    with pytest.raises(ValueError, match=r"no 'layers/dens' .* Did you mean 'dense'"):
        editor.delete_object("layers/dens")
    with pytest.raises(ValueError, match=r"no 'squential' .* Did you mean 'sequential'"):
        editor.rename_object("squential", "x")
    with pytest.raises(ValueError, match=r"has no weight '7'; it has \['0', '1'\]"):
        editor.delete_weight("layers/dense", "7")
    with pytest.raises(ValueError, match="is a name, not a path"):
        editor.rename_object("layers/dense", "a/b")
    with pytest.raises(ValueError, match="there is a 'sequential' beside"):
        editor.rename_object("layers/dense", "sequential")
    with pytest.raises(ValueError, match="'0' is a weight"):
        editor.add_object("layers/dense/0/more", weights())
    with pytest.raises(ValueError, match="is a weight, not an object"):
        editor.add_weights("layers/dense/0", weights())
    with pytest.raises(ValueError, match=r"names .* to arrays; got list"):
        editor.add_object("layers/more", [1.0])
    with pytest.raises(ValueError, match=r"writes '\.weights\.h5' files"):
        editor.save("a.keras")


def test_other_files_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"reads '\.keras' and"):
        KerasFileEditor(tmp_path / "a.h5")
    (tmp_path / "a.keras").write_bytes(b"no archive")
    with pytest.raises(ModelFileError):
        KerasFileEditor(tmp_path / "a.keras")
    with h5py.File(tmp_path / "old.weights.h5", "w") as file:
        file.attrs["layer_names"] = [b"dense"]
    with pytest.raises(ValueError, match="Keras 2's layout"):
        KerasFileEditor(tmp_path / "old.weights.h5")
