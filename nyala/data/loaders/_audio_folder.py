"""`audio_dataset_from_directory`: a folder of sounds as batches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from nyala.data import transforms
from nyala.data._specs import TensorSpec
from nyala.data._stage import Stage, check_count
from nyala.data.loaders._folder_dataset import Folder, load_folder, stacked
from nyala.data.loaders._varying_files import ReadVaryingFiles
from nyala.data.sounds import decode_wav, resampled

_FORMATS = (".wav",)


class AudioReader:
    """Makes arrays of sound files.

    Args:
        rate: samples a second to which sounds are brought; each keeps its own if `None`.
        length: samples to which they are cut off or filled up; each keeps its own if `None`.
    """

    def __init__(self, rate: int | None, length: int | None):
        self.rate, self.length = rate, length
        self.spec = TensorSpec((length, None), "float32")

    def read(self, path: str) -> np.ndarray:
        """Return a sound, of shape `(samples, channels)`."""
        samples, rate = decode_wav(Path(path).read_bytes(), path)
        if self.rate is not None:
            samples = resampled(samples, rate, self.rate)
        if self.length is not None:
            samples = samples[: self.length]
            samples = np.pad(samples, ((0, self.length - len(samples)), (0, 0)))
        return samples


def audio_dataset_from_directory(
    directory: Any, labels: Any = "inferred", label_mode: str | None = "int",
    class_names: Any = None, batch_size: int | None = 32, sampling_rate: int | None = None,
    output_sequence_length: int | None = None, ragged: bool = False, shuffle: bool = True,
    seed: int | None = None, validation_split: float | None = None, subset: str | None = None,
    follow_links: bool = False, verbose: bool = True, on_error: str = "raise",
) -> Any:  # fmt: skip
    """Return a dataset of the sounds in a directory.

    Files end in `.wav` and hold integers of 8, 16, 24 or 32 bits or floats.

    Args:
        directory: with `labels="inferred"`, a folder that holds a folder of sounds for each class.
        labels: `"inferred"` from the folders; `None` for sounds alone; or a list of integers, one
            for each file in the order of the sorted paths.
        label_mode: `"int"` for integers, `"categorical"` for one-hot rows, `"binary"` for 0.0 or
            1.0 in shape `(1,)`, `None` for sounds alone.
        class_names: the folders to use, in the order of their labels; all by name if `None`.
        batch_size: sounds of a batch; `None` for single sounds.
        sampling_rate: samples a second to which sounds are brought; each keeps its own if `None`.
        output_sequence_length: samples (at `sampling_rate`) after which sounds are cut off, and up
            to which shorter ones are filled with zeros. If `None`, the sounds of a batch are filled
            up to the longest of them.
        ragged: whether each sound keeps its own length. Tensors are dense here, so that this goes
            with `batch_size=None`.
        shuffle: whether files are in random order, another one in each iteration; else by name.
        seed: of the orders and of the split.
        validation_split: the fraction of the files that is kept for validation.
        subset: `"training"`, `"validation"`, or `"both"` for a list of the two.
        follow_links: whether folders that are links are entered.
        verbose: whether to say how many files were found.
        on_error: what becomes of a broken file: `"raise"` stops with an error that names it;
            `"skip"` passes it over and notes it in the dataset's `skipped_files`.

    Returns:
        A `Dataset` of float32 sounds of shape `(batch, samples, channels)` with values from -1 to
        1, or of pairs of these and labels. It has the attributes `class_names`, `file_paths` and
        `skipped_files`.

    Raises:
        FileNotFoundError: there is no such directory.
        ValueError: it holds no sound; arguments that do not fit together.

    >>> import nyala, pathlib, tempfile, wave
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "beep.wav"
    >>> with wave.open(str(path), "wb") as file:
    ...     file.setparams((1, 2, 8000, 0, "NONE", ""))
    ...     file.writeframes(bytes(2 * 400))
    >>> dataset = nyala.utils.audio_dataset_from_directory(
    ...     path.parent, labels=None, sampling_rate=4000, verbose=False)
    >>> next(iter(dataset)).shape
    (1, 200, 1)
    """
    folder = Folder(
        directory, labels, label_mode, class_names, batch_size, shuffle, seed, validation_split,
        subset, follow_links, verbose, on_error=on_error,
    )  # fmt: skip
    if ragged and output_sequence_length is not None:
        raise ValueError(
            "ragged=True keeps each sound's own length, output_sequence_length makes all equal: "
            "pass one of the two."
        )
    if ragged and batch_size is not None:
        raise ValueError(
            "ragged=True is not possible for batches: tensors are dense here. Pass batch_size=None "
            "for single sounds, or leave ragged out: batches are filled up to their longest sound."
        )
    if sampling_rate is not None:
        sampling_rate = check_count(sampling_rate, "sampling_rate")
    if output_sequence_length is not None:
        output_sequence_length = check_count(output_sequence_length, "output_sequence_length")
    reader = AudioReader(sampling_rate, output_sequence_length)
    batch = _filled_up if output_sequence_length is None else stacked
    return load_folder(folder, reader, _FORMATS, "sounds", ReadVaryingFiles, batch)


def _filled_up(stage: Stage, batch_size: int) -> Stage:
    padding = transforms.Padding(stage.spec)
    return transforms.PaddedBatch(stage, batch_size, padding, drop_remainder=False)
