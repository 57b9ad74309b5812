"""`audio_dataset_from_directory` and WAV files: beside TensorFlow's decoder, places, faults."""

from __future__ import annotations

import pathlib
import struct

import numpy as np
import pytest

import nyala
from nyala.data.sounds import decode_wav, resampled
from nyala.utils import audio_dataset_from_directory
from tests.data.loaders.places import assert_every_place_can_be_saved

GOLDEN = np.load(pathlib.Path(__file__).parent / "golden" / "series_and_sounds.npz")
RANDOM = np.random.default_rng(0)


def load(folder, **options):
    return audio_dataset_from_directory(folder, **{"verbose": False, **options})


def chunk(name, data, size=None):
    return name + struct.pack("<I", len(data) if size is None else size) + data + b"\0" * (
        len(data) % 2)  # fmt: skip


def wav(data, channels=1, width=2, kind=1, rate=8000, extensible=False, size=None, before=b""):
    """Bytes of a WAV file of any kind."""
    tag = 0xFFFE if extensible else kind
    form = struct.pack(
        "<HHIIHH", tag, channels, rate, rate * channels * width, channels * width, 8 * width
    )
    if extensible:
        form += struct.pack("<HHIH", 22, 8 * width, 0, kind) + bytes(14)
    body = b"WAVE" + chunk(b"fmt ", form) + before + chunk(b"data", data, size)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def pcm(samples, width):
    """Integers from -1 to 1 scaled to `width` bytes, as a WAV file holds them."""
    top = 2 ** (8 * width - 1)
    values = np.clip(np.round(np.asarray(samples) * top), -top, top - 1).astype("int64")
    if width == 1:
        return (values + 128).astype("uint8").tobytes()
    return b"".join(int(v).to_bytes(width, "little", signed=True) for v in values.ravel())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    top = tmp_path_factory.mktemp("sounds")
    for key in GOLDEN:
        if key.startswith("file/"):
            path = top / key.removeprefix("file/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(GOLDEN[key].tobytes())
    return top


@pytest.fixture(scope="module")
def numbered(tmp_path_factory):
    """Nine sounds in three classes, as long as their numbers say."""
    top = tmp_path_factory.mktemp("numbered")
    for number in range(1, 10):
        path = top / f"class_{number % 3}" / f"{number}.wav"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(wav(pcm(np.full(number, number / 16), 2)))
    return top


# -- files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("extensible", [False, True])
@pytest.mark.parametrize(("width", "kind"), [(1, 1), (2, 1), (3, 1), (4, 1), (4, 3), (8, 3)])
def test_all_kinds_of_samples(width, kind, extensible):
    expected = RANDOM.uniform(-1, 1, (50, 2))
    expected[0] = -1, 0
    data = pcm(expected, width) if kind == 1 else expected.astype(f"<f{width}").tobytes()
    file = wav(data, 2, width, kind, rate=22_050, extensible=extensible)
    samples, rate = decode_wav(file)
    assert (samples.shape, samples.dtype, rate) == ((50, 2), np.float32, 22_050)
    step = 2.0 ** (1 - 8 * width) if kind == 1 else 0
    np.testing.assert_allclose(samples, expected, atol=step + 1e-7)
    assert samples[0].tolist() == [-1, 0]


def test_other_parts_of_a_file_are_passed_over():
    data = pcm([0.5, -0.5, 0.25], 2)
    plain = decode_wav(wav(data))[0]
    other = wav(data, before=chunk(b"LIST", b"odd") + chunk(b"data"[::-1], b"12"))
    np.testing.assert_array_equal(decode_wav(other + chunk(b"id3 ", b"tag"))[0], plain)
    # A program that wrote into a pipe does not know the size.
    np.testing.assert_array_equal(decode_wav(wav(data, size=0xFFFFFFFF))[0], plain)


BROKEN = {
    "empty": (b"", "its first bytes are b''"),
    "text": (b"this is not a sound", "not those of a WAV file"),
    "header": (wav(b"")[:20], "description of its sound is cut off"),
    "no_sound": (wav(pcm([1], 2))[:36], "holds no sound"),
    "cut": (wav(pcm(np.zeros(100), 2))[:-50], "cut off: 150 of 200 bytes"),
    "mu_law": (wav(b"12", kind=7, width=1), "mu-law"),
    "unknown": (wav(b"12", kind=1234), "of the kind 1234"),
    "bits": (wav(b"12", width=5), "40 bits"),
    "half_float": (wav(b"12", kind=3, width=2), "16 bits; 32, 64 are read"),
    "channels": (wav(b"12", channels=0), "claims 0 channels"),
    "rate": (wav(b"12", rate=0), "0 times a second"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_named(tmp_path, name):
    data, why = BROKEN[name]
    (tmp_path / f"{name}.wav").write_bytes(data)
    with pytest.raises(ValueError, match=rf"{name}\.wav cannot be read: .*{why}"):
        next(iter(load(tmp_path, labels=None)))


def test_damaged_files_raise_one_error():
    whole = wav(pcm(RANDOM.uniform(-1, 1, 40), 2), extensible=True)
    for _ in range(300):
        data = bytearray(
            whole[: RANDOM.integers(0, len(whole))] if RANDOM.random() < 0.3 else whole
        )
        for place in RANDOM.integers(0, max(len(data), 1), RANDOM.integers(0, 5)):
            data[place : place + 1] = bytes([RANDOM.integers(0, 256)])
        try:
            decode_wav(bytes(data))
        except ValueError as error:
            assert "cannot be read" in str(error)  # noqa: PT017


# -- another rate ----------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [4000, 11_025, 44_100])
def test_a_tone_stays_a_tone(rate):
    seconds, tone = 0.25, 440.0
    samples = np.sin(2 * np.pi * tone * np.arange(round(8000 * seconds)) / 8000)
    got = resampled(samples[:, None].astype("float32"), 8000, rate)
    count = -(-len(samples) * rate // 8000)
    assert (got.shape, got.dtype) == ((count, 1), np.float32)
    expected = np.sin(2 * np.pi * tone * np.arange(count) / rate)
    middle = slice(count // 10, -count // 10)  # before the first and after the last is silence
    np.testing.assert_allclose(got[middle, 0], expected[middle], atol=5e-3)


def test_what_the_new_rate_cannot_hold_is_filtered_out():
    samples = np.sin(2 * np.pi * 3500 * np.arange(2000) / 8000)[:, None].astype("float32")
    assert np.abs(resampled(samples, 8000, 4000)[50:-50]).max() < 5e-3


# -- folders ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "options"),
                         [("filled", {}), ("cut", {"output_sequence_length": 40})])  # fmt: skip
def test_sounds_are_those_of_keras(folder, name, options):
    dataset = load(folder, shuffle=False, class_names=["a"], **options)
    x, y = next(dataset.as_numpy_iterator())
    np.testing.assert_array_equal(x, GOLDEN[f"sound/{name}/x"])
    np.testing.assert_array_equal(y, GOLDEN[f"sound/{name}/y"])
    assert x.dtype == np.float32


def test_sounds_at_another_rate(folder):
    dataset = load(folder, labels=None, sampling_rate=16_000, batch_size=None, shuffle=False)
    assert [x.shape for x in dataset.as_numpy_iterator()] == [(140, 1), (62, 1), (50, 2)]
    dataset = load(folder, class_names=["a"], sampling_rate=4000, output_sequence_length=20)
    assert next(dataset.as_numpy_iterator())[0].shape == (2, 20, 1)


def test_spec_and_length(numbered):
    dataset = load(numbered, batch_size=4)
    sounds, labels = dataset.element_spec
    assert (sounds.shape, sounds.dtype, labels.shape) == ((None, None, None), "float32", (None,))
    assert len(dataset) == 3
    assert dataset.class_names == ["class_0", "class_1", "class_2"]
    cut = load(numbered, batch_size=4, output_sequence_length=5, label_mode="categorical")
    assert [s.shape for s in cut.element_spec] == [(None, 5, None), (None, 3)]


def test_sounds_and_labels_belong_together(numbered):
    for x, y in load(numbered, batch_size=4, seed=1).as_numpy_iterator():
        numbers = np.rint(x[:, 0, 0] * 16).astype(int)
        np.testing.assert_array_equal(numbers % 3, y)
        np.testing.assert_array_equal((x != 0).sum((1, 2)), numbers)


def test_different_channels_do_not_form_a_batch_of_one_length(folder):
    with pytest.raises(ValueError, match=r"different shapes.*\(30, 1\), \(30, 2\)"):
        next(iter(load(folder, labels=None, output_sequence_length=30)))


@pytest.mark.parametrize(
    "options",
    [
        {"batch_size": 2, "shuffle": False},
        {"batch_size": 4, "seed": 2},
        {"batch_size": None},
        {"batch_size": 4, "output_sequence_length": 3},
        {"batch_size": 2, "label_mode": None, "on_error": "skip"},
        {"batch_size": None, "ragged": True},
    ],
)
def test_every_place_can_be_saved(numbered, options):
    assert_every_place_can_be_saved(lambda: load(numbered, **options))


def test_a_model_trains_on_it(numbered):
    dataset = load(numbered, batch_size=3, output_sequence_length=6)
    dataset = dataset.map(lambda x, y: (nyala.tf.squeeze(x, axis=-1), y))
    model = nyala.Sequential([nyala.Input((6,)), nyala.layers.Dense(3)])
    model.compile("sgd", nyala.losses.SparseCategoricalCrossentropy(from_logits=True))
    assert np.isfinite(model.fit(dataset, epochs=1, verbose=0).history["loss"]).all()


def test_broken_files_are_skipped_and_counted(numbered, tmp_path):
    for number in range(1, 10):
        path = next(numbered.glob(f"*/{number}.wav"))
        (tmp_path / path.name).write_bytes(path.read_bytes() if number % 2 else b"broken")

    def build():
        return load(tmp_path, labels=None, batch_size=2, shuffle=False, on_error="skip")

    with pytest.warns(UserWarning, match="A file is skipped"):
        elements = assert_every_place_can_be_saved(build)
    assert [len(rows) for batch in elements for rows in batch] == [3, 3, 7, 7, 9]
    dataset = build()
    with pytest.warns(UserWarning, match="A file is skipped"):
        list(dataset)
    assert [pathlib.Path(p).stem for p in dataset.skipped_files] == ["2", "4", "6", "8"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ragged": True}, "ragged=True is not possible for batches"),
        ({"ragged": True, "output_sequence_length": 3}, "pass one of the two"),
        ({"sampling_rate": 0}, "sampling_rate must be a positive integer"),
        ({"sampling_rate": 8000.0}, "sampling_rate must be a positive integer"),
        ({"output_sequence_length": 0}, "output_sequence_length must be"),
    ],
)
def test_wrong_use(numbered, options, message):
    with pytest.raises(ValueError, match=message):
        load(numbered, **options)


# -- tf.audio --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("channels", "samples"), [(-1, -1), (1, 10), (3, 30)])
def test_decode_wav_is_tensorflows(channels, samples):
    contents = nyala.tf.constant(GOLDEN["file/b/stereo.wav"].tobytes())
    audio, rate = nyala.tf.audio.decode_wav(contents, channels, samples)
    np.testing.assert_array_equal(audio.numpy(), GOLDEN[f"decode/{channels}/{samples}"])
    assert int(rate) == 8000


def test_encode_wav_is_read_back(tmp_path):
    audio = RANDOM.uniform(-1, 1, (30, 2)).astype("float32")
    contents = nyala.tf.audio.encode_wav(audio, 16_000)
    again = nyala.tf.audio.decode_wav(contents)
    np.testing.assert_allclose(again.audio.numpy(), audio, atol=1 / 32767)
    assert int(again.sample_rate) == 16_000
    nyala.tf.io.write_file(str(tmp_path / "x.wav"), contents)
    read = nyala.tf.audio.decode_wav(nyala.tf.io.read_file(str(tmp_path / "x.wav")))
    np.testing.assert_array_equal(read.audio.numpy(), again.audio.numpy())
    loud = nyala.tf.audio.decode_wav(nyala.tf.audio.encode_wav([[2.0], [-2.0]], 8000)).audio
    assert np.abs(loud.numpy()).min() > 0.99
