"""`tf.summary`: logs for TensorBoard (see `nyala.visualization`)."""

from nyala.tf._absent import found_later

_PLACES = {
    name: f"nyala.visualization.summary.{name}"
    for name in (
        "SummaryWriter", "create_file_writer", "create_noop_writer", "flush", "histogram", "image",
        "record_if", "scalar", "should_record_summaries", "text", "trace_export", "trace_on",
    )
}  # fmt: skip
_HINTS = {
    "FileWriter": "Use tf.summary.create_file_writer.",
    "merge_all": "Summaries are written at once; use tf.summary.scalar.",
}

__all__: list[str] = []

__getattr__ = found_later("tf.summary", _PLACES, _HINTS)


def __dir__() -> list[str]:
    return sorted(_PLACES)
