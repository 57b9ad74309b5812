"""`tf.saved_model`: exported models (see `nyala.export`)."""

from nyala.tf._absent import found_later

_PLACES = {"load": "nyala.export.load", "save": "nyala.export.save"}
_HINTS = {"LoadOptions": "Use nyala.saving.load_model.", "SaveOptions": "Use model.save."}

__all__: list[str] = []

__getattr__ = found_later("tf.saved_model", _PLACES, _HINTS)


def __dir__() -> list[str]:
    return sorted(_PLACES)
