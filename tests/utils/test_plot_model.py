"""Pictures of models: files of every kind, and a layout in which nothing overlaps."""

from __future__ import annotations

import itertools
import math
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

import nyala
from nyala import layers
from nyala.utils import model_to_dot, plot_model
from nyala.utils._plot_model._layout import keep_distances, lay_out
from nyala.utils._plot_model._paint import curve
from nyala.utils._plot_model._scene import Arrow, Card, Frame, compose, text_width


def _chain():
    return nyala.Sequential([nyala.Input((4,)), layers.Dense(3), layers.Dense(2)], name="chain")


def _residual():
    a = nyala.Input((8,))
    x = layers.Dense(8)(a)
    for _ in range(2):
        x = layers.add([x, layers.Dense(8)(layers.BatchNormalization()(layers.Dense(8)(x))), a])
    return nyala.Model(
        a, [layers.Dense(1, name="a_name_that_is_much_longer_than_others")(x), x * 2]
    )


def _nested():
    e = nyala.Input((4,))
    encoder = nyala.Model(e, layers.Dense(3)(layers.Dense(5)(e)), name="encoder")
    a, b = nyala.Input((4,)), nyala.Input((4,))
    return nyala.Model([a, b], [layers.subtract([encoder(a), encoder(b)]), layers.Dense(1)(a)])


def _shared_in_a_circle():
    x = nyala.Input((4,))
    one, two = layers.Dense(4), layers.Dense(4)
    return nyala.Model(x, two(one(one(two(x)))))


MODELS = {f.__name__.lstrip("_"): f for f in (_chain, _residual, _nested, _shared_in_a_circle)}


def _scene(model, rankdir="TB"):
    dot = model_to_dot(model, show_shapes=True, expand_nested=True, rankdir=rankdir)
    return compose(dot.diagram, rankdir)


def _all(scene, kind):
    return [shape for shape in scene.shapes if isinstance(shape, kind)]


@pytest.mark.parametrize("rankdir", ["TB", "BT", "LR", "RL"])
@pytest.mark.parametrize("name", MODELS)
def test_boxes_do_not_overlap_and_arrows_pass_between_them(name, rankdir):
    scene = _scene(MODELS[name](), rankdir)
    cards = _all(scene, Card)
    for a, b in itertools.combinations(cards, 2):
        apart = (
            a.x + a.width <= b.x or b.x + b.width <= a.x
            or a.y + a.height <= b.y or b.y + b.height <= a.y
        )  # fmt: skip
        assert apart, (a.title, b.title)
    for shape in (*cards, *_all(scene, Frame)):
        assert shape.x >= -0.01
        assert shape.y >= -0.01
        assert shape.x + shape.width <= scene.width + 0.01
        assert shape.y + shape.height <= scene.height + 0.01
    for arrow in _all(scene, Arrow):
        for (x, y), card in itertools.product(curve(arrow), cards):
            inside = (
                card.x + 1 < x < card.x + card.width - 1
                and card.y + 1 < y < card.y + card.height - 1
            )
            assert not inside, (card.title, (x, y))


def test_text_fits_its_box():
    for card in _all(_scene(_residual()), Card):
        for x, _, line in card.title_lines():
            assert x - text_width(line, 12.0) / 2 >= card.x
        for _, _, _, value in card.row_lines():
            assert card.value_x + text_width(value, 10.5) <= card.x + card.width


def test_arrows_begin_and_end_at_their_boxes():
    scene = _scene(_chain())
    upper, lower = _all(scene, Card)[:2]
    arrow = _all(scene, Arrow)[0]
    assert math.isclose(arrow.points[0][1], upper.y + upper.height)
    assert math.isclose(arrow.points[-1][1], lower.y)


def test_models_inside_are_frames_around_their_layers():
    scene = _scene(_nested())
    (frame,) = _all(scene, Frame)
    inside = [c for c in _all(scene, Card) if frame.x < c.x < frame.x + frame.width
              and frame.y < c.y < frame.y + frame.height]  # fmt: skip
    assert len(inside) == 3
    closed = model_to_dot(_nested(), expand_nested=False).diagram
    assert [box.kind for box in closed.boxes].count("model") == 1


def test_arrows_that_lead_back():
    diagram = model_to_dot(_shared_in_a_circle()).diagram
    assert sorted(diagram.edges) == [(0, 1), (1, 2), (2, 1), (2, 2)]


