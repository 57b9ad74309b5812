"""`RandomGaussianBlur`: images blurred by chance."""

from __future__ import annotations

from typing import Any

from nyala import ops, random
from nyala.core import enrol
from nyala.layers.preprocessing.image._arguments import factor_range
from nyala.layers.preprocessing.image._base import per_image
from nyala.layers.preprocessing.image._chance import applied
from nyala.layers.preprocessing.image._colour import ColourLayer
from nyala.layers.preprocessing.image._seeds import Seeds


@enrol("keras.layers")
class RandomGaussianBlur(ColourLayer):
    """Blurs images by chance, in training; beyond the edges it is dark.

    Args:
        factor: the probability that an image is blurred: two numbers from 0 to 1 between which it
            is drawn, or one number f for (0, f).
        kernel_size: how many pixels the window is wide and high, an odd integer; or two of them.
        sigma: the Gaussian's standard deviation in pixels, drawn for the width and the height of a
            batch: two numbers from 0 to 1 between which it is drawn, or one number s for (0, s).
        value_range: the smallest and the largest value of pixels, to which images are clipped.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.
        seed: an integer, for reproducible choices.

    Input shape: `(batch, height, width, channels)` or one image `(height, width, channels)`, or
    channels first; or a dict with such `"images"`. Output shape: the same; images are floats.

    >>> import nyala
    >>> layer = nyala.layers.RandomGaussianBlur((1.0, 1.0), kernel_size=3, seed=1)
    >>> layer(nyala.ops.ones((5, 5, 1))).numpy()[2, 2].round(3)
    array([1.], dtype=float32)
    """

    def __init__(self, factor: Any = 1.0, kernel_size: Any = 3, sigma: Any = 1.0,
                 value_range: Any = (0, 255), data_format: str | None = None,
                 seed: int | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(value_range=value_range, data_format=data_format, seed=seed, **kwargs)
        self.factor = factor_range(factor, "RandomGaussianBlur(factor=...)")
        pair = tuple(kernel_size) if isinstance(kernel_size, (tuple, list)) else (kernel_size,) * 2
        if len(pair) != 2 or not all(isinstance(n, int) and n > 0 and n % 2 for n in pair):
            raise ValueError(
                "RandomGaussianBlur(kernel_size=...) expects an odd integer, or two of them; got "
                f"{kernel_size!r}."
            )
        self.kernel_size = pair
        self.sigma = factor_range(sigma, "RandomGaussianBlur(sigma=...)")

    def _draw(self, shape: tuple, seeds: Seeds) -> dict[str, Any]:
        chosen = applied(shape[0], self.factor, seeds)
        sigma = random.uniform((2,), *self.sigma, seed=seeds.next()) + 1e-6
        return {"should_apply_blur": chosen, "blur_factor": sigma}

    def _change(self, images: Any, transformation: Any) -> Any:
        sigma = ops.unstack(transformation["blur_factor"], 2)
        soft = ops.image.gaussian_blur(images, self.kernel_size, sigma, self.data_format)
        blurred = ops.where(per_image(transformation["should_apply_blur"]), soft, images)
        return ops.clip(blurred, *self._limits)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "factor": self.factor,
            "kernel_size": self.kernel_size,
            "sigma": self.sigma,
        }
