"""Write `image_folder.npz`: what real Keras with TensorFlow makes of a small folder of images.

Run with Keras 3.15.1 and TensorFlow 2.21 installed: `python make_image_folder.py`. The file holds
the images themselves (as bytes, by name) beside what `image_dataset_from_directory` returned.
"""

from __future__ import annotations

import io
import os
import pathlib
import tempfile

import numpy as np

INTERPOLATIONS = (
    "bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic",
)  # fmt: skip
FITS = ("stretch", "crop", "pad")
SIZE = (11, 8)


def images() -> dict[str, bytes]:
    """Return files by name: smooth pictures with noise, larger and smaller than `SIZE`."""
    from PIL import Image

    random = np.random.RandomState(7)

    def picture(height, width, channels, noise=30):
        rough = random.randint(0, 256, (4, 4, channels)).astype("uint8")
        rough = rough[..., 0] if channels == 1 else rough
        smooth = np.asarray(Image.fromarray(rough).resize((width, height), Image.BICUBIC))
        smooth = smooth + random.normal(0, noise, smooth.shape)
        return Image.fromarray(np.clip(smooth, 0, 255).astype("uint8"))

    def encoded(image, format, **options):
        file = io.BytesIO()
        image.save(file, format, **options)
        return file.getvalue()

    return {
        "a/large.png": encoded(picture(40, 31, 3), "PNG"),
        "a/small.png": encoded(picture(5, 6, 3), "PNG"),
        "a/wide.bmp": encoded(picture(9, 30, 3), "BMP"),
        "b/grey.png": encoded(picture(17, 13, 1), "PNG"),
        "b/alpha.png": encoded(picture(12, 14, 4), "PNG"),
        "a/palette.gif": encoded(picture(20, 16, 3).quantize(64), "GIF"),
        "b/photo.jpg": encoded(picture(48, 36, 3, noise=4), "JPEG", quality=90),
        "b/grey.jpg": encoded(picture(30, 41, 1, noise=4), "JPEG", quality=90),
    }


def write(files: dict[str, bytes], folder: pathlib.Path) -> None:
    """Write the files below a folder."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def main() -> None:
    """Write the file."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras

    files = images()
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        write(files, pathlib.Path(folder))

        def load(**options):
            dataset = keras.utils.image_dataset_from_directory(
                folder, image_size=SIZE, shuffle=False, batch_size=None, verbose=False, **options
            )
            return np.stack([x.numpy() for x, _ in dataset])

        for interpolation in INTERPOLATIONS:
            for fit in FITS:
                if fit == "crop" and interpolation in ("gaussian", "mitchellcubic"):
                    continue  # Keras refuses these
                options = {} if fit == "stretch" else {f"{fit}_to_aspect_ratio": True}
                results[f"{interpolation}/{fit}"] = load(interpolation=interpolation, **options)
        results["grayscale"] = load(color_mode="grayscale", class_names=["b"])
        for labels in ("int", "binary", "categorical"):
            dataset = keras.utils.image_dataset_from_directory(
                folder, label_mode=labels, shuffle=False, batch_size=3, verbose=False
            )
            results[f"labels/{labels}"] = np.concatenate([y.numpy() for _, y in dataset])
    stored = {f"file/{name}": np.frombuffer(data, "uint8") for name, data in files.items()}
    results = {f"result/{name}": value for name, value in results.items()}
    np.savez_compressed(pathlib.Path(__file__).with_name("image_folder.npz"), **stored, **results)


if __name__ == "__main__":
    main()
