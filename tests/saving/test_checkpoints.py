"""Generations, the store of them, and `Checkpoint` with its manager in loops of one's own."""

from __future__ import annotations

import errno
import hashlib
import itertools
import json
import os
import threading
import time

import ml_dtypes
import numpy as np
import pytest

import nyala
from nyala import tf
from nyala.data import Dataset
from nyala.saving import Checkpoint, CheckpointManager, ModelFileError, latest_checkpoint
from nyala.saving.checkpoints import (
    BackgroundWriter,
    CheckpointStore,
    read_generation,
    write_generation,
)

ARRAYS = {
    "floats": np.arange(6, dtype="float32").reshape(2, 3),
    "scalar": np.array(7, "int64"),
    "empty": np.zeros((0, 4), "float16"),
    "bfloat16": np.array([1.5, -2.0], ml_dtypes.bfloat16),
    "flags": np.array([True, False]),
    "keys": np.array([1, 2], "uint32"),
    "transposed": np.arange(6.0).reshape(2, 3).T,
}


def test_what_was_written_is_read(tmp_path):
    state = {"epoch": 3, "values": [1.5, float("inf"), None], "name": "ä", "big": 2**100}
    write_generation(tmp_path / "one", state, {**ARRAYS, "words": np.array(["a", "bc"], object)})
    found = read_generation(tmp_path / "one")
    assert found.state == state
    assert found.arrays["words"].tolist() == ["a", "bc"]
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found.arrays[name], array)
        assert (found.arrays[name].dtype, found.arrays[name].shape) == (array.dtype, array.shape)


def damage(path, place):
    """Change one bit of a file."""
    data = bytearray(path.read_bytes())
    data[place] ^= 4
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("arrays.bin", lambda path: damage(path, 5), "'floats' .* checksum"),
        ("arrays.bin", lambda path: os.truncate(path, 10), "10 bytes in place of"),
        ("manifest.json", lambda path: os.truncate(path, 50), "not JSON"),
        ("manifest.json", lambda path: damage(path, -3), "checksum|not JSON"),
        ("manifest.json", lambda path: path.write_text("{}"), "not that of a checkpoint"),
        ("arrays.bin", lambda path: path.unlink(), None),
    ],
)
def test_damage_is_found_and_the_generation_before_is_used(tmp_path, name, change, message):
    store = CheckpointStore(tmp_path)
    for number in (1, 2):
        path = store.save({"number": number}, ARRAYS)
    change(path / name)
    with pytest.raises((ModelFileError, OSError), match=message):
        read_generation(path)
    with pytest.warns(UserWarning, match=r"ckpt-1, the newest before that is whole, is used"):
        assert CheckpointStore(tmp_path).latest().state == {"number": 1}
    store = CheckpointStore(tmp_path)
    with pytest.warns(UserWarning, match="damaged"):
        store.latest()
    store.save({"number": 3}, ARRAYS)  # the damaged one goes, the whole one stays
    assert store.numbers() == [1, 3]
    for number in (1, 3):
        (tmp_path / f"ckpt-{number}" / "arrays.bin").unlink()
    with (
        pytest.raises(ModelFileError, match="None of the checkpoints"),
        pytest.warns(UserWarning, match="none that is whole"),
    ):
        CheckpointStore(tmp_path).latest()


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "string"},
        {"dtype": "nonsense"},
        {"dtype": "O"},
        {"shape": [10**12]},
        {"shape": [-2, -3]},
        {"shape": "23"},
        {"bytes": 10**12},
        {"crc32": None},
        {"name": 3},
    ],
)
def test_a_manifest_of_a_stranger(tmp_path, entry):
    write_generation(tmp_path / "c", {}, {"floats": ARRAYS["floats"]})
    path = tmp_path / "c" / "manifest.json"
    body = json.loads(path.read_text())["body"]
    body["arrays"][0].update(entry)
    sum_of_all = hashlib.sha256(json.dumps(body).encode()).hexdigest()
    path.write_text(json.dumps({"sha256": sum_of_all, "body": body}))
    with pytest.raises(ModelFileError):
        read_generation(tmp_path / "c")


def test_no_link_is_followed(tmp_path):
    write_generation(tmp_path / "c", {}, ARRAYS)
    (tmp_path / "c" / "arrays.bin").rename(tmp_path / "elsewhere")
    (tmp_path / "c" / "arrays.bin").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ModelFileError, match="link"):
        read_generation(tmp_path / "c")


def test_a_full_disk_keeps_what_is_there_and_is_told_to_whoever_saves_next(tmp_path, monkeypatch):
    resource = pytest.importorskip("resource")
    store, writer = CheckpointStore(tmp_path), BackgroundWriter()
    store.save({"number": 1}, ARRAYS)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 14, limits[1]))
    try:
        writer.submit(lambda: store.save({"number": 2}, {"large": np.zeros(1 << 14)}))
        with pytest.raises(OSError, match=r"ckpt-2 \(.* MB free there\)") as caught:
            writer.wait()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.errno == errno.EFBIG
    assert os.listdir(tmp_path) == ["ckpt-1"]
    assert store.latest().state == {"number": 1}
    writer.wait()  # it was told once


