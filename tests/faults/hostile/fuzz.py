"""Loads damaged model files, one after another, in a process of its own.

    python fuzz.py COUNT SEED

Every file is a small valid one that was changed: bytes anywhere, values of its configs, or its
HDF5 part with the checksums put right again. It prints one line of JSON at the end; anything else
than a model or nyala's own error, too much time or memory, or a touch outside the working directory
ends the process with a traceback, and the file stays there as `guilty`.
"""

from __future__ import annotations

import copy
import faulthandler
import io
import json
import os
import random
import resource
import sys
import tempfile
import time
import warnings
import zipfile
from pathlib import Path

SECONDS, MEGABYTES = 2.0, 512
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
# What a loader has no reason to do, and what it may do in the working directory alone.
FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn",
             "ctypes.dlopen", "pickle.find_class")  # fmt: skip
INSIDE = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.symlink", "os.link",
          "os.truncate", "shutil.")  # fmt: skip
EXTREME = [0, -1, 1, 2**31 - 1, 2**63, 1e308, float("nan"), None, True, "", "x", "../../etc/passwd",
           "os.system", [], {}, [None] * 3, {"class_name": "Lambda", "config": {}}, [[]] * 9,
           {"class_name": "__lambda__", "config": {"code": "x"}}, "Dense", 1e9, 10**9, -(10**9),
           {"class_name": "function", "config": "system", "module": "os"}]  # fmt: skip


def models(nyala):
    """Return small models of many kinds."""
    layers = nyala.layers
    dense = nyala.Sequential([nyala.Input((3,)), layers.Dense(2, "relu"), layers.Dropout(0.5)])
    dense.compile("adam", "mse", metrics=["mae"])
    x = nyala.Input((4,), dtype="int32")
    y = layers.LSTM(2)(layers.Embedding(5, 2)(x))
    recurrent = nyala.Model(x, layers.Dense(1)(y))
    recurrent.compile("sgd", "mse")
    a, b = nyala.Input((4, 4, 2)), nyala.Input((2,))
    y = layers.Flatten()(layers.BatchNormalization()(layers.DepthwiseConv2D(3)(a)))
    images = nyala.Model([a, b], nyala.ops.concatenate([y, layers.Dense(2)(b) * 2], axis=-1))
    vectorize = layers.TextVectorization(max_tokens=9, output_sequence_length=3)
    vectorize.adapt(["a b c", "b c"])
    text = nyala.Sequential([nyala.Input((1,), dtype="string"), vectorize, layers.Embedding(9, 2)])
    return {"dense": dense, "recurrent": recurrent, "images": images, "text": text}


def samples(nyala, folder):
    """Return valid files as `(kind of file, name, bytes)`."""
    found = []
    for name, model in models(nyala).items():
        for suffix in (".keras", ".h5", ".weights.h5"):
            path = folder / (name + suffix)
            if suffix == ".weights.h5":
                model.save_weights(path)
            else:
                model.save(path)
            found.append((suffix, name, path.read_bytes()))
        found.append((".json", name, model.to_json().encode()))
    return found


