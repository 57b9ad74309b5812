"""The rows: what is measured, on which peers, and the bars that the project sets itself.

Nothing here imports a framework before a row is prepared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from benchmarks import augmentation, files, images, models, pipelines, texts
from benchmarks.peers import Framework
from benchmarks.timing import stopwatch

Measure = Callable[[], float]
Maker = Callable[[Framework, bool], Measure]

_KERAS = ("nyala", "keras-jax", "keras-tensorflow", "keras-torch")


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Attributes:
        name: as on the command line.
        title: as in the table.
        makers: for each peer what prepares the measurement in the peer's process.
        bars: for a peer, the most that nyala may take of its time.
        limit: the most milliseconds that nyala may take.
        script: for a row of fresh processes, the code to run (see `fresh.py`) in place of `makers`.
    """

    name: str
    title: str
    makers: dict[str, Maker] = field(default_factory=dict)
    bars: dict[str, float] = field(default_factory=dict)
    limit: float | None = None
    script: str | None = None


# -- data -----------------------------------------------------------------------------------------


def _images(rows: int, *shape: int, classes: int = 10) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    return generator.random((rows, *shape), "float32"), generator.integers(0, classes, rows)


def _words(rows: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    x = generator.integers(1, 20_000, (rows, length)).astype("int32")
    return x, generator.integers(0, 2, rows)


# -- training -------------------------------------------------------------------------------------


def _fit(build: Callable, loss: str, data: Callable, batch: int, steps: int, epochs: int) -> Maker:
    def maker(framework: Framework, tiny: bool) -> Measure:
        count = 2 if tiny else steps
        x, y = data(count * batch)
        model = build(framework.keras)
        model.compile("adam", loss, metrics=["accuracy"])

        def call():
            history = model.fit(x, y, batch_size=batch, epochs=epochs, verbose=0)
            return float(history.history["loss"][-1])

        return stopwatch(call, count * epochs, tiny)

    return maker


def _handwritten_fit(name: str, data: Callable, batch: int, steps: int, fused: bool) -> Maker:
    def maker(framework: Framework, tiny: bool) -> Measure:
        from benchmarks import handwritten

        count = 2 if tiny else steps
        x, y = data(count * batch)
        return stopwatch(handwritten.trainer(name, x, y, batch, fused), count, tiny)

    return maker


def _training_row(name: str, title: str, data: Callable, batch: int, steps: int, *,
                  epochs: int = 1, loss: str = "sparse_categorical_crossentropy",
                  fused: bool | None = None, bars: dict[str, float]) -> Row:  # fmt: skip
    makers = dict.fromkeys(_KERAS, _fit(getattr(models, name), loss, data, batch, steps, epochs))
    if fused is not None:
        makers["jax"] = _handwritten_fit(name, data, batch, steps, fused)
    return Row(name, f"{title}, batch {batch}: a step of `fit`", makers, bars)


def _gan(framework: Framework, tiny: bool) -> Measure:
    steps = 2 if tiny else 300
    x, _ = _images(steps * 64, 784)
    model = models.gan(framework.keras, framework.GradientTape)
    model.compile()

    def call():
        history = model.fit(x, batch_size=64, epochs=1, verbose=0).history
        return [float(values[-1]) for values in history.values()]

    return stopwatch(call, steps, tiny)


def _handwritten_gan(framework: Framework, tiny: bool) -> Measure:
    from benchmarks import handwritten

    steps = 2 if tiny else 300
    return stopwatch(handwritten.gan(_images(steps * 64, 784)[0], 64), steps, tiny)


# -- inference ------------------------------------------------------------------------------------


def _predict(framework: Framework, tiny: bool) -> Measure:
    model, (x, _) = models.mlp(framework.keras), _images(3, 784)
    return stopwatch(lambda: model.predict(x, verbose=0), 1, tiny)


def _call(framework: Framework, tiny: bool) -> Measure:
    keras = framework.keras
    model, (x, _) = models.mlp(keras), _images(3, 784)
    return stopwatch(lambda: keras.ops.convert_to_numpy(model(x)), 1, tiny)


def _handwritten_predict(framework: Framework, tiny: bool) -> Measure:
    from benchmarks import handwritten

    return stopwatch(handwritten.predictor(_images(3, 784)[0]), 1, tiny)


def _evaluate(framework: Framework, tiny: bool) -> Measure:
    model, (x, y) = models.mlp(framework.keras), _images(200 if tiny else 10_000, 784)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return stopwatch(lambda: model.evaluate(x, y, batch_size=128, verbose=0), 1, tiny)


def _handwritten_evaluate(framework: Framework, tiny: bool) -> Measure:
    from benchmarks import handwritten

    x, y = _images(200 if tiny else 10_000, 784)
    return stopwatch(handwritten.evaluator(x, y, 128), 1, tiny)


# -- own loops ------------------------------------------------------------------------------------


def _batches(count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    x, y = _images(count * 64, 784)
    return list(zip(np.split(x, count), np.split(y, count), strict=True))


def _loop(compiled: bool) -> Maker:
    """The loop of seed 001; `compiled` puts `@function` on its step."""

    def maker(framework: Framework, tiny: bool) -> Measure:
        keras, count = framework.keras, 2 if tiny else 100
        model = models.mlp(keras)
        optimizer = keras.optimizers.SGD(learning_rate=1e-3)
        loss_fn = keras.losses.SparseCategoricalCrossentropy()
        metric = keras.metrics.SparseCategoricalAccuracy()
        tensor = keras.ops.convert_to_tensor
        batches = [(tensor(x), tensor(y)) for x, y in _batches(count)]

        def step(x, y):
            with framework.GradientTape() as tape:
                predicted = model(x, training=True)
                loss = loss_fn(y, predicted)
            gradients = tape.gradient(loss, model.trainable_weights)
            optimizer.apply_gradients(zip(gradients, model.trainable_weights, strict=True))
            metric.update_state(y, predicted)
            return loss

        run_step = framework.function(step) if compiled else step

        def call():
            for x, y in batches:
                loss = run_step(x, y)
            result = float(loss), float(metric.result())
            metric.reset_state()
            return result

        return stopwatch(call, count, tiny)

    return maker


def _handwritten_loop(framework: Framework, tiny: bool) -> Measure:
    from benchmarks import handwritten

    count = 2 if tiny else 100
    return stopwatch(handwritten.loop(_batches(count)), count, tiny)


def _with(peers: tuple[str, ...], maker: Maker, handwritten: Maker) -> dict[str, Maker]:
    return dict.fromkeys(peers, maker) | {"jax": handwritten}


# -- fresh processes ------------------------------------------------------------------------------

_IMPORT = "import {module}"
_FIRST_EPOCH = """
import numpy as np
import {module} as keras
from {module} import layers

x, y = np.full((50_000, 784), 0.5, "float32"), np.arange(50_000) % 10
model = keras.Sequential([
    keras.Input((784,)),
    layers.Dense(64, activation="relu"),
    layers.Dense(64, activation="relu"),
    layers.Dense(10, activation="softmax"),
])
model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
print(model.fit(x, y, batch_size=64, epochs=1, verbose=0).history)
"""
_FIRST_STEP = """
import numpy as np
import {module} as keras
from benchmarks import models

x, y = np.full((16, 96, 96, 3), 0.5, "float32"), np.arange(16) % 10
model = models.resnet(keras)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
print(model.fit(x, y, batch_size=16, verbose=0).history)
"""

# -- the table ------------------------------------------------------------------------------------

ROWS: dict[str, Row] = {
    row.name: row
    for row in (
        _training_row("mlp", "MLP 784-64-64-10", lambda n: _images(n, 784), 64, 400,
                      fused=True, epochs=3, bars={"keras-jax": 1 / 1.3, "jax": 1.15}),
        _training_row("cnn", "CNN (2 convolutions, 28×28)", lambda n: _images(n, 28, 28, 1), 32,
                      30, fused=False, bars={"keras-jax": 1 / 2.2, "keras-tensorflow": 1 / 1.25}),
        _training_row("bilstm", "Embedding 20k×64, BiLSTM 64, length 200",
                      lambda n: _words(n, 200), 32, 8, loss="binary_crossentropy", fused=True,
                      bars={"keras-jax": 1.0}),
        _training_row("transformer", "Transformer block d 64, 4 heads, length 128",
                      lambda n: _images(n, 128, 64), 32, 16, fused=True,
                      bars={"keras-jax": 1 / 1.5}),
        _training_row("mobilenet", "MobileNetV2, 96×96", lambda n: _images(n, 96, 96, 3), 16, 3,
                      bars={"keras-jax": 1 / 3}),
        _training_row("resnet", "ResNet50, 96×96", lambda n: _images(n, 96, 96, 3), 16, 2,
                      bars={"keras-tensorflow": 1 / 1.15}),
        Row("predict", "`predict` of 3 rows, MLP", _with(_KERAS, _predict, _handwritten_predict),
            limit=0.15),
        Row("call", "`model(x)` of 3 rows to NumPy, MLP",
            _with(_KERAS, _call, _handwritten_predict), limit=0.2),
        Row("evaluate", "`evaluate` of 10,000 rows, batch 128, MLP",
            _with(_KERAS, _evaluate, _handwritten_evaluate), {"keras-jax": 1.0}),
        Row("loop", "own loop with `GradientTape` and a metric, MLP: a step",
            _with(("nyala", "keras-tensorflow"), _loop(False), _handwritten_loop), limit=0.8),
        Row("function", "the same with `@function` on the step",
            _with(("nyala", "keras-tensorflow"), _loop(True), _handwritten_loop), limit=0.3),
        Row("gan", "GAN, own `train_step` in `fit`, batch 64: a step",
            _with(("nyala", "keras-tensorflow"), _gan, _handwritten_gan), {"jax": 1.2}),
        Row("fed-arrays", "`fit` of the MLP, batch 64, on arrays: a step",
            dict.fromkeys(pipelines.PEERS, pipelines.fed_by_arrays)),
        Row("backed-up", "the same with `BackupAndRestore(save_freq=100)`",
            dict.fromkeys(("nyala", "keras-jax", "keras-tensorflow"), pipelines.backed_up)),
        Row("fed-slices", "on `from_tensor_slices(…).shuffle(n).batch(64)`",
            dict.fromkeys(pipelines.PEERS, pipelines.fed_by_slices)),
        Row("fed-map", "the same with a `map` before `batch`",
            dict.fromkeys(pipelines.PEERS, pipelines.fed_by_map)),
        Row("fed-batches", "the same on a `PyDataset`",
            dict.fromkeys(pipelines.PEERS, pipelines.fed_by_batches)),
        Row("map", "`map(f).batch(64)`, 1,000 rows of 784",
            dict.fromkeys(pipelines.PEERS, pipelines.mapped), {"keras-tensorflow": 1.0}),
        Row("map-python", "`map` of a NumPy function, 1,000 rows",
            dict.fromkeys(pipelines.PEERS, pipelines.mapped_in_python)),
        Row("csv", "CSV read, shuffled, batched: 1,000 rows × 20",
            dict.fromkeys(pipelines.PEERS, pipelines.table), {"keras-tensorflow": 0.5}),
        Row("records", "TFRecord read and parsed: 1,000 examples of 3 kB",
            dict.fromkeys(pipelines.PEERS, pipelines.records)),
        Row("text", "`TextVectorization` in a dataset, 1,000 documents of 200 words",
            dict.fromkeys(texts.PEERS, texts.mapped), {"keras-tensorflow": 1 / 1.5}),
        Row("text-call", "the same, `layer(texts)`", dict.fromkeys(texts.PEERS, texts.called),
            {"keras-tensorflow": 1 / 1.5}),
        Row("text-adapt", "`TextVectorization.adapt`, 4,000 documents",
            dict.fromkeys(texts.PEERS, texts.adapted), {"keras-tensorflow": 0.6}),
        Row("lookup", "`StringLookup`, 100,000 strings",
            dict.fromkeys(texts.PEERS, texts.looked_up)),
        Row("hashing", "`Hashing`, 100,000 strings", dict.fromkeys(texts.PEERS, texts.hashed)),
        Row("augment", "flip, rotation, zoom of a batch (64×180×180×3)",
            dict.fromkeys(augmentation.PEERS, augmentation.called), {"keras-jax": 0.5}),
        Row("augment-fit", "the same inside a model: a step of `fit`",
            dict.fromkeys(augmentation.PEERS, augmentation.fitted), {"keras-jax": 0.5}),
        Row("jpeg", "JPEG files 500×375 → 200×200, batch 32, shuffled: an image",
            dict.fromkeys(("nyala", "keras-tensorflow"), images.folder),
            {"keras-tensorflow": 1.0}),
        Row("save", "`save`, 579 MB with Adam's state", dict.fromkeys(files.PEERS, files.saved),
            dict.fromkeys(files.PEERS[1:], 0.8)),
        Row("load", "`load_model` of it", dict.fromkeys(files.PEERS, files.loaded),
            dict.fromkeys(files.PEERS[1:], 0.5)),
        Row("import", "import, fresh process", script=_IMPORT, limit=150),
        Row("start", "start of a script to the end of its first epoch, MLP",
            script=_FIRST_EPOCH, bars={"keras-jax": 0.7}),
        Row("start-again", "the same once more: nyala's programs are on disk",
            script=_FIRST_EPOCH, bars={"keras-jax": 0.7}),
        Row("resnet-start", "start of a script to the end of ResNet50's first step: compiling",
            script=_FIRST_STEP, bars={"keras-jax": 1.0}),
    )
}  # fmt: skip
