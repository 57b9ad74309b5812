"""Every known hole of model files, through every door: nothing happens, and the error says why.

Each attack writes a harmless marker, or would read a secret; each door is a way by which a file of
a stranger comes in. tests/faults/test_hostile_files.py holds further shapes of the same attacks.
"""

from __future__ import annotations

import base64
import io
import json
import marshal
import zipfile

import h5py
import numpy as np
import pytest

import nyala
from nyala import layers
from nyala.saving import ModelFileError, deserialize_keras_object, limits, load_model

# -- doors: how a config comes in ------------------------------------------------------------------


def by_archive(config, folder):
    with zipfile.ZipFile(folder / "m.keras", "w") as file:
        file.writestr("metadata.json", json.dumps({"keras_version": "3.0.0"}))
        file.writestr("config.json", json.dumps(config))
        file.writestr("model.weights.h5", b"")
    load_model(folder / "m.keras")


def by_keras2_archive(config, folder):
    with zipfile.ZipFile(folder / "m2.keras", "w") as file:
        file.writestr("metadata.json", json.dumps({"keras_version": "2.13.1"}))
        file.writestr("config.json", json.dumps(config))
        file.writestr("model.weights.h5", b"")
    load_model(folder / "m2.keras")


def by_file_object(config, folder):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("config.json", json.dumps(config))
    buffer.seek(0)
    load_model(buffer)


def by_directory(config, folder):
    (folder / "m").mkdir()
    (folder / "m" / "config.json").write_text(json.dumps(config))
    load_model(folder / "m")


def by_hdf5(config, folder):
    with h5py.File(folder / "m.h5", "w") as file:
        file.attrs["model_config"] = json.dumps(config).encode()
    load_model(folder / "m.h5")


