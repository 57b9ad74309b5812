"""`tf.data`: pipelines (see `nyala.data`)."""

from nyala.tf._absent import found_later

_PLACES = {
    name: f"nyala.data.{name}"
    for name in (
        "AUTOTUNE", "Dataset", "DatasetSpec", "FixedLengthRecordDataset", "INFINITE_CARDINALITY",
        "Iterator", "Options", "TFRecordDataset", "TextLineDataset", "UNKNOWN_CARDINALITY",
        "experimental",
    )
}  # fmt: skip
_PLACES["Iterator"] = "nyala.data.DatasetIterator"
_PLACES["NumpyIterator"] = "nyala.data.NumpyIterator"

__all__: list[str] = []

__getattr__ = found_later("tf.data", _PLACES)


def __dir__() -> list[str]:
    return sorted(_PLACES)
