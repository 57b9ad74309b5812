"""`model.summary()`: rows, sums, widths, ASCII, nested models."""

from __future__ import annotations

import io
import re
import sys

import numpy as np
import pytest

import nyala
from nyala import layers
from nyala.models._summary_table import format_bytes, wrap


@pytest.fixture(autouse=True)
def _terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def graph():
    a = nyala.Input((8,), name="a_rather_long_name_for_the_first_input")
    b = nyala.Input((8,), name="b")
    encoder = nyala.Sequential([nyala.Input((8,)), layers.Dense(4, name="inner")], name="encoder")
    return nyala.Model([a, b], layers.concatenate([encoder(a), encoder(b)]), name="pair")


def text_of(model, **options):
    parts = []
    model.summary(print_fn=parts.append, **options)
    assert len(parts) == 1
    return parts[0]


def rows_of(text):
    """Return the cells of each row, lines of one row joined."""
    rows, current = [], None
    for line in text.splitlines():
        if line[:1] in "├└┡┌":
            current = None
        elif line[:1] == "│":
            cells = [cell.strip() for cell in line[1:-1].split("│")]
            if current is None:
                rows.append(current := cells)
            else:
                current[:] = [f"{a} {b}".strip() for a, b in zip(current, cells, strict=True)]
    return rows


def test_a_stack():
    model = nyala.Sequential(
        [nyala.Input((10,)), layers.Dense(500, name="wide"), layers.Dropout(0.5), layers.Dense(2)]
    )
    text = text_of(model)
    assert text.startswith('Model: "sequential"\n')
    assert rows_of(text) == [
        ["wide (Dense)", "(None, 500)", "5,500"],
        ["dropout (Dropout)", "(None, 500)", "0"],
        ["dense (Dense)", "(None, 2)", "1,002"],
    ]
    assert " Total params: 6,502 (25.40 KB)\n Trainable params: 6,502 (25.40 KB)\n" in text
    assert text.endswith(" Non-trainable params: 0 (0.00 B)\n")


def test_what_is_not_built_yet():
    rows = rows_of(text_of(nyala.Sequential([layers.Dense(2)])))
    assert rows == [["dense (Dense)", "?", "0 (unbuilt)"]]


def test_layers_built_on_data_show_their_shapes():
    class Own(nyala.Model):
        def __init__(self):
            super().__init__()
            self.first, self.never = layers.Dense(3), layers.Dense(1)

        def call(self, inputs):
            return self.first(inputs)

    model = Own()
    model(np.ones((2, 4), "float32"))
    assert rows_of(text_of(model)) == [
        ["dense (Dense)", "(2, 3)", "15"],
        ["dense_1 (Dense)", "?", "0 (unbuilt)"],
    ]


def test_a_graph_shows_connections(graph):
    rows = rows_of(text_of(graph, line_length=160))
    assert [row[0] for row in rows][-2:] == ["encoder (Sequential)", "concatenate (Concatenate)"]
    assert rows[-2][3] == "a_rather_long_name_for_the_first_input[0][0], b[0][0]"
    assert rows[-1][1:] == ["(None, 8)", "0", "encoder[0][0], encoder[1][0]"]


def test_nested_layers_on_request_and_what_is_frozen(graph):
    graph.get_layer("encoder").trainable = False
    rows = rows_of(text_of(graph, expand_nested=True, show_trainable=True, line_length=120))
    assert [(row[0].split(" (")[0], row[-1]) for row in rows[-3:]] == [
        ("encoder", "N"), ("└ inner", "N"), ("concatenate", "-"),
    ]  # fmt: skip


def test_parameters_of_the_optimizer():
    model = nyala.Sequential([nyala.Input((3,)), layers.Dense(2)])
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    text = text_of(model)
    count = sum(int(np.prod(v.shape)) for v in model.optimizer.variables)
    assert f" Optimizer params: {count} (" in text
    assert f" Total params: {count + 8} (" in text


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_nothing_is_cut_off_at_any_width(graph, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    text = text_of(graph)
    lines = text.splitlines()
    table = [line for line in lines if line[:1] in "│┃┏┡├└"]
    assert {len(line) for line in table} == {min(columns, 108)}
    joined = re.sub(r"\s", "", "".join(row[0] for row in rows_of(text)))
    assert "a_rather_long_name_for_the_first_input(InputLayer)" in joined
    assert "…" not in text


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_ascii_where_the_output_has_no_lines(graph, monkeypatch, encoding):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    graph.summary(expand_nested=True)
    sys.stdout.flush()
    text = raw.getvalue().decode("ascii")
    assert "| encoder" in text
    assert "> inner" in text
    lines = []
    graph.summary(print_fn=lines.append)
    assert lines[0].isascii()


def test_a_range_of_layers():
    model = nyala.Sequential([layers.Dense(1, name=f"block_{i}") for i in range(4)])
    names = [row[0] for row in rows_of(text_of(model, layer_range=("block_1", "block_[0-2]")))]
    assert names == ["block_1 (Dense)", "block_2 (Dense)"]
    with pytest.raises(ValueError, match=r"matches 'blok'.*block_0, block_1"):
        model.summary(layer_range=("blok", "block_1"))
    with pytest.raises(ValueError, match="expects two names"):
        model.summary(layer_range=("block_1",))


def test_columns_where_they_are_asked_for():
    model = nyala.Sequential([nyala.Input((3,)), layers.Dense(2)])
    line = text_of(model, line_length=100, positions=[0.5, 0.8, 1.0]).splitlines()[1]
    assert [i for i, c in enumerate(line) if c == "┳"] == [50, 80]
    with pytest.raises(ValueError, match="too short"):
        model.summary(line_length=10)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("conv (Conv2D)", 20, ["conv (Conv2D)"]),
        ("conv (Conv2D)", 9, ["conv", "(Conv2D)"]),
        ("global_max_pooling", 12, ["global_max_", "pooling"]),
        ("name[0][0], other", 9, ["name[0]", "[0],", "other"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("  └ inner (Dense)", 11, ["  └ inner", "    (Dense)"]),
        ("", 5, []),
    ],
)
def test_wrapping(text, width, lines):
    assert wrap(text, width) == lines


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0.00 B"),
        (1023, "1023.00 B"),
        (1024, "1.00 KB"),
        (3 << 20, "3.00 MB"),
        (1 << 50, "1.00 PB"),
    ],
)
def test_bytes(size, text):
    assert format_bytes(size) == text
