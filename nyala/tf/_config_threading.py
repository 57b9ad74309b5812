"""`tf.config.threading`: XLA takes its threads when it starts."""

from __future__ import annotations

import os


def set_intra_op_parallelism_threads(num_threads: int) -> None:
    """Do nothing: bound the processors of the process itself (`taskset`) to use fewer threads."""


def set_inter_op_parallelism_threads(num_threads: int) -> None:
    """Do nothing: see `set_intra_op_parallelism_threads`."""


def get_intra_op_parallelism_threads() -> int:
    """Return the number of processors that the process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def get_inter_op_parallelism_threads() -> int:
    """Return the number of processors that the process may use."""
    return get_intra_op_parallelism_threads()


__all__ = [
    "get_inter_op_parallelism_threads", "get_intra_op_parallelism_threads",
    "set_inter_op_parallelism_threads", "set_intra_op_parallelism_threads",
]  # fmt: skip