@pytest.mark.parametrize("kind", ["png", "jpg", "pdf", "svg", "dot", "webp"])
def test_files_by_the_ending_of_their_name(tmp_path, kind):
    path = tmp_path / f"model.{kind}"
    assert plot_model(_chain(), path, show_shapes=True, show_layer_names=True, dpi=50) is None
    data = path.read_bytes()
    if kind in ("png", "jpg", "webp"):
        with Image.open(path) as image:
            pixels = np.asarray(image.convert("RGB"))
        # White paper, and boxes in more than one colour on it.
        assert (pixels == 255).all(axis=-1).mean() > 0.2
        assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 20
    elif kind == "svg":
        texts = [e.text for e in ElementTree.fromstring(data).iter() if e.tag.endswith("text")]
        assert {"dense (Dense)", "(None, 3)", "Output"} <= set(texts)
    else:
        assert data.startswith({"pdf": b"%PDF", "dot": b"digraph"}[kind])


def test_resolution_sets_the_size(tmp_path):
    sizes = []
    for dpi in (50, 100):
        plot_model(_chain(), tmp_path / "m.png", dpi=dpi)
        with Image.open(tmp_path / "m.png") as image:
            sizes.append(image.size)
    np.testing.assert_allclose(np.multiply(sizes[0], 2), sizes[1], atol=2)


def test_what_is_shown_of_a_layer():
    model = nyala.Sequential([nyala.Input((4,)), layers.Dense(3, activation="relu", name="d")])
    model.trainable = False
    shown = model_to_dot(
        model, show_shapes=True, show_dtype=True, show_layer_activations=True, show_trainable=True
    ).diagram.boxes[-1]
    assert shown.title == "d (Dense)"
    assert dict(shown.rows) == {
        "Activation": "relu", "Input": "(None, 4)", "Output": "(None, 3)", "Dtype": "float32",
        "Trainable": "False",
    }  # fmt: skip
    plain = model_to_dot(model, show_layer_names=False).diagram.boxes[-1]
    assert (plain.title, plain.rows) == ("Dense", [])


def test_models_without_a_graph_are_drawn_too(tmp_path):
    plot_model(nyala.Sequential([layers.Dense(1), layers.Dense(2)]), tmp_path / "m.svg")
    assert "<polygon" in (tmp_path / "m.svg").read_text()


def test_dot_text_quotes_names():
    dot = model_to_dot(nyala.Sequential([nyala.Input((1,)), layers.Dense(1, name='a "b"')]))
    assert r"a \"b\" (Dense)" in dot.source
    assert dot.create(format="svg").startswith(b"<svg")
    part = model_to_dot(_chain(), subgraph=True).to_string()
    assert part.startswith('subgraph "cluster_chain"')


def test_wrong_arguments(tmp_path):
    with pytest.raises(ValueError, match=r"'pgn'.*Did you mean 'png'"):
        plot_model(_chain(), tmp_path / "model.pgn")
    with pytest.raises(ValueError, match="rankdir must be one of"):
        plot_model(_chain(), tmp_path / "model.png", rankdir="up")
    with pytest.raises(TypeError, match="expect a model"):
        plot_model(layers.Dense(1), tmp_path / "model.png")
    with pytest.raises(ValueError, match="argument 'colour'"):
        plot_model(_chain(), tmp_path / "model.png", colour="red")


# -- layout --------------------------------------------------------------------------------------


def test_distances_are_kept_with_least_squares():
    assert keep_distances([0.0, 10.0], [1.0, 1.0], [5.0]) == [0.0, 10.0]
    assert keep_distances([0.0, 0.0], [1.0, 1.0], [4.0]) == [-2.0, 2.0]
    assert keep_distances([0.0, 0.0], [1.0, 3.0], [4.0]) == [-3.0, 1.0]


def test_crossings_are_untangled():
    layout = lay_out([(10, 10)] * 4, [(0, 3), (1, 2)])
    across = [x for x, _ in layout.centres]
    assert (across[0] < across[1]) == (across[3] < across[2])


def test_nothing_to_lay_out():
    layout = lay_out([], [])
    assert (layout.across, layout.along, layout.arrows) == (0.0, 0.0, [])
