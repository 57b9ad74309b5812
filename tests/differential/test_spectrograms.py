"""Spectrograms beside real Keras."""

from __future__ import annotations

import numpy as np
import pytest

import nyala

keras = pytest.importorskip("keras")

SOUND = np.random.default_rng(0).normal(size=(2, 700)).astype("float32")
CHANNELS = np.random.default_rng(1).normal(size=(2, 300, 2)).astype("float32")


@pytest.mark.parametrize("kwargs", [
    {},
    {"sampling_rate": 8000, "num_mel_bins": 20, "max_freq": 3000, "min_freq": 100.0},
    {"power_to_db": False, "mag_exp": 1.0},
    {"top_db": 20.0, "ref_power": 3.0, "min_power": 1e-4},
    {"window": "hamming", "sequence_length": 200},
    {"window": None},
])  # fmt: skip
def test_mel_spectrograms_agree(kwargs):
    kwargs = {"fft_length": 256, "sequence_stride": 64, "num_mel_bins": 32, **kwargs}
    ours, theirs = (module.layers.MelSpectrogram(**kwargs) for module in (nyala, keras))
    for sound in (SOUND, SOUND[0]):
        expected = np.asarray(theirs(sound))
        made = ours(sound).numpy()
        # Weights are computed in double precision here; a decibel is 26 % of power.
        np.testing.assert_allclose(made, expected, rtol=1e-3, atol=2e-3 * np.abs(expected).max())
        assert ours.compute_output_shape(sound.shape) == made.shape
    own = {k: v for k, v in ours.get_config().items() if k not in ("name", "dtype")}
    assert own == {k: v for k, v in theirs.get_config().items() if k not in ("name", "dtype")}


def test_mel_weights_agree():
    arguments = (24, 65, 8000, 60.0, 3500.0)
    ours = nyala.layers.MelSpectrogram().linear_to_mel_weight_matrix(*arguments)
    theirs = keras.layers.MelSpectrogram().linear_to_mel_weight_matrix(*arguments)
    np.testing.assert_allclose(ours, np.asarray(theirs), atol=2e-4)


@pytest.mark.parametrize("mode", ["log", "magnitude", "psd", "real", "imag", "angle", "stft"])
@pytest.mark.parametrize("kwargs", [
    {},
    {"padding": "same", "expand_dims": True, "scaling": "spectrum", "frame_step": 5},
    {"data_format": "channels_first", "fft_length": 64, "window": "hamming", "scaling": None},
    {"data_format": "channels_first", "expand_dims": True, "window": None, "periodic": True},
], ids=["default", "expanded", "first", "first_expanded"])  # fmt: skip
def test_spectrograms_agree(mode, kwargs):
    kwargs = {"mode": mode, "frame_length": 32, "name": "layer", **kwargs}
    ours, theirs = (module.layers.STFTSpectrogram(**kwargs) for module in (nyala, keras))
    sound = (
        np.ascontiguousarray(np.swapaxes(CHANNELS, 1, 2)) if "data_format" in kwargs else CHANNELS
    )
    made, expected = ours(sound).numpy(), np.asarray(theirs(sound))
    assert made.shape == expected.shape
    if mode == "angle":  # where there is nothing, any angle is right
        made, expected = np.exp(1j * made), np.exp(1j * expected)
        assert np.mean(np.abs(made - expected) > 1e-2) < 0.1
    elif mode == "log":
        assert np.mean(np.abs(made - expected) > 1e-2) < 0.02
    else:
        np.testing.assert_allclose(made, expected, atol=1e-4 * np.abs(expected).max())
    assert [w.path for w in ours.weights] == [w.path for w in theirs.weights]
    for mine, yours in zip(ours.get_weights(), theirs.weights, strict=True):
        np.testing.assert_allclose(mine, np.asarray(yours.value), atol=2e-5)
    own = {k: v for k, v in ours.get_config().items() if k != "dtype"}
    assert own == {k: v for k, v in theirs.get_config().items() if k != "dtype"}


@pytest.mark.parametrize(("make", "message"), [
    (lambda: nyala.layers.MelSpectrogram(fft_length=64, sequence_length=128), "does not fit"),
    (lambda: nyala.layers.STFTSpectrogram(mode="power"), "mode=.*'psd'"),
    (lambda: nyala.layers.STFTSpectrogram(frame_step=300), "from 1 to frame_length=256"),
    (lambda: nyala.layers.STFTSpectrogram(fft_length=100), "at least frame_length=256"),
    (lambda: nyala.layers.STFTSpectrogram(scaling="unit"), "scaling"),
    (lambda: nyala.layers.STFTSpectrogram(padding="full"), "padding"),
    (lambda: nyala.layers.STFTSpectrogram(window="round"), "window"),
    (lambda: nyala.layers.STFTSpectrogram()(np.zeros((2, 300), "float32")), "ndim=3"),
])  # fmt: skip
def test_wrong_use_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_integers_are_refused():
    with pytest.raises(TypeError, match="expects floats"):
        nyala.layers.STFTSpectrogram()(np.zeros((2, 300, 1), "int32"))


def test_an_unusual_length_warns():
    with pytest.warns(UserWarning, match="no power of two"):
        nyala.layers.STFTSpectrogram(frame_length=16, fft_length=20)
