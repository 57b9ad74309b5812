"""Write `series_and_sounds.npz`: what real Keras with TensorFlow makes of series, sounds, texts.

Run with Keras 3.15.1 and TensorFlow 2.21 installed: `python make_series_and_sounds.py`. The file
holds the small inputs (files as bytes, by name) beside what came out.
"""

from __future__ import annotations

import io
import os
import pathlib
import tempfile
import wave

import numpy as np

SERIES = {
    "plain": {"sequence_length": 4},
    "strided": {"sequence_length": 3, "sequence_stride": 3, "sampling_rate": 2},
    "range": {"sequence_length": 3, "start_index": 5, "end_index": 17, "batch_size": 4},
    "from": {"sequence_length": 2, "sampling_rate": 3, "start_index": 11},
    "single": {"sequence_length": 5, "sequence_stride": 4, "batch_size": None},
}
SPLITS = {
    "left_fraction": {"left_size": 0.73},
    "right_fraction": {"right_size": 0.25},
    "numbers": {"left_size": 4, "right_size": 5},
    "both_fractions": {"left_size": 0.3, "right_size": 0.35},
    "shuffled": {"left_size": 0.6, "shuffle": True, "seed": 11},
}
WAVES = {"a/long.wav": (1, 70), "a/short.wav": (1, 31), "b/stereo.wav": (2, 25)}
TEXTS = {"a/1.txt": "one film", "b/2.txt": "two\nlines\n", "b/sub/3.txt": "", "a/note.md": "no"}


def wav(channels: int, frames: int) -> bytes:
    """Return a file of 16-bit samples."""
    samples = np.random.RandomState(frames).randint(-32768, 32768, (frames, channels))
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((channels, 2, 8000, 0, "NONE", ""))
        file.writeframes(samples.astype("<i2").tobytes())
    return buffer.getvalue()


def padded(batches: list) -> np.ndarray:
    """Return batches one after the other, with -1 where the last one is smaller."""
    longest = max(len(batch) for batch in batches)
    rest = [[(0, longest - len(b)), *[(0, 0)] * (b.ndim - 1)] for b in batches]
    return np.stack([np.pad(b, r, constant_values=-1) for b, r in zip(batches, rest, strict=True)])


def main() -> None:
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras
    import tensorflow as tf

    out: dict = {}
    data = np.arange(46.0).reshape(23, 2)
    targets = np.arange(100, 123)
    for name, options in SERIES.items():
        found = list(
            keras.utils.timeseries_dataset_from_array(data, targets, **options).as_numpy_iterator()
        )
        out[f"series/{name}/x"] = padded([np.asarray(x) for x, _ in found])
        out[f"series/{name}/y"] = padded([np.atleast_1d(y) for _, y in found])
    for name, options in SPLITS.items():
        halves = keras.utils.split_dataset(np.arange(20), preferred_backend="tensorflow", **options)
        for side, half in zip(("left", "right"), halves, strict=True):
            out[f"split/{name}/{side}"] = np.asarray(list(half.as_numpy_iterator()))
    with tempfile.TemporaryDirectory() as folder:
        files = {name: wav(*form) for name, form in WAVES.items()}
        files |= {name: text.encode() for name, text in TEXTS.items()}
        for name, content in files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            out[f"file/{name}"] = np.frombuffer(content, np.uint8)
        for name, options in (("filled", {}), ("cut", {"output_sequence_length": 40})):
            dataset = keras.utils.audio_dataset_from_directory(
                folder, shuffle=False, class_names=["a"], verbose=False, **options
            )
            x, y = next(dataset.as_numpy_iterator())
            out[f"sound/{name}/x"], out[f"sound/{name}/y"] = x, y
        for mode in ("int", "categorical", "binary"):
            dataset = keras.utils.text_dataset_from_directory(
                folder, shuffle=False, label_mode=mode, verbose=False, max_length=6
            )
            x, y = next(dataset.as_numpy_iterator())
            out[f"text/{mode}/x"], out[f"text/{mode}/y"] = x.astype("S6"), y
    for channels, samples in ((-1, -1), (1, 10), (3, 30)):
        audio, rate = tf.audio.decode_wav(wav(2, 25), channels, samples)
        out[f"decode/{channels}/{samples}"] = audio.numpy()
        assert int(rate) == 8000
    np.savez_compressed(pathlib.Path(__file__).parent / "series_and_sounds.npz", **out)


if __name__ == "__main__":
    main()
