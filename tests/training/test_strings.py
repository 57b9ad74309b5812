"""Models that take strings: fit, evaluate, predict, one batch, uncompiled, custom steps."""

from __future__ import annotations

import numpy as np
import pytest

import nyala
from nyala import layers
from nyala.eager import count_traces

TEXTS = np.array([["This is the 1st sample."], ["And here's the 2nd sample."]])
LABELS = np.array([[0.0], [1.0]], "float32")


@pytest.fixture
def vectorizer():
    layer = layers.TextVectorization(output_mode="int", output_sequence_length=6)
    layer.adapt(TEXTS)
    return layer


def head():
    return [layers.Embedding(10, 4), layers.GlobalAveragePooling1D(), layers.Dense(1)]


def text_model(vectorizer, **compiled):
    nyala.utils.set_random_seed(3)
    inputs = nyala.Input((1,), dtype="string")
    x = vectorizer(inputs)
    for layer in head():
        x = layer(x)
    model = nyala.Model(inputs, x)
    model.compile("adam", "mse", **compiled)
    return model


def test_seed_document_models(vectorizer):
    """The end of the chapter on preprocessing: vectorizer outside, inside, and put in front."""
    indices = vectorizer(TEXTS)
    inputs = nyala.Input((None,), dtype="int64")
    outputs = layers.Dense(1)(layers.Embedding(10, 32)(inputs))
    trained = nyala.Model(inputs, outputs)
    trained.compile("adam", "mse", run_eagerly=True)
    trained.fit(indices, LABELS, verbose=0)
    raw = nyala.Input((1,), dtype="string")
    end_to_end = nyala.Model(raw, trained(vectorizer(raw)))
    expected = trained(indices).numpy()
    np.testing.assert_allclose(end_to_end(TEXTS).numpy(), expected, atol=1e-6)
    np.testing.assert_allclose(end_to_end.predict(TEXTS, verbose=0), expected, atol=1e-6)


def test_training_on_strings_is_training_on_their_indices(vectorizer):
    model = text_model(vectorizer)
    nyala.utils.set_random_seed(3)
    numeric = nyala.Sequential([nyala.Input((6,), dtype="int32"), *head()])
    numeric.compile("adam", "mse")
    numeric.set_weights(model.get_weights())
    given = {"batch_size": 1, "epochs": 2, "verbose": 0, "shuffle": False}
    logs = model.fit(TEXTS, LABELS, **given).history
    expected = numeric.fit(vectorizer(TEXTS).numpy(), LABELS, **given).history
    np.testing.assert_allclose(logs["loss"], expected["loss"], rtol=1e-5)
    for own, other in zip(model.get_weights(), numeric.get_weights(), strict=True):
        np.testing.assert_allclose(own, other, atol=1e-6)


def test_steps_are_compiled_once(vectorizer):
    model = text_model(vectorizer)
    with count_traces() as traces:
        model.fit(
            np.repeat(TEXTS, 8, 0), np.repeat(LABELS, 8, 0), batch_size=4, epochs=3, verbose=0
        )
    # Once to find the state that the step touches, at most, and once for good.
    assert 1 <= traces() <= 2


def test_eager_steps_agree_with_compiled_ones(vectorizer):
    compiled, eager = text_model(vectorizer), text_model(vectorizer, run_eagerly=True)
    eager.set_weights(compiled.get_weights())
    losses = [m.fit(TEXTS, LABELS, epochs=2, verbose=0).history["loss"] for m in (compiled, eager)]
    np.testing.assert_allclose(*losses, rtol=1e-5)


def test_evaluate_and_single_batches(vectorizer):
    model = text_model(vectorizer)
    expected = float(np.mean((model(TEXTS).numpy() - LABELS) ** 2))
    assert model.evaluate(TEXTS, LABELS, verbose=0) == pytest.approx(expected, rel=1e-5)
    assert model.test_on_batch(TEXTS, LABELS) == pytest.approx(expected, rel=1e-5)
    np.testing.assert_allclose(model.predict_on_batch(TEXTS), model(TEXTS).numpy(), atol=1e-6)
    model.reset_metrics()
    assert model.train_on_batch(TEXTS, LABELS) == pytest.approx(expected, rel=1e-5)
    assert model.test_on_batch(TEXTS, LABELS) != pytest.approx(expected, rel=1e-5)