def by_training_config(config, folder):
    model = nyala.Sequential([nyala.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.save(folder / "t.h5")
    with h5py.File(folder / "t.h5", "r+") as file:
        training = json.loads(file.attrs["training_config"])
        training["loss"] = config
        del file.attrs["training_config"]
        file.attrs["training_config"] = json.dumps(training).encode()
    load_model(folder / "t.h5")


def by_json(config, folder):
    nyala.models.model_from_json(json.dumps(config))


def by_deserializing(config, folder):
    deserialize_keras_object(config)


def by_from_config(config, folder):
    nyala.Sequential.from_config({"name": "s", "layers": [config]})


def by_loss_get(config, folder):
    nyala.losses.get(config)


DOORS = [by_archive, by_keras2_archive, by_file_object, by_directory, by_hdf5, by_training_config,
         by_json, by_deserializing, by_from_config, by_loss_get]  # fmt: skip


# -- attacks in configs ----------------------------------------------------------------------------


def entry(module, name, config, registered=None):
    return {"module": module, "class_name": name, "config": config, "registered_name": registered}


def bytecode(marker):
    """CVE-2024-3660, CVE-2025-9905: a Lambda layer that carries its function."""
    code = compile(f"lambda x: open({str(marker)!r}, 'w').close()", "<l>", "eval").co_consts[0]
    function = {"class_name": "__lambda__", "config": {
        "code": base64.b64encode(marshal.dumps(code)).decode(), "defaults": None,
        "closure": None}}  # fmt: skip
    return entry("keras.layers", "Lambda", {"name": "l", "function": function})


def old_bytecode(marker):
    """CVE-2024-3660 in the words of Keras 2: the function in a list."""
    code = compile(f"lambda x: open({str(marker)!r}, 'w').close()", "<l>", "eval").co_consts[0]
    text = base64.b64encode(marshal.dumps(code)).decode()
    config = {"name": "l", "function": [text, None, None], "function_type": "lambda"}
    return {"class_name": "Lambda", "config": {**config, "module": "os"}}


def module_function(marker):
    """CVE-2025-1550: a function of any module as a layer's argument."""
    touch = entry("pathlib", "function", "Path.touch", "function")
    return entry("keras.layers", "Lambda", {"name": "l", "function": touch,
                                            "arguments": {"self": str(marker)}})  # fmt: skip


def module_class(marker):
    """CVE-2025-1550: a class of any module."""
    return entry("subprocess", "Popen", {"args": ["touch", str(marker)]})


def own_function(marker):
    """CVE-2025-8747: a function of Keras itself that writes or fetches files."""
    return entry("keras.utils", "get_file", {"fname": str(marker), "origin": "file:///etc/passwd"})


def own_function_as_argument(marker):
    """CVE-2025-8747, CVE-2026-12479: the same, called by a layer or loss."""
    fetch = entry("builtins", "function", "get_file", "function")
    return entry("keras.src.losses.losses", "LossFunctionWrapper", {"fn": fetch, "name": "f"})


def switch(marker):
    """CVE-2025-9906, CVE-2026-12481: a config that switches safety off before the rest."""
    return entry("keras.config", "enable_unsafe_deserialization", {})


def named_by_registered_name(marker):
    """CVE-2026-12570: the harmless name in one field, the other in the next."""
    return entry("os", "system", f"touch {marker}", "os>system")


ATTACKS = [bytecode, old_bytecode, module_function, module_class, own_function,
           own_function_as_argument, switch, named_by_registered_name]  # fmt: skip


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_a_config_cannot_act(attack, door, tmp_path):
    marker = tmp_path / "it-ran"
    config = attack(marker)
    if door in (by_archive, by_keras2_archive, by_file_object, by_directory, by_hdf5, by_json):
        config = entry("keras", "Sequential", {"name": "s", "layers": [config]})
    with pytest.raises((ValueError, TypeError), match=r"[Uu]nknown|bytecode|expects a function"):
        door(config, tmp_path)
    assert not marker.exists()


def test_only_the_caller_opens_the_door_for_bytecode(tmp_path):
    marker = tmp_path / "it-ran"
    layer = deserialize_keras_object(bytecode(marker), safe_mode=False)
    assert isinstance(layer, layers.Lambda)
    with pytest.raises(ValueError, match="bytecode"):
        deserialize_keras_object(bytecode(marker))


# -- files that a config names ---------------------------------------------------------------------


@pytest.mark.parametrize("door", [by_archive, by_directory, by_json, by_deserializing, by_hdf5],
                         ids=lambda door: door.__name__)  # fmt: skip
@pytest.mark.parametrize("name", ["TextVectorization", "StringLookup", "IntegerLookup"])
def test_a_vocabulary_s_path_is_not_opened(name, door, tmp_path):
    """CVE-2025-12058: a vocabulary that is a path, or an address."""
    secret = tmp_path / "secret.txt"
    secret.write_text("17\n18\n")
    layer = entry("keras.layers", name, {"name": "v", "vocabulary": str(secret)})
    config = layer if door is by_deserializing else (
        entry("keras", "Sequential", {"name": "s", "layers": [layer]})
    )  # fmt: skip
    opened = watched(lambda: door(config, tmp_path))
    assert str(secret) not in opened


@pytest.mark.parametrize("weights", ["imagenet", "/etc/passwd", "http://127.0.0.1:9/w.h5"])
def test_no_weights_are_fetched(weights, tmp_path):
    config = entry("keras.applications", "MobileNetV2", {"weights": weights})
    with pytest.raises((ValueError, TypeError), match="Unknown"):
        deserialize_keras_object(config)


def watched(action):
    """Return the paths that an action opened."""
    import sys

    opened, active = [], [True]

    def hook(event, arguments):
        if active[0] and event == "open":
            opened.append(str(arguments[0]))

    sys.addaudithook(hook)
    try:
        action()
    except (ValueError, TypeError):
        pass
    finally:
        active[0] = False
    return opened


# -- assets of archives ----------------------------------------------------------------------------


def test_assets_lead_nowhere(tmp_path):
    """CVE-2025-12058, CVE-2025-12060: a vocabulary in the archive under a name that leads out."""
    vectorize = layers.TextVectorization(max_tokens=5)
    vectorize.adapt(["a b"])
    nyala.Sequential([nyala.Input((1,), dtype="string"), vectorize]).save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras", "a") as archive:
        archive.writestr("assets/../../it-ran", b"x")
    with pytest.raises(ModelFileError, match="leads out"):
        load_model(tmp_path / "m.keras")
    assert not (tmp_path.parent / "it-ran").exists()


def test_a_link_in_an_archive_is_never_followed(tmp_path, monkeypatch):
    """CVE-2025-12638: a vocabulary whose member says that it is a link to another file."""
    secret = tmp_path / "secret.txt"
    secret.write_text("a\nb\n")
    vectorize = layers.TextVectorization(max_tokens=5)
    vectorize.adapt(["a b"])
    nyala.Sequential([nyala.Input((1,), dtype="string"), vectorize]).save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as old:
        members = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as new:
        for name, data in members.items():
            if name.startswith("assets"):
                info = zipfile.ZipInfo(name)
                info.external_attr = 0o120777 << 16
                new.writestr(info, str(secret))
            else:
                new.writestr(name, data)
    opened = watched(lambda: load_model(tmp_path / "m.keras"))
    assert str(secret) not in opened


# -- sizes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", [by_archive, by_directory, by_hdf5],
                         ids=lambda door: door.__name__)  # fmt: skip
def test_a_small_file_cannot_ask_for_a_large_model(door, tmp_path):
    """CVE-2026-0897: sizes that nothing in the file backs."""
    dense = entry("keras.layers", "Dense", {"units": 10**10})
    config = entry("keras", "Sequential", {"name": "s", "layers": [
        entry("keras.layers", "InputLayer", {"batch_shape": [None, 4]}), dense]})  # fmt: skip
    with pytest.raises(ModelFileError, match=r"limits\.expansion"):
        door(config, tmp_path)


def test_json_alone_has_a_limit_too(monkeypatch):
    monkeypatch.setattr(limits, "new_weights_bytes", 1000)
    text = nyala.Sequential([nyala.Input((20,)), layers.Dense(20)]).to_json()
    with pytest.raises(ModelFileError, match=r"limits\.new_weights_bytes"):
        nyala.models.model_from_json(text)


def test_an_array_in_a_config_has_a_limit():
    config = {"class_name": "__numpy__", "config": {"value": [0], "dtype": "S1000000000"}}
    with pytest.raises(ValueError, match="elements of"):
        deserialize_keras_object(config)


@pytest.mark.parametrize(
    ("limit", "value"),
    [("json_bytes", 100), ("json_depth", 2), ("archive_members", 1), ("archive_bytes", 100),
     ("hdf5_objects", 2), ("hdf5_depth", 1)],
)  # fmt: skip
def test_every_limit_is_named_and_can_be_raised(limit, value, tmp_path, monkeypatch):
    nyala.Sequential([nyala.Input((2,)), layers.Dense(1)]).save(tmp_path / "m.keras")
    before = getattr(limits, limit)
    monkeypatch.setattr(limits, limit, value)
    with pytest.raises(ModelFileError, match=rf"limits\.{limit}"):
        load_model(tmp_path / "m.keras")
    monkeypatch.setattr(limits, limit, before)
    load_model(tmp_path / "m.keras")


# -- HDF5 through every door -----------------------------------------------------------------------


def external_link(file, secret):
    file["stolen"] = h5py.ExternalLink(str(secret), "/x")


def soft_link(file, secret):
    file["stolen"] = h5py.SoftLink("/x")


def external_storage(file, secret):
    file.create_dataset("stolen", (4,), "f4", external=[(str(secret), 0, 16)])


def virtual(file, secret):
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource(str(secret), "x", (4,))
    file.create_virtual_dataset("stolen", layout)


def unbacked(file, secret):
    file.create_dataset("stolen", (1 << 40,), "f4", chunks=(1 << 20,))


def plugin(file, secret):
    file.create_dataset("stolen", data=np.zeros(64, "f4"), chunks=(64,), compression="lzf")


HDF5_ATTACKS = [external_link, soft_link, external_storage, virtual, unbacked, plugin]


@pytest.mark.parametrize("attack", HDF5_ATTACKS, ids=lambda attack: attack.__name__)
@pytest.mark.parametrize("door", ["load_weights", "archive", "directory", "model", "shards"])
def test_hdf5_reads_only_itself(attack, door, tmp_path):
    """CVE-2026-1462, CVE-2026-1669, CVE-2026-0897."""
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["x"] = np.ones(4, "f4")
    model = nyala.Sequential([nyala.Input((2,)), layers.Dense(2)])
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        attack(file, secret)
        if door == "model":
            file.attrs["model_config"] = model.to_json().encode()
    data = buffer.getvalue()
    if door == "archive":
        with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
            archive.writestr("config.json", model.to_json())
            archive.writestr("model.weights.h5", data)
    elif door == "directory":
        model.save(tmp_path / "m")
        (tmp_path / "m" / "model.weights.h5").write_bytes(data)
    elif door == "shards":
        (tmp_path / "w_00000.weights.h5").write_bytes(data)
        plan = {"weight_map": {"/layers/dense/vars": "w_00000.weights.h5"}}
        (tmp_path / "w.weights.json").write_text(json.dumps(plan))
    else:
        (tmp_path / "m.h5").write_bytes(data)
    load = {
        "load_weights": lambda: model.load_weights(tmp_path / "m.h5"),
        "archive": lambda: load_model(tmp_path / "m.keras"),
        "directory": lambda: load_model(tmp_path / "m"),
        "model": lambda: load_model(tmp_path / "m.h5"),
        "shards": lambda: model.load_weights(tmp_path / "w.weights.json"),
    }[door]
    with pytest.raises(ModelFileError, match=r"link|another file|other files|claims|plugin"):
        load()


def test_no_part_of_hdf5_s_library_reads_files(repository):
    """It trusts what it reads: an address in a damaged file crashes the process."""
    readers = [path for path in (repository / "nyala").rglob("*.py")
               if "h5py.File(" in path.read_text() and path.name != "_h5_writer.py"]  # fmt: skip
    assert [path.name for path in readers] == []
