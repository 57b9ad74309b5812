"""A diagram as shapes with coordinates in points (1/72 inch), ready to be painted."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any, NamedTuple

from nyala.models._summary_table import wrap
from nyala.utils._plot_model._diagram import Box, Diagram
from nyala.utils._plot_model._layout import lay_out

TITLE_SIZE, ROW_SIZE = 12.0, 10.5
MARGIN = 14.0
PADDING = 10.0
_TITLE_LINE, _ROW_LINE = 16.0, 15.0
_HEADER_PADDING, _ROW_PADDING = 6.0, 5.0
_LABEL_GAP = 10.0
_FRAME_PADDING = 14.0
_LONGEST_LINE = 44
DIRECTIONS = ("TB", "BT", "LR", "RL")


class Card(NamedTuple):
    """A box: a coloured heading, and below it rows of a label and a value."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    title: list[str]
    rows: list[tuple[str, str]]

    @property
    def header(self) -> float:
        """The height of the heading."""
        return header_height(self.title)

    def title_lines(self) -> list[tuple[float, float, str]]:
        """Return the centre of each line of the heading, and its text."""
        top = self.y + _HEADER_PADDING + _TITLE_LINE / 2
        middle = self.x + self.width / 2
        return [(middle, top + i * _TITLE_LINE, line) for i, line in enumerate(self.title)]

    def row_lines(self) -> list[tuple[float, float, str, str]]:
        """Return for each row where it begins, where its value begins, its height, its texts."""
        top = self.y + self.header + _ROW_PADDING + _ROW_LINE / 2
        return [(self.x + PADDING, top + i * _ROW_LINE, *row) for i, row in enumerate(self.rows)]

    @property
    def value_x(self) -> float:
        """Where the values of the rows begin."""
        labels = max((text_width(label, ROW_SIZE) for label, _ in self.rows), default=0.0)
        return self.x + PADDING + labels + _LABEL_GAP


class Frame(NamedTuple):
    """The frame around the layers of a model inside."""

    x: float
    y: float
    width: float
    height: float
    title: str


class Arrow(NamedTuple):
    """A line with a head at its end, through pairs of points (see `Layout`)."""

    points: list[tuple[float, float]]
    flows_down: bool


@dataclasses.dataclass
class Scene:
    """Shapes in the order in which they are painted, within a width and a height."""

    width: float
    height: float
    shapes: list[Any]

    def moved(self, x: float, y: float) -> list[Any]:
        """Return the shapes moved by this much."""
        return [_moved(shape, x, y) for shape in self.shapes]


def _moved(shape: Any, x: float, y: float) -> Any:
    if isinstance(shape, Arrow):
        return shape._replace(points=[(a + x, b + y) for a, b in shape.points])
    return shape._replace(x=shape.x + x, y=shape.y + y)


def compose(diagram: Diagram, rankdir: str) -> Scene:
    """Lay a diagram out; models shown expanded are laid out first and placed as boxes."""
    inner = [compose(box.inside, rankdir) if box.inside else None for box in diagram.boxes]
    titles = [wrap(box.title, _LONGEST_LINE) for box in diagram.boxes]
    sizes = [
        _frame_size(scene, box) if scene else _card_size(title, box)
        for box, title, scene in zip(diagram.boxes, titles, inner, strict=True)
    ]
    sideways = rankdir in ("LR", "RL")
    layout = lay_out([(h, w) if sideways else (w, h) for w, h in sizes], diagram.edges)
    width, height = layout.across, layout.along
    if sideways:
        width, height = height, width

    def turned(point: tuple[float, float]) -> tuple[float, float]:
        across, along = point
        along = layout.along - along if rankdir in ("BT", "RL") else along
        return (along, across) if sideways else (across, along)

    shapes: list[Any] = []
    placed = zip(diagram.boxes, titles, inner, sizes, layout.centres, strict=True)
    for box, title, scene, (w, h), centre in placed:
        x, y = turned(centre)
        x, y = x - w / 2, y - h / 2
        if scene is None:
            shapes.append(Card(x, y, w, h, box.kind, title, box.rows))
            continue
        shapes.append(Frame(x, y, w, h, box.title))
        left = (w - scene.width) / 2
        shapes += scene.moved(x + left, y + _FRAME_PADDING + _TITLE_LINE)
    for points in layout.arrows:
        shapes.append(Arrow([turned(point) for point in points], not sideways))
    return Scene(width, height, shapes)


def header_height(title: list[str]) -> float:
    """Return the height of a heading of these lines."""
    return len(title) * _TITLE_LINE + 2 * _HEADER_PADDING


def _card_size(title: list[str], box: Box) -> tuple[float, float]:
    labels = max((text_width(label, ROW_SIZE) for label, _ in box.rows), default=0.0)
    values = max((text_width(value, ROW_SIZE) for _, value in box.rows), default=0.0)
    widest = max(text_width(line, TITLE_SIZE) for line in title)
    if box.rows:
        widest = max(widest, labels + _LABEL_GAP + values)
    rows = len(box.rows) * _ROW_LINE + 2 * _ROW_PADDING if box.rows else 0.0
    return widest + 2 * PADDING + 4, header_height(title) + rows


def _frame_size(scene: Scene, box: Box) -> tuple[float, float]:
    width = max(scene.width, text_width(box.title, TITLE_SIZE))
    return width + 2 * _FRAME_PADDING, scene.height + 2 * _FRAME_PADDING + _TITLE_LINE


# -- text ----------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=16)
def font(size: float) -> Any:
    """Return the font that comes with Pillow, in this size in pixels."""
    from PIL import ImageFont

    return ImageFont.load_default(size)


@functools.lru_cache(maxsize=4096)
def text_width(text: str, size: float) -> float:
    """Return the width of a line of text in points."""
    # Measured large: glyphs are fitted to whole pixels.
    return font(size * 8).getlength(text) / 8