def test_a_slow_disk_writes_the_newest_only():
    writer, written, gate = BackgroundWriter(), [], threading.Event()
    writer.submit(lambda: (gate.wait(10), written.append(0)))
    while writer._next is not None:  # the first is being written
        pass
    for number in (1, 2, 3):
        writer.submit(lambda number=number: written.append(number))
    gate.set()
    writer.wait()
    assert written == [0, 3]


def test_writes_rest_unless_somebody_waits(monkeypatch):
    monkeypatch.setattr(BackgroundWriter, "longest_rest", 60.0)
    writer, written = BackgroundWriter(), []
    for number in range(3):
        writer.submit(lambda number=number: (time.sleep(0.01), written.append(number)))
        writer.wait()
    writer.submit(lambda: written.append(3))
    writer.submit(lambda: written.append(4))
    time.sleep(0.05)
    assert written == [0, 1, 2]
    writer.wait()
    assert written == [0, 1, 2, 4]


# -- Checkpoint ---------------------------------------------------------------------------------


class Net(nyala.Model):
    def __init__(self):
        super().__init__()
        self.hidden = nyala.layers.Dense(4, activation="tanh")
        self.drop = nyala.layers.Dropout(0.2)
        self.out = nyala.layers.Dense(1)

    def call(self, x, training=None):
        return self.out(self.drop(self.hidden(x), training=training))


RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(40, 3)).astype("float32")


class Loop:
    """A training loop of one's own, with everything that it holds in a checkpoint."""

    def __init__(self, folder):
        nyala.utils.set_random_seed(0)
        self.net = Net()
        self.optimizer = nyala.optimizers.Adam(0.05)
        self.mean = nyala.metrics.Mean()
        rows = Dataset.from_tensor_slices((X, X.sum(1, keepdims=True)))
        self.iterator = iter(rows.shuffle(20).batch(8).repeat())
        self.checkpoint = tf.train.Checkpoint(
            step=tf.Variable(0), net=self.net, optimizer=self.optimizer, iterator=self.iterator,
            metrics=[self.mean],
        )  # fmt: skip
        self.manager = tf.train.CheckpointManager(self.checkpoint, folder, max_to_keep=3)
        self.status = self.checkpoint.restore(self.manager.latest_checkpoint)

    def run(self, steps):
        while int(self.checkpoint.step) < steps:
            x, y = next(self.iterator)
            with tf.GradientTape() as tape:
                noise = tf.random.normal((8, 1), stddev=0.01)
                loss = tf.reduce_mean((self.net(x, training=True) - y + noise) ** 2)
            gradients = tape.gradient(loss, self.net.trainable_variables)
            self.optimizer.apply_gradients(
                zip(gradients, self.net.trainable_variables, strict=True)
            )
            self.mean.update_state(loss)
            self.checkpoint.step.assign_add(1)
            self.manager.save()
        return [*self.net.get_weights(), *self.optimizer.get_weights(), float(self.mean.result())]


def test_a_loop_goes_on_exactly(tmp_path):
    expected = Loop(tmp_path / "whole").run(9)
    Loop(tmp_path / "cut").run(3)
    again = Loop(tmp_path / "cut")  # nothing is built: values wait for their variables
    assert int(again.checkpoint.step) == 3
    with pytest.raises(AssertionError, match="net/hidden"):
        again.status.assert_consumed()
    again.status.assert_existing_objects_matched().assert_nontrivial_match().expect_partial()
    again.run(4)
    again.status.assert_consumed()
    assert "build" not in vars(again.net.hidden)
    found = Loop(tmp_path / "cut").run(9)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)
    names = [os.path.basename(path) for path in again.manager.checkpoints]
    assert names == ["ckpt-7", "ckpt-8", "ckpt-9"]


def test_names_and_numbers(tmp_path):
    step = nyala.Variable(3, name="step")
    checkpoint = Checkpoint(step=step)
    assert latest_checkpoint(tmp_path) is None
    assert checkpoint.save(tmp_path / "a" / "ckpt") == str(tmp_path / "a" / "ckpt-1")
    step.assign(4)
    path = checkpoint.save(tmp_path / "a" / "ckpt")
    assert tf.train.latest_checkpoint(tmp_path / "a") == path == str(tmp_path / "a" / "ckpt-2")
    step.assign(0)
    checkpoint.restore(tmp_path / "a" / "ckpt-1")
    assert (int(step), int(checkpoint.save_counter)) == (3, 1)
    assert checkpoint.write(tmp_path / "plain") == str(tmp_path / "plain")
    step.assign(0)
    checkpoint.read(tmp_path / "plain").assert_consumed()
    assert int(step) == 3
    checkpoint.restore(None)
    with pytest.raises(AssertionError, match="None"):
        checkpoint.restore(None).assert_consumed()
    with pytest.raises(FileNotFoundError):
        checkpoint.restore(tmp_path / "missing")


