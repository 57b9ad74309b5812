"""Process-wide settings (`nyala.config`). Plain values, no jax: reading one costs nothing."""

from __future__ import annotations

import os
from pathlib import Path

from nyala.core._errors import did_you_mean

_FLOATX = ("bfloat16", "float16", "float32", "float64")
_FORMATS = ("channels_last", "channels_first")
_EAGER_MODES = ("recorded", "immediate")

_floatx = "float32"
_epsilon = 1e-7
_image_data_format = "channels_last"
_flash_attention: bool | None = None
_interactive_logging = True
_traceback_filtering = True
_nnx_enabled = False
_eager_mode = "recorded"
_functions_run_eagerly = False
_x64 = False
_max_epochs: int | None = None
_max_steps_per_epoch: int | None = None


def _choose(value: str, options: tuple[str, ...], who: str) -> str:
    if value not in options:
        raise ValueError(
            f"{who} expects one of {', '.join(options)}; got {value!r}."
            f"{did_you_mean(value, options)}"
        )
    return str(value)


def floatx() -> str:
    """Return the default float type, such as `"float32"`."""
    return _floatx


def set_floatx(value: str) -> None:
    """Set the default float type: `"bfloat16"`, `"float16"`, `"float32"` or `"float64"`.

    `"float64"` switches JAX to 64-bit numbers for the whole process.

    >>> import nyala
    >>> nyala.config.set_floatx("float32")
    >>> nyala.config.floatx()
    'float32'
    """
    global _floatx
    _floatx = _choose(value, _FLOATX, "set_floatx")
    if _floatx == "float64":
        enable_x64()


def enable_x64() -> None:
    """Let JAX hold 64-bit numbers (it narrows them to 32 bits otherwise)."""
    global _x64
    import jax

    jax.config.update("jax_enable_x64", True)
    _x64 = True


def epsilon() -> float:
    """Return the small number that keeps divisions and logarithms finite (1e-7 at first)."""
    return _epsilon


def set_epsilon(value: float) -> None:
    """Set the small number that keeps divisions and logarithms finite."""
    global _epsilon
    _epsilon = float(value)


def image_data_format() -> str:
    """Return `"channels_last"` (the default) or `"channels_first"`."""
    return _image_data_format


def set_image_data_format(data_format: str) -> None:
    """Set where the channel axis of images stands: `"channels_last"` or `"channels_first"`."""
    global _image_data_format
    _image_data_format = _choose(data_format, _FORMATS, "set_image_data_format")


def standardize_data_format(data_format: str | None) -> str:
    """Return `data_format`, or the default where it is `None`; refuse other words."""
    if data_format is None:
        return _image_data_format
    return _choose(str(data_format).lower(), _FORMATS, "data_format")


def backend() -> str:
    """Return the name of the engine: always `"jax"`."""
    return "jax"


def is_flash_attention_enabled() -> bool | None:
    """Whether fused attention is asked for (`None`: chosen by measurement)."""
    return _flash_attention


def enable_flash_attention() -> None:
    """Ask for fused attention wherever the device has it."""
    global _flash_attention
    _flash_attention = True


def disable_flash_attention() -> None:
    """Never use fused attention."""
    global _flash_attention
    _flash_attention = False


def is_interactive_logging_enabled() -> bool:
    """Whether progress goes to standard output (`True`) or to the `logging` module."""
    return _interactive_logging


def enable_interactive_logging() -> None:
    """Print progress to standard output (the default)."""
    global _interactive_logging
    _interactive_logging = True


def disable_interactive_logging() -> None:
    """Send progress to Python's `logging` instead of standard output."""
    global _interactive_logging
    _interactive_logging = False


def is_traceback_filtering_enabled() -> bool:
    """Whether errors hide the frames that lie inside nyala and jax."""
    return _traceback_filtering


def enable_traceback_filtering() -> None:
    """Hide nyala's own frames in tracebacks (the default)."""
    global _traceback_filtering
    _traceback_filtering = True


def disable_traceback_filtering() -> None:
    """Show every frame in tracebacks."""
    global _traceback_filtering
    _traceback_filtering = False


def is_nnx_enabled() -> bool:
    """Whether Flax NNX variables are in use: never, nyala has one kind of variable."""
    return _nnx_enabled


def eager_mode() -> str:
    """Return how eager operations run: `"recorded"` (the default) or `"immediate"`."""
    return _eager_mode


def set_eager_mode(mode: str) -> None:
    """Choose how eager operations run.

    Args:
        mode: `"recorded"` collects operations and runs them as one compiled program when a
            value is looked at; `"immediate"` runs each at once, for `pdb` and timing.
    """
    global _eager_mode
    _eager_mode = _choose(mode, _EAGER_MODES, "set_eager_mode")


def functions_run_eagerly() -> bool:
    """Return whether functions made by `nyala.function` run as plain Python."""
    return _functions_run_eagerly


def set_functions_run_eagerly(value: bool) -> None:
    """Let functions made by `nyala.function` run as plain Python, for `print` and debuggers."""
    global _functions_run_eagerly
    _functions_run_eagerly = bool(value)


def max_epochs() -> int | None:
    """Return the cap that `fit` puts on `epochs`, or `None`."""
    return _max_epochs


def set_max_epochs(value: int | None) -> None:
    """Cap the number of epochs of every `fit` (handy to try a long script)."""
    global _max_epochs
    _max_epochs = value


def max_steps_per_epoch() -> int | None:
    """Return the cap on the steps of an epoch, or `None`."""
    return _max_steps_per_epoch


def set_max_steps_per_epoch(value: int | None) -> None:
    """Cap the number of steps of every epoch of `fit`, `evaluate` and `predict`."""
    global _max_steps_per_epoch
    _max_steps_per_epoch = value


def home() -> Path:
    """Return nyala's folder for caches: `$NYALA_HOME`, else `~/.nyala`."""
    return Path(os.environ.get("NYALA_HOME") or Path.home() / ".nyala")
