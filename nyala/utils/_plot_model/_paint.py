"""Scenes as raster images, with Pillow."""

from __future__ import annotations

import itertools
import math
from typing import Any

from nyala.utils._plot_model._scene import (
    MARGIN,
    PADDING,
    ROW_SIZE,
    TITLE_SIZE,
    Arrow,
    Card,
    Frame,
    Scene,
    font,
)

COLOURS = {"input": "#0f766e", "weights": "#1d4ed8", "plain": "#64748b", "model": "#7c3aed"}
PAPER, INK, FAINT, RULE, LINE = "#ffffff", "#0f172a", "#64748b", "#cbd5e1", "#475569"
FRAME_FILL, FRAME_LINE = "#f5f3ff", "#a78bfa"
RADIUS, STROKE, HEAD = 5.0, 1.2, 6.5
# Shapes are painted larger and scaled down, which smooths their edges, as long as memory allows.
_SMOOTHING = 2
_MOST_PIXELS = 60_000_000


def paint(scene: Scene, dpi: float) -> Any:
    """Return a Pillow image of the scene at this resolution."""
    from PIL import Image, ImageDraw

    size = (scene.width + 2 * MARGIN, scene.height + 2 * MARGIN)
    scale = dpi / 72
    target = tuple(max(1, round(length * scale)) for length in size)
    smoothing = _SMOOTHING if target[0] * target[1] * _SMOOTHING**2 <= _MOST_PIXELS else 1
    image = Image.new("RGB", tuple(n * smoothing for n in target), PAPER)
    brush = _Brush(ImageDraw.Draw(image), scale * smoothing)
    for shape in scene.moved(MARGIN, MARGIN):
        brush.draw(shape)
    return image if smoothing == 1 else image.resize(target, Image.Resampling.LANCZOS)


class _Brush:
    """Draws shapes given in points."""

    def __init__(self, canvas: Any, scale: float):
        self.canvas, self.scale = canvas, scale

    def draw(self, shape: Any) -> None:
        if isinstance(shape, Card):
            self.card(shape)
        elif isinstance(shape, Frame):
            self.frame(shape)
        else:
            self.arrow(shape)

    def card(self, card: Card) -> None:
        colour = COLOURS[card.kind]
        right, bottom = card.x + card.width, card.y + card.height
        self.rounded(card.x, card.y, right, bottom, PAPER if card.rows else colour, RULE)
        if card.rows:
            corners = (True, True, False, False)
            self.rounded(card.x, card.y, right, card.y + card.header, colour, colour, corners)
        for x, y, text in card.title_lines():
            self.text(x, y, text, TITLE_SIZE, PAPER, "mm")
        for x, y, label, value in card.row_lines():
            self.text(x, y, label, ROW_SIZE, FAINT, "lm")
            self.text(card.value_x, y, value, ROW_SIZE, INK, "lm")

    def frame(self, frame: Frame) -> None:
        right, bottom = frame.x + frame.width, frame.y + frame.height
        self.rounded(frame.x, frame.y, right, bottom, FRAME_FILL, FRAME_LINE)
        self.text(frame.x + PADDING, frame.y + 13, frame.title, TITLE_SIZE, COLOURS["model"], "lm")

    def arrow(self, arrow: Arrow) -> None:
        points = [self.pixels(*point) for point in curve(arrow)]
        width = max(1, round(STROKE * self.scale))
        self.canvas.line(points, fill=LINE, width=width, joint="curve")
        self.canvas.polygon([self.pixels(*point) for point in head(arrow)], fill=LINE)

    def rounded(self, x0: float, y0: float, x1: float, y1: float, fill: str, outline: str,
                corners: tuple | None = None) -> None:  # fmt: skip
        self.canvas.rounded_rectangle(
            [*self.pixels(x0, y0), *self.pixels(x1, y1)], radius=RADIUS * self.scale, fill=fill,
            outline=outline, width=max(1, round(self.scale)), corners=corners,
        )  # fmt: skip

    def text(self, x: float, y: float, text: str, size: float, colour: str, anchor: str) -> None:
        place = self.pixels(x, y)
        self.canvas.text(place, text, font=font(size * self.scale), fill=colour, anchor=anchor)

    def pixels(self, x: float, y: float) -> tuple[float, float]:
        return x * self.scale, y * self.scale


# -- arrows --------------------------------------------------------------------------------------


def segments(arrow: Arrow) -> list[tuple]:
    """Return the cubic curves between the pairs of an arrow's points, and its straight parts.

    A curve is `(start, control, control, end)`, a straight part `(start, end)`.
    """
    points = [*arrow.points[:-1], _neck(arrow)]
    parts: list[tuple] = []
    for i, (start, end) in enumerate(itertools.pairwise(points)):
        if i % 2 == 0 or math.dist(start, end) < 0.01:
            parts.append((start, end))
            continue
        (x0, y0), (x1, y1) = start, end
        if arrow.flows_down:
            middle = (y0 + y1) / 2
            parts.append((start, (x0, middle), (x1, middle), end))
        else:
            middle = (x0 + x1) / 2
            parts.append((start, (middle, y0), (middle, y1), end))
    return parts


def _neck(arrow: Arrow) -> tuple[float, float]:
    """Return where the line ends: inside the head, so that its tip stays sharp."""
    (x0, y0), (x1, y1) = _direction(arrow)
    length = math.dist((x0, y0), (x1, y1)) or 1.0
    return x1 - (x1 - x0) / length * HEAD * 0.6, y1 - (y1 - y0) / length * HEAD * 0.6


def _direction(arrow: Arrow) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return a point before the arrow's end in the direction in which it arrives, and the end."""
    end = arrow.points[-1]
    before = next((p for p in reversed(arrow.points) if math.dist(p, end) > 0.01), end)
    if math.dist(arrow.points[-2], end) < 0.01:
        # It arrives out of a curve, which ends along the flow.
        before = (end[0], before[1]) if arrow.flows_down else (before[0], end[1])
    return before, end


def curve(arrow: Arrow, steps: int = 16) -> list[tuple[float, float]]:
    """Return points along the arrow's line, close enough to be joined by straight lines."""
    points = [arrow.points[0]]
    for part in segments(arrow):
        if len(part) == 2:
            points.append(part[1])
            continue
        for step in range(1, steps + 1):
            t = step / steps
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
            points.append(tuple(
                sum(w * p[axis] for w, p in zip(weights, part, strict=True)) for axis in (0, 1)
            ))  # fmt: skip
    return points


def head(arrow: Arrow) -> list[tuple[float, float]]:
    """Return the corners of the arrow's head."""
    (x0, y0), (x1, y1) = _direction(arrow)
    length = math.dist((x0, y0), (x1, y1)) or 1.0
    dx, dy = (x1 - x0) / length, (y1 - y0) / length
    back_x, back_y, half = x1 - dx * HEAD, y1 - dy * HEAD, HEAD * 0.45
    return [
        (x1, y1), (back_x - dy * half, back_y + dx * half), (back_x + dy * half, back_y - dx * half)
    ]  # fmt: skip
