"""The peers: what each needs to be installed, and how its process is started."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Peer:
    """A framework that rows are measured on.

    Attributes:
        name: as on the command line.
        title: as in the table.
        needs: the modules that must be installed.
        module: the module whose import time counts.
        environment: what its processes' environment has besides.
    """

    name: str
    title: str
    needs: tuple[str, ...]
    module: str
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def installed(self) -> bool:
        """Whether the modules can be found (without importing them)."""
        return all(importlib.util.find_spec(name) for name in self.needs)

    def process_environment(self) -> dict[str, str]:
        """Return the environment of this peer's processes: the CPU, and no chatter."""
        return os.environ | {
            "JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3",
            "PYTHONWARNINGS": "ignore", **self.environment,
        }  # fmt: skip

    def command(self, *arguments: str) -> list[str]:
        """Return the command of a Python process of this peer."""
        return [sys.executable, *arguments]


PEERS = {
    peer.name: peer
    for peer in (
        Peer("nyala", "nyala", ("jax",), "nyala"),
        Peer("keras-jax", "Keras on JAX", ("keras", "jax"), "keras", {"KERAS_BACKEND": "jax"}),
        Peer("jax", "hand-written JAX", ("jax",), "jax"),
        Peer("keras-tensorflow", "Keras on TensorFlow", ("keras", "tensorflow"), "keras",
             {"KERAS_BACKEND": "tensorflow"}),
        Peer("keras-torch", "Keras on PyTorch", ("keras", "torch"), "keras",
             {"KERAS_BACKEND": "torch"}),
    )
}  # fmt: skip


class Framework:
    """What a row's code needs of the framework of the process that it runs in.

    Attributes:
        keras: the Keras API: `nyala` or `keras`.
        GradientTape, function: of nyala or of TensorFlow, where there are such.
    """

    def __init__(self, peer: str):
        self.peer = peer
        self.keras: Any = None if peer == "jax" else importlib.import_module(PEERS[peer].module)
        own = {"nyala": "nyala", "keras-tensorflow": "tensorflow"}.get(peer)
        if own is not None:
            module = importlib.import_module(own)
            self.GradientTape, self.function = module.GradientTape, module.function
