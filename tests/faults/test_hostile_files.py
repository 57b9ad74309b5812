"""Model files that try to do more than be a model. Each payload is harmless: a marker file."""

from __future__ import annotations

import base64
import io
import json
import marshal
import struct
import zipfile

import h5py
import numpy as np
import pytest

import nyala
from nyala.saving import ModelFileError, deserialize_keras_object, load_model


@pytest.fixture
def marker(tmp_path):
    """A path that must not exist when the test ends."""
    path = tmp_path / "it-ran"
    yield path
    assert not path.exists()


@pytest.fixture
def model():
    return nyala.Sequential([nyala.Input((2,)), nyala.layers.Dense(2, name="d")])


def archive(path, config, weights=None, extra=()):
    """Write a `.keras` archive with any members."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("metadata.json", "{}")
        file.writestr("config.json", config if isinstance(config, str) else json.dumps(config))
        if weights is not None:
            file.writestr("model.weights.h5", weights)
        for name, data in extra:
            file.writestr(name, data)
    return path


def h5_bytes(fill):
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        fill(file)
    return buffer.getvalue()


def sequential_with(layer):
    input_layer = {"module": "keras.layers", "class_name": "InputLayer",
                   "config": {"batch_shape": [None, 2]}, "registered_name": None}  # fmt: skip
    return {"module": "keras", "class_name": "Sequential", "registered_name": None,
            "config": {"name": "s", "layers": [input_layer, layer]}}  # fmt: skip


def lambda_layer(marker):
    code = compile(
        f"lambda x: [x, open({str(marker)!r}, 'w').close()][0]", "<lambda>", "eval"
    ).co_consts[0]
    written = {
        "class_name": "__lambda__",
        "config": {
            "code": base64.b64encode(marshal.dumps(code)).decode(),
            "defaults": None,
            "closure": None,
        },
    }
    return {"module": "keras.layers", "class_name": "Lambda", "registered_name": None,
            "config": {"name": "l", "function": written}}  # fmt: skip


# -- code in configs -------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", ["keras", "h5", "folder", "json", "deserialize", "from_config"])
def test_bytecode_is_not_run(marker, tmp_path, entry):
    """CVE-2024-3660, CVE-2025-9905: Lambda, also in h5 files."""
    config = sequential_with(lambda_layer(marker))
    text = json.dumps(config)
    archive(tmp_path / "m.keras", text)
    (tmp_path / "m.h5").write_bytes(h5_bytes(lambda f: f.attrs.update(model_config=text)))
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "config.json").write_text(text)
    enter = {
        "keras": lambda: load_model(tmp_path / "m.keras"),
        "h5": lambda: load_model(tmp_path / "m.h5"),
        "folder": lambda: load_model(tmp_path / "folder"),
        "json": lambda: nyala.models.model_from_json(text),
        "deserialize": lambda: deserialize_keras_object(config),
        "from_config": lambda: nyala.Sequential.from_config(config["config"]),
    }[entry]
    with pytest.raises(ValueError, match=r"bytecode.*safe_mode=False"):
        enter()


def test_the_caller_alone_opens_the_door(tmp_path):
    config = sequential_with(lambda_layer(tmp_path / "it-ran"))
    deserialize_keras_object(config, safe_mode=False)
    assert (tmp_path / "it-ran").exists()
    with pytest.raises(ValueError, match="bytecode"):  # the door is closed again
        deserialize_keras_object(config)


@pytest.mark.parametrize("place", ["layer", "config", "model"])
def test_a_config_cannot_switch_safety_off(marker, place):
    """CVE-2025-9906: settings that stand in the file itself."""
    layer = lambda_layer(marker)
    config = sequential_with(layer)
    {"layer": layer, "config": layer["config"], "model": config}[place]["safe_mode"] = False
    with pytest.raises((TypeError, ValueError)):
        deserialize_keras_object(config)
    switch = {"module": "keras.config", "class_name": "function",
              "config": "enable_unsafe_deserialization", "registered_name": None}  # fmt: skip
    with pytest.raises(TypeError, match="Unknown function"):
        deserialize_keras_object(switch)
    with pytest.raises(ValueError, match="bytecode"):
        deserialize_keras_object(sequential_with(lambda_layer(marker)))


@pytest.mark.parametrize(
    ("module", "name", "config"),
    [
        ("os", "system", {"command": "true"}),
        ("builtins", "exec", {}),
        ("subprocess", "Popen", {"args": ["true"]}),
        ("keras.utils", "get_file", {"fname": "x", "origin": "http://127.0.0.1:9"}),
        ("keras.src.utils.file_utils", "get_file", {}),
        ("antigravity", "anything", {}),
    ],
)
def test_names_are_looked_up_and_never_imported(marker, module, name, config):
    """CVE-2025-1550, CVE-2025-8747: modules and functions named by a config."""
    import sys

    for entry in (
        {"module": module, "class_name": name, "config": config, "registered_name": None},
        {"module": module, "class_name": "function", "config": name, "registered_name": name},
    ):
        with pytest.raises(TypeError, match="Unknown"):
            deserialize_keras_object(entry)
        with pytest.raises(TypeError, match="Unknown"):
            deserialize_keras_object(sequential_with(entry))
    assert "antigravity" not in sys.modules


# -- HDF5 ------------------------------------------------------------------------------------------


def external_link(file, secret):
    file.create_group("layers/d")["vars"] = h5py.ExternalLink(str(secret), "/layers/d/vars")


def soft_link(file, secret):
    file.create_group("layers/d")["vars"] = h5py.SoftLink("/elsewhere")


def external_storage(file, secret):
    group = file.create_group("layers/d/vars")
    group.create_dataset("0", (2, 2), "f4", external=[(str(secret), 0, 16)])
    group["1"] = np.zeros(2, "f4")


def virtual(file, secret):
    layout = h5py.VirtualLayout((2, 2), "f4")
    layout[:] = h5py.VirtualSource(str(secret), "layers/d/vars/0", (2, 2))
    file.create_group("layers/d/vars").create_virtual_dataset("0", layout)


def bomb(file, secret):
    group = file.create_group("layers/d/vars")
    group.create_dataset("0", (1 << 20, 1 << 20), "f4", chunks=(1, 1 << 10), compression="gzip")


def unwritten(file, secret):
    file.create_group("layers/d/vars").create_dataset("0", (1 << 20, 1 << 10), "f4")


def cycle(file, secret):
    group = file.create_group("layers/d")
    group["d"] = group


@pytest.mark.parametrize(
    ("attack", "reason"),
    [(external_link, "link to another file"), (soft_link, "symbolic link"),
     (external_storage, "another file"), (virtual, "other files"), (bomb, "claims"),
     (unwritten, "claims"), (cycle, "two names")],
    ids=lambda value: getattr(value, "__name__", None),
)  # fmt: skip
@pytest.mark.parametrize("entry", ["load_weights", "keras", "legacy"])
def test_h5_reads_only_itself(model, tmp_path, attack, reason, entry):
    """CVE-2026-1462, CVE-2026-1669, CVE-2026-0897: links, external data, sizes without data."""
    secret = tmp_path / "secret.h5"
    model.save_weights(tmp_path / "secret.weights.h5")
    (tmp_path / "secret.weights.h5").rename(secret)

    def fill(file):
        if entry == "legacy":
            file.attrs["layer_names"] = [b"d"]
            file.create_group("d").attrs["weight_names"] = [b"0"]
        attack(file, secret)

    data = h5_bytes(fill)
    before = model.get_weights()
    (tmp_path / "w.weights.h5").write_bytes(data)
    archive(tmp_path / "m.keras", model.to_json(), data)
    load = load_model if entry == "keras" else model.load_weights
    with pytest.raises(ModelFileError, match=reason):
        load(tmp_path / ("m.keras" if entry == "keras" else "w.weights.h5"))
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


# -- archives --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["../it-ran", "/tmp/it-ran", "assets/../../it-ran", "..\\it-ran",
                                  "C:/it-ran"])  # fmt: skip
def test_members_stay_inside(marker, model, tmp_path, name):
    """CVE-2025-12060, CVE-2025-12638 for zip archives: names that lead out."""
    path = archive(tmp_path / "m.keras", model.to_json(), b"", [(name, "x")])
    with pytest.raises(ModelFileError, match="leads out"):
        load_model(path)


def test_a_packed_bomb_is_refused(model, tmp_path):
    path = tmp_path / "m.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("config.json", model.to_json())
        with file.open("model.weights.h5", "w") as member:
            for _ in range(80):
                member.write(bytes(1 << 20))
    with pytest.raises(ModelFileError, match=r"expansion"):
        load_model(path)


def test_a_link_in_a_directory_is_refused(model, tmp_path):
    model.save(tmp_path / "m")
    (tmp_path / "m" / "config.json").rename(tmp_path / "outside.json")
    (tmp_path / "m" / "config.json").symlink_to(tmp_path / "outside.json")
    with pytest.raises(ModelFileError, match="leads out"):
        load_model(tmp_path / "m")


@pytest.mark.parametrize("text", ["[" * 100_000, "[" * 500 + "]" * 500, '{"class_name": ', "", "7"])
def test_broken_and_deep_json(tmp_path, text):
    with pytest.raises(ModelFileError, match=r"config\.json"):
        load_model(archive(tmp_path / "m.keras", text))


def test_a_damaged_byte_is_noticed(model, tmp_path):
    path = tmp_path / "m.keras"
    model.save(path)
    data = bytearray(path.read_bytes())
    place = data.rindex(struct.pack("<f", float(model.get_weights()[0][0, 0])))
    data[place] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelFileError, match="checksum"):
        load_model(path)


@pytest.mark.parametrize("name", ["m.keras", "m.h5"])
def test_damaged_files_raise_one_error(model, tmp_path, name):
    """Bytes changed or cut at random: the file loads, or the error says it is damaged."""
    path = tmp_path / name
    model.save(path)
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(60):
        data = bytearray(whole[: rng.integers(1, len(whole))] if rng.random() < 0.3 else whole)
        for place in rng.integers(0, len(data), rng.integers(1, 9)):
            data[place] = rng.integers(0, 256)
        path.write_bytes(data)
        try:
            load_model(path)
        except ModelFileError as error:
            assert str(error)  # noqa: PT017
