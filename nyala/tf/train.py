"""`tf.train`: checkpoints and records (see `nyala.saving` and `nyala.data`)."""

from nyala.tf._absent import found_later

_PLACES = {
    "BytesList": "nyala.data.records.BytesList",
    "Checkpoint": "nyala.saving.Checkpoint",
    "CheckpointManager": "nyala.saving.CheckpointManager",
    "Example": "nyala.data.records.Example",
    "Feature": "nyala.data.records.Feature",
    "Features": "nyala.data.records.Features",
    "FloatList": "nyala.data.records.FloatList",
    "Int64List": "nyala.data.records.Int64List",
    "latest_checkpoint": "nyala.saving.latest_checkpoint",
}
_HINTS = {
    "AdamOptimizer": "Use nyala.optimizers.Adam.",
    "ExponentialMovingAverage": "Use nyala.optimizers.Adam(use_ema=True).",
    "GradientDescentOptimizer": "Use nyala.optimizers.SGD.",
    "MomentumOptimizer": "Use nyala.optimizers.SGD(momentum=...).",
    "Saver": "Use model.save_weights.",
}

__all__: list[str] = []

__getattr__ = found_later("tf.train", _PLACES, _HINTS)


def __dir__() -> list[str]:
    return sorted(_PLACES)