def test_what_does_not_match_is_told(tmp_path):
    a, b = nyala.Variable([1.0, 2.0]), nyala.Variable(1.0)
    path = Checkpoint(a=a, b=b).write(tmp_path / "c")
    with pytest.raises(AssertionError, match="b"):
        Checkpoint(a=a).restore(path).assert_consumed()
    with pytest.raises(AssertionError, match="no value for other"):
        Checkpoint(a=a, b=b, other=nyala.Variable(0)).restore(path).assert_consumed()
    with pytest.raises(ModelFileError, match=r"shape \(3,\).*saved is shape \(2,\)"):
        Checkpoint(a=nyala.Variable([0.0, 0.0, 0.0])).restore(path)
    with pytest.raises(TypeError, match=r"x is 3.*Variable"):
        Checkpoint(x=3)


def test_structures_roots_and_shared_objects(tmp_path):
    shared = nyala.Variable(1.0)
    layers = {"one": nyala.layers.Dense(2), "two": [shared, nyala.random.SeedGenerator(4)]}
    layers["one"].build((None, 3))
    inner = Checkpoint(again=shared)
    checkpoint = Checkpoint(layers, inner=inner, seeds=nyala.random.SeedGenerator(5))
    path = checkpoint.write(tmp_path / "c")
    before = layers["one"].get_weights()[0]
    shared.assign(9.0)
    layers["one"].kernel.assign(np.zeros((3, 2)))
    checkpoint.restore(path).assert_consumed()
    assert float(shared) == 1.0
    np.testing.assert_array_equal(layers["one"].get_weights()[0], before)


def test_some_stay_by_the_hours(tmp_path, monkeypatch):
    clock = itertools.count(0, 1800)
    monkeypatch.setattr("time.time", lambda: float(next(clock)))
    step = nyala.Variable(0)
    make = lambda: CheckpointManager(  # noqa: E731
        Checkpoint(step=step), tmp_path, 2, keep_checkpoint_every_n_hours=1
    )
    manager = make()
    for _ in range(4):
        manager.save()
    manager = make()
    manager.restore_or_initialize()
    for _ in range(3):
        manager.save()
    names = [os.path.basename(path) for path in manager.checkpoints]
    assert names == ["ckpt-6", "ckpt-7"]
    assert sorted(os.listdir(tmp_path)) == ["ckpt-1", "ckpt-3", "ckpt-5", "ckpt-6", "ckpt-7"]


def test_intervals_and_first_values(tmp_path):
    step, begun = nyala.Variable(0), []
    manager = CheckpointManager(
        Checkpoint(step=step), tmp_path, None, step_counter=step, checkpoint_interval=10,
        init_fn=lambda: begun.append(1),
    )  # fmt: skip
    assert manager.restore_or_initialize() is None
    assert begun == [1]
    saved = []
    for value in range(0, 25, 5):
        step.assign(value)
        saved.append(manager.save() is not None)
    assert saved == [True, False, True, False, True]
    assert manager.save(checkpoint_number=99, check_interval=False).endswith("ckpt-99")
    with pytest.raises(ValueError, match="step_counter"):
        CheckpointManager(Checkpoint(step=step), tmp_path, None, checkpoint_interval=3)
    with pytest.raises(ValueError, match="max_to_keep"):
        CheckpointManager(Checkpoint(step=step), tmp_path, 0)


def test_weights_under_tensorflows_names_are_the_latest(tmp_path):
    model = nyala.Sequential([nyala.Input((2,)), nyala.layers.Dense(1)])
    for epoch in (1, 2):
        model.save_weights(tmp_path / f"cp-{epoch:04d}.ckpt")
    latest = tf.train.latest_checkpoint(tmp_path)
    assert latest == str(tmp_path / "cp-0002.ckpt")
    model.load_weights(latest)


def test_the_newest_is_damaged(tmp_path):
    step = nyala.Variable(0)
    manager = CheckpointManager(Checkpoint(step=step), tmp_path, 5)
    for _ in range(2):
        path = manager.save()
    os.truncate(os.path.join(path, "arrays.bin"), 1)
    with pytest.warns(UserWarning, match="damaged"):
        assert latest_checkpoint(tmp_path).endswith("ckpt-1")
    manager = CheckpointManager(Checkpoint(step=step), tmp_path, 5)
    with pytest.warns(UserWarning, match="damaged"):
        assert manager.latest_checkpoint.endswith("ckpt-1")
