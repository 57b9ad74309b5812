"""Two small pictures with Pillow alone: curves of a training history, and a grid of predictions."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

INK, FAINT, PAPER = "#1f2937", "#d1d5db", "white"
TRAIN, VALIDATION, WRONG = "#2563eb", "#ea580c", "#dc2626"


def draw_history(history: dict[str, list[float]], path: str) -> None:
    """Draw each metric over the epochs, training and validation in one panel each.

    Args:
        history: `History.history`: a dict from name to one value an epoch.
        path: of the PNG file.
    """
    names = [name for name in history if not name.startswith("val_")]
    width, height, margin = 460, 340, 56
    image = Image.new("RGB", (width * len(names), height), PAPER)
    canvas = ImageDraw.Draw(image)
    for i, name in enumerate(names):
        curves = {"training": (history[name], TRAIN)}
        if f"val_{name}" in history:
            curves["validation"] = (history[f"val_{name}"], VALIDATION)
        box = (i * width + margin, margin, (i + 1) * width - 24, height - margin)
        _panel(canvas, box, name, curves)
    image.save(path)


def _panel(canvas: ImageDraw.ImageDraw, box: tuple, title: str, curves: dict) -> None:
    left, top, right, bottom = box
    values = np.concatenate([np.asarray(v, float) for v, _ in curves.values()])
    low, high = float(values.min()), float(values.max())
    ticks = _ticks(low, high)
    low, high = min(low, ticks[0]), max(high, ticks[-1])
    canvas.text((left, top - 36), title, fill=INK, font=_font(18))
    for tick in ticks:
        y = bottom - (tick - low) / (high - low) * (bottom - top)
        canvas.line((left, y, right, y), fill=FAINT)
        canvas.text((left - 8, y), f"{tick:g}", fill=INK, font=_font(12), anchor="rm")
    epochs = max(len(v) for v, _ in curves.values())
    for epoch in {1, epochs, (epochs + 1) // 2}:
        x = left + (epoch - 1) / max(1, epochs - 1) * (right - left)
        anchor = "ra" if epoch == epochs > 1 else "ma"
        canvas.text((x, bottom + 8), f"epoch {epoch}", fill=INK, font=_font(12), anchor=anchor)
    for i, (label, (line, colour)) in enumerate(curves.items()):
        points = [
            (left + e / max(1, epochs - 1) * (right - left),
             bottom - (v - low) / (high - low) * (bottom - top))
            for e, v in enumerate(line)
        ]  # fmt: skip
        canvas.line(points, fill=colour, width=3, joint="curve")
        for x, y in points if len(points) <= 30 else ():
            canvas.ellipse((x - 3, y - 3, x + 3, y + 3), fill=colour)
        canvas.text((right, top - 34 + 16 * i), label, fill=colour, font=_font(13), anchor="ra")


def _ticks(low: float, high: float) -> list[float]:
    """Return about five round numbers from below `low` to above `high`."""
    span = (high - low) or 1.0
    rough = span / 4
    power = 10 ** np.floor(np.log10(rough))
    step = min((m * power for m in (1, 2, 2.5, 5, 10)), key=lambda s: abs(s - rough))
    first, last = np.floor(low / step + 1e-9), np.ceil(high / step - 1e-9)
    return [round(float(i * step), 10) for i in np.arange(first, last + 1)]


def draw_predictions(images: np.ndarray, probabilities: np.ndarray, labels: np.ndarray,
                     path: str) -> None:  # fmt: skip
    """Draw images in a grid, each with the predicted class, its probability and the truth.

    Args:
        images: (n, height, width), in [0, 1].
        probabilities: (n, classes).
        labels: (n,) true classes.
        path: of the PNG file.
    """
    columns, cell, side = 8, 112, 80
    rows = -(-len(images) // columns)
    sheet = Image.new("RGB", (columns * cell, rows * (cell + 14)), PAPER)
    canvas = ImageDraw.Draw(sheet)
    for i, (pixels, row, label) in enumerate(zip(images, probabilities, labels, strict=True)):
        x, y = i % columns * cell, i // columns * (cell + 14)
        picture = Image.fromarray(np.uint8(255 - pixels * 255)).resize((side, side), Image.NEAREST)
        sheet.paste(picture, (x + (cell - side) // 2, y + 8))
        guess = int(row.argmax())
        right = guess == int(label)
        text = (
            f"{guess}  {row[guess]:.0%}" if right else f"{guess} {row[guess]:.0%}, is {int(label)}"
        )
        canvas.text((x + cell // 2, y + side + 12), text, fill=INK if right else WRONG,
                    font=_font(14), anchor="ma")  # fmt: skip
    sheet.save(path)


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)