class Mutator:
    """Changes files at random."""

    def __init__(self, rng, others):
        self.rng, self.others = rng, others

    def __call__(self, suffix, data):
        kind = self.rng.random()
        if suffix == ".keras" and kind < 0.75:
            return self.archive(data, in_config=kind < 0.45)
        if suffix == ".json" and kind < 0.8:
            return json.dumps(self.config(json.loads(data))).encode()
        if suffix == ".h5" and kind < 0.4:
            return self.config_in_hdf5(data)
        return self.bytes(data)

    def bytes(self, data):
        data = bytearray(data)
        for _ in range(self.rng.randrange(1, 5)):
            self.one_change(data)
        return bytes(data)

    def one_change(self, data):
        rng = self.rng
        place = rng.randrange(0, max(1, len(data)))
        kind = rng.randrange(0, 7)
        if kind == 0:
            del data[place:]
        elif kind == 1:
            data[place : place + 1] = bytes([rng.randrange(0, 256)])
        elif kind == 2:
            place -= place % 8
            value = rng.choice([0, 1, 8, 96, len(data), 2**31, 2**40, 2**63, 2**64 - 1])
            data[place : place + 8] = value.to_bytes(8, "little")
        elif kind == 3:
            value = rng.choice([0, 1, 255, 65535, 2**32 - 1])
            data[place : place + 4] = value.to_bytes(4, "little")
        elif kind == 4:
            length, target = rng.randrange(1, 200), rng.randrange(0, len(data) + 1)
            data[target:target] = data[place : place + length]
        elif kind == 5:
            other = rng.choice(self.others)[2]
            start = rng.randrange(0, len(other))
            data[place : place + 100] = other[start : start + 100]
        else:
            data[place : place + rng.randrange(1, 60)] = b""

    def archive(self, data, in_config):
        """Change a member and put its checksum right, so that more than checksums is tried."""
        target = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
            for name in old.namelist():
                content = old.read(name)
                if name == "config.json" and in_config:
                    content = json.dumps(self.config(json.loads(content))).encode()
                elif name != "config.json" and not in_config:
                    content = self.bytes(content)
                new.writestr(name, content)
        return target.getvalue()

    def config_in_hdf5(self, data):
        """Change the config, whose text may be shorter than before but not longer."""
        start = data.find(b'{"module"')
        text = data[start:].decode("latin-1")
        config, length = json.JSONDecoder().raw_decode(text)
        changed = json.dumps(self.config(config)).encode()
        return data[:start] + changed.ljust(length)[:length] + data[start + length :]

    def config(self, config):
        config = copy.deepcopy(config)
        for _ in range(self.rng.randrange(1, 4)):
            places = list(_places(config))
            container, key = self.rng.choice(places)
            kind = self.rng.random()
            if kind < 0.6:
                container[key] = copy.deepcopy(self.rng.choice(EXTREME))
            elif kind < 0.75:
                del container[key]
            elif kind < 0.9:
                other, other_key = self.rng.choice(places)
                container[key] = copy.deepcopy(other[other_key])
            elif isinstance(container, dict):
                container[str(self.rng.randrange(0, 99))] = copy.deepcopy(container.get(key))
            if not isinstance(config, dict) or not config:
                break
        return config


def _places(value):
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in list(items):
        yield value, key
        if isinstance(item, (dict, list)):
            yield from _places(item)


def watch(folder):
    """Let nothing be written outside `folder`, started or sent."""
    tempfile.tempdir = str(folder)

    def hook(event, arguments):
        if not watching[0]:
            return
        flags = arguments[2] if event == "open" else 0
        changes = event.startswith(INSIDE) or (isinstance(flags, int) and flags & WRITING)
        if changes and not os.path.realpath(arguments[0]).startswith(str(folder)):
            raise SystemExit(f"{event} outside: {arguments!r:.200}")
        if event.startswith(FORBIDDEN):
            raise SystemExit(f"does {event} {arguments!r:.200}")

    watching = [False]
    sys.addaudithook(hook)
    return watching


def main(count, seed):
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import nyala
    from nyala.saving import ModelFileError

    nyala.saving.limits.new_weights_bytes = 1 << 26
    folder = Path.cwd()
    rng = random.Random(seed)
    valid = samples(nyala, folder)
    mutate = Mutator(rng, valid)
    own = models(nyala)
    for suffix, name, data in valid:  # everything is imported before anything is watched
        attempt(nyala, folder, suffix, own[name], data)
    watching = watch(folder)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    loaded, slowest = 0, 0.0
    for _ in range(count):
        suffix, name, data = rng.choice(valid)
        data = mutate(suffix, data)
        watching[0], start = True, time.process_time()
        try:
            attempt(nyala, folder, suffix, own[name], data)
            loaded += 1
        except ModelFileError as error:
            assert str(error)  # noqa: PT017
        watching[0] = False
        took = time.process_time() - start
        slowest = max(slowest, took)
        assert took < SECONDS, f"{took:.1f} s of processor time for a {suffix} file"
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        assert grown < MEGABYTES, f"{grown:.0f} MB for a {suffix} file"
    print(json.dumps({"files": count, "loaded": loaded, "slowest": round(slowest, 2),
                      "megabytes": round(grown)}))  # fmt: skip


def attempt(nyala, folder, suffix, model, data):
    (folder / "guilty").with_suffix(suffix).write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if suffix == ".json":
            nyala.models.model_from_json(data)
        elif suffix == ".weights.h5":
            model.load_weights(folder / "guilty.weights.h5")
        else:
            nyala.models.load_model(folder / f"guilty{suffix}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