def test_predict_takes_lists_arrays_and_batches(vectorizer):
    model = text_model(vectorizer)
    expected = model(TEXTS).numpy()
    flat = TEXTS[:, 0].tolist()
    for data in (TEXTS, TEXTS.astype(object), TEXTS[:, 0], flat, [[text] for text in flat]):
        np.testing.assert_allclose(model.predict(data, verbose=0), expected, atol=1e-6)
    rows = (TEXTS[i : i + 1] for i in range(2))
    np.testing.assert_allclose(model.predict(rows, verbose=0), expected, atol=1e-6)
    np.testing.assert_allclose(model.predict(TEXTS, batch_size=1, verbose=0), expected, atol=1e-6)


def test_dataset_of_strings(vectorizer):
    model = text_model(vectorizer)
    dataset = nyala.data.Dataset.from_tensor_slices((TEXTS, LABELS)).batch(2)
    history = model.fit(dataset, epochs=2, validation_data=dataset, verbose=0).history
    assert history["loss"][1] == pytest.approx(history["val_loss"][0], rel=1e-4)
    mapped = dataset.map(lambda x, y: (vectorizer(x), y))
    x, _ = next(iter(mapped))
    np.testing.assert_array_equal(x.numpy(), vectorizer(TEXTS).numpy())


def test_strings_and_numbers_by_name(vectorizer):
    text = nyala.Input((1,), dtype="string", name="text")
    number = nyala.Input((2,), name="number")
    x = layers.GlobalAveragePooling1D()(layers.Embedding(10, 4)(vectorizer(text)))
    model = nyala.Model([text, number], layers.Dense(1)(layers.Concatenate()([x, number])))
    model.compile("sgd", "mse")
    data = {"number": np.ones((2, 2), "float32"), "text": TEXTS}
    before = model.predict(data, verbose=0)
    np.testing.assert_allclose(before, model([TEXTS, data["number"]]).numpy(), atol=1e-6)
    model.fit(data, LABELS, verbose=0)
    assert not np.allclose(before, model.predict(data, verbose=0))


def test_sequential_of_strings(vectorizer):
    model = nyala.Sequential([vectorizer, *head()])
    model.compile("adam", "mse")
    assert len(model.fit(TEXTS, LABELS, epochs=2, verbose=0).history["loss"]) == 2
    np.testing.assert_allclose(model.predict(TEXTS, verbose=0), model(TEXTS).numpy(), atol=1e-6)


def test_custom_step_sees_numbers(vectorizer):
    class Own(nyala.Model):
        def train_step(self, data):
            x, y = data
            with nyala.GradientTape() as tape:
                loss = nyala.ops.mean((self(x, training=True) - y) ** 2)
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply(gradients, self.trainable_variables)
            return {"own": loss}

    inputs = nyala.Input((1,), dtype="string")
    model = Own(inputs, layers.Dense(1)(nyala.ops.cast(vectorizer(inputs), "float32")))
    model.compile(nyala.optimizers.SGD(1e-3))
    history = model.fit(TEXTS, LABELS, epochs=3, verbose=0).history["own"]
    assert history[2] < history[0]


def test_subclassed_model_runs_uncompiled(vectorizer):
    class Own(nyala.Model):
        def __init__(self):
            super().__init__()
            self.vectorizer, self.stack = vectorizer, nyala.Sequential(head())

        def call(self, inputs):
            return self.stack(self.vectorizer(inputs))

    model = Own()
    model.compile("adam", "mse")
    losses = model.fit(TEXTS, LABELS, epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    np.testing.assert_allclose(model.predict(TEXTS, verbose=0), model(TEXTS).numpy(), atol=1e-6)


def test_predicted_strings(vectorizer):
    inputs = nyala.Input((3,))
    best = nyala.ops.argmax(layers.Dense(3, kernel_initializer="identity")(inputs), axis=-1)
    names = layers.StringLookup(vocabulary=["x", "y"], invert=True)
    model = nyala.Model(inputs, names(best))
    predicted = model.predict(np.eye(3, dtype="float32"), verbose=0)
    assert predicted.tolist() == [b"[UNK]", b"x", b"y"]


@pytest.mark.parametrize("mode", ["int", "tf_idf"])
def test_saved_model_takes_raw_strings(tmp_path, mode):
    vectorizer = layers.TextVectorization(output_mode=mode)
    vectorizer.adapt(TEXTS)
    inputs = nyala.Input((1,), dtype="string")
    x = nyala.ops.cast(vectorizer(inputs), "float32")
    model = nyala.Model(inputs, layers.Dense(1)(x if mode == "tf_idf" else x[:, :2]))
    model.save(tmp_path / "text.keras")
    again = nyala.models.load_model(tmp_path / "text.keras")
    expected = model.predict(TEXTS, verbose=0)
    np.testing.assert_array_equal(again.predict(TEXTS, verbose=0), expected)
