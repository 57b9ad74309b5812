"""Scenes as SVG text."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from nyala.utils._plot_model._paint import (
    COLOURS,
    FAINT,
    FRAME_FILL,
    FRAME_LINE,
    INK,
    LINE,
    PAPER,
    RADIUS,
    RULE,
    STROKE,
    head,
    segments,
)
from nyala.utils._plot_model._scene import (
    MARGIN,
    PADDING,
    ROW_SIZE,
    TITLE_SIZE,
    Arrow,
    Card,
    Frame,
    Scene,
    text_width,
)


def to_svg(scene: Scene) -> str:
    """Return the scene as an SVG document, measured in points."""
    width, height = scene.width + 2 * MARGIN, scene.height + 2 * MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.1f}pt" height="{height:.1f}pt" '
        f'viewBox="0 0 {width:.1f} {height:.1f}" font-family="Helvetica, Arial, sans-serif">',
        f'<rect width="100%" height="100%" fill="{PAPER}"/>',
    ]
    for shape in scene.moved(MARGIN, MARGIN):
        parts += _drawn(shape)
    return "\n".join([*parts, "</svg>", ""])


def _drawn(shape: Any) -> list[str]:
    if isinstance(shape, Card):
        return _card(shape)
    if isinstance(shape, Frame):
        return [
            _rectangle(shape, shape.height, FRAME_FILL, FRAME_LINE),
            _text(shape.x + PADDING, shape.y + 13, shape.title, TITLE_SIZE, COLOURS["model"]),
        ]
    return _arrow(shape)


def _card(card: Card) -> list[str]:
    colour = COLOURS[card.kind]
    parts = [_rectangle(card, card.height, PAPER if card.rows else colour, RULE)]
    if card.rows:
        x, y, w, h, r = card.x, card.y, card.width, card.header, RADIUS
        parts.append(
            f'<path d="M{x:.1f} {y + h:.1f} v{r - h:.1f} q0 {-r} {r} {-r} h{w - 2 * r:.1f} '
            f'q{r} 0 {r} {r} v{h - r:.1f} z" fill="{colour}"/>'
        )
    for x, y, text in card.title_lines():
        parts.append(_text(x, y, text, TITLE_SIZE, PAPER, anchor="middle"))
    for x, y, label, value in card.row_lines():
        parts.append(_text(x, y, label, ROW_SIZE, FAINT))
        parts.append(_text(card.value_x, y, value, ROW_SIZE, INK))
    return parts


def _rectangle(shape: Any, height: float, fill: str, stroke: str) -> str:
    return (
        f'<rect x="{shape.x:.1f}" y="{shape.y:.1f}" width="{shape.width:.1f}" '
        f'height="{height:.1f}" rx="{RADIUS}" fill="{fill}" stroke="{stroke}"/>'
    )


def _text(x: float, y: float, text: str, size: float, colour: str, anchor: str = "start") -> str:
    # The length is stated, so that the text fits whichever font the viewer has.
    length = text_width(text, size)
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" dy="0.35em" font-size="{size}" fill="{colour}" '
        f'text-anchor="{anchor}" textLength="{length:.1f}" lengthAdjust="spacingAndGlyphs">'
        f"{escape(text)}</text>"
    )


def _arrow(arrow: Arrow) -> list[str]:
    steps = [f"M{_point(arrow.points[0])}"]
    for part in segments(arrow):
        command = "L" if len(part) == 2 else "C"
        steps.append(command + " ".join(_point(point) for point in part[1:]))
    corners = " ".join(_point(point).replace(" ", ",") for point in head(arrow))
    return [
        f'<path d="{" ".join(steps)}" fill="none" stroke="{LINE}" stroke-width="{STROKE}"/>',
        f'<polygon points="{corners}" fill="{LINE}"/>',
    ]


def _point(point: tuple[float, float]) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"
