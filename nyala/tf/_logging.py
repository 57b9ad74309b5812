"""`tf.logging`: TensorFlow's messages; nyala's come through Python's `warnings`."""

from __future__ import annotations

import logging
from typing import Any

from nyala.tf._absent import refuse_others

DEBUG, INFO, WARN, ERROR, FATAL = (
    logging.DEBUG,
    logging.INFO,
    logging.WARNING,
    logging.ERROR,
    logging.CRITICAL,
)
_logger = logging.getLogger("nyala")

debug, info, warning, error = _logger.debug, _logger.info, _logger.warning, _logger.error
warn = warning


def get_logger() -> logging.Logger:
    """Return the logger of nyala's messages."""
    return _logger


def set_verbosity(verbosity: Any) -> None:
    """Show messages of this importance and above."""
    _logger.setLevel(verbosity)


def get_verbosity() -> int:
    """Return the importance above which messages are shown."""
    return _logger.getEffectiveLevel()


__all__ = [
    "DEBUG",
    "ERROR",
    "FATAL",
    "INFO",
    "WARN",
    "debug",
    "error",
    "get_logger",
    "get_verbosity",
    "info",
    "set_verbosity",
    "warn",
    "warning",
]

__getattr__ = refuse_others("tf.logging", __all__)
