"""`tf.distribute`: several devices (see `nyala.distribution`)."""

from nyala.tf._absent import found_later

_STRATEGIES = (
    "MirroredStrategy", "MultiWorkerMirroredStrategy", "OneDeviceStrategy", "ReduceOp", "Strategy",
    "TPUStrategy", "get_strategy", "has_strategy", "in_cross_replica_context",
    "get_replica_context",
)  # fmt: skip
_PLACES = {name: f"nyala.distribution.{name}" for name in _STRATEGIES}
_HINTS = {
    "ParameterServerStrategy": "Use nyala.distribution.DataParallel.",
    "experimental": "Use tf.distribute.MultiWorkerMirroredStrategy.",
}

__all__: list[str] = []

__getattr__ = found_later("tf.distribute", _PLACES, _HINTS)


def __dir__() -> list[str]:
    return sorted(_PLACES)
