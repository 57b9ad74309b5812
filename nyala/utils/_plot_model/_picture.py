"""A diagram as the bytes of a picture file."""

from __future__ import annotations

import io
from typing import Any

from nyala.core import did_you_mean
from nyala.utils._plot_model._diagram import Diagram
from nyala.utils._plot_model._paint import paint
from nyala.utils._plot_model._scene import compose
from nyala.utils._plot_model._svg import to_svg

# Endings of files' names; where Pillow calls the format otherwise, its name.
_FORMATS = {
    "png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "pdf": "PDF", "svg": "SVG", "webp": "WEBP",
    "gif": "GIF", "bmp": "BMP", "tif": "TIFF", "tiff": "TIFF",
}  # fmt: skip


def picture(diagram: Diagram, rankdir: str, dpi: float, kind: str) -> bytes:
    """Return the picture as the bytes of a file whose name ends in `kind`.

    Raises:
        ValueError: the ending is not that of a known format.
    """
    if kind not in _FORMATS:
        raise ValueError(
            f"A model cannot be drawn as {kind!r}: the file's name must end in one of "
            f"{', '.join([*_FORMATS, 'dot'])}.{did_you_mean(kind, _FORMATS)}"
        )
    scene = compose(diagram, rankdir)
    if kind == "svg":
        return to_svg(scene).encode()
    options: dict[str, Any] = {"resolution": dpi} if kind == "pdf" else {"dpi": (dpi, dpi)}
    if _FORMATS[kind] == "JPEG":
        options["quality"] = 92
    file = io.BytesIO()
    paint(scene, dpi).save(file, format=_FORMATS[kind], **options)
    return file.getvalue()
