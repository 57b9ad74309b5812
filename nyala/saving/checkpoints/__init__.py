"""Checkpoints: generations of state that appear whole, with the newest whole one always there."""

from nyala.saving.checkpoints._background import BackgroundWriter
from nyala.saving.checkpoints._checkpoint import Checkpoint
from nyala.saving.checkpoints._generation import Generation, read_generation, write_generation
from nyala.saving.checkpoints._manager import CheckpointManager, latest_checkpoint
from nyala.saving.checkpoints._objects import check_fit, set_value, snapshot
from nyala.saving.checkpoints._restoration import Restoration
from nyala.saving.checkpoints._store import CheckpointStore

__all__ = [
    "BackgroundWriter",
    "Checkpoint",
    "CheckpointManager",
    "CheckpointStore",
    "Generation",
    "Restoration",
    "check_fit",
    "latest_checkpoint",
    "read_generation",
    "set_value",
    "snapshot",
    "write_generation",
]
