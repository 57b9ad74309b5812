"""`tf.errors`: what scripts catch, as the exceptions that are raised here.

Where Python or nyala has an exception for the same mistake, the name is that exception, so that an
`except` clause written for TensorFlow goes on working.
"""

from __future__ import annotations

import jax

from nyala.data.records import DataLossError
from nyala.tf._absent import refuse_others

AlreadyExistsError = FileExistsError
DeadlineExceededError = TimeoutError
InvalidArgumentError = ValueError
NotFoundError = FileNotFoundError
PermissionDeniedError = PermissionError
ResourceExhaustedError = jax.errors.JaxRuntimeError
InternalError = jax.errors.JaxRuntimeError
UnimplementedError = NotImplementedError


class OpError(Exception):
    """Base of the errors that only TensorFlow has."""

    def __init__(self, node_def: object = None, op: object = None, message: str = "", *_: object):
        super().__init__(message or node_def)
        self.node_def, self.op, self.message = node_def, op, str(message or node_def)


class AbortedError(OpError):
    """Something was ended from outside."""


class CancelledError(OpError):
    """Something was taken back."""


class FailedPreconditionError(OpError):
    """Something was not ready."""


class OutOfRangeError(OpError):
    """There are no more elements."""


class UnavailableError(OpError):
    """A machine does not answer."""


class UnknownError(OpError):
    """Anything else."""


__all__ = [
    "AbortedError", "AlreadyExistsError", "CancelledError", "DataLossError",
    "DeadlineExceededError", "FailedPreconditionError", "InternalError", "InvalidArgumentError",
    "NotFoundError", "OpError", "OutOfRangeError", "PermissionDeniedError",
    "ResourceExhaustedError", "UnavailableError", "UnimplementedError", "UnknownError",
]  # fmt: skip

__getattr__ = refuse_others("tf.errors", __all__)
