"""`plot_model` and `model_to_dot`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from nyala.utils._plot_model._diagram import Show, describe
from nyala.utils._plot_model._dot import Dot
from nyala.utils._plot_model._scene import DIRECTIONS


def model_to_dot(model: Any, show_shapes: bool = False, show_dtype: bool = False,
                 show_layer_names: bool = True, rankdir: str = "TB", expand_nested: bool = False,
                 dpi: float = 200, subgraph: bool = False, show_layer_activations: bool = False,
                 show_trainable: bool = False, splines: str = "ortho",
                 **kwargs: Any) -> Dot:  # fmt: skip
    """Return a model's graph in the DOT language.

    Args:
        model: a model.
        show_shapes: whether the shapes of inputs and outputs are shown.
        show_dtype: whether the outputs' dtypes are shown.
        show_layer_names: whether the layers' names are shown.
        rankdir: `"TB"` from top to bottom, `"BT"` upwards, `"LR"` to the right, `"RL"` to the left.
        expand_nested: whether models inside are shown with their layers.
        dpi: resolution in dots per inch.
        subgraph: whether the text is a cluster to put into another graph.
        show_layer_activations: whether activation functions are shown.
        show_trainable: whether it is shown which layers training changes.
        splines: how Graphviz draws arrows, should it read the text.
        **kwargs: `layer_range`, a pair of names or patterns of the first and last layer to show.

    Returns:
        An object with the text in `source` and `to_string()`; neither pydot nor Graphviz is needed.

    >>> import nyala
    >>> model = nyala.Sequential([nyala.Input((3,)), nyala.layers.Dense(2, name="scores")])
    >>> "scores (Dense)" in nyala.utils.model_to_dot(model).to_string()
    True
    """
    layer_range = kwargs.pop("layer_range", None)
    if kwargs:
        raise ValueError(f"model_to_dot does not take the argument {sorted(kwargs)[0]!r}.")
    if not hasattr(model, "_graph") or not hasattr(model, "layers"):
        raise TypeError(
            f"model_to_dot and plot_model expect a model; got {model!r} of type "
            f"{type(model).__name__}."
        )
    if rankdir not in DIRECTIONS:
        raise ValueError(f"rankdir must be one of {', '.join(DIRECTIONS)}; got {rankdir!r}.")
    if not model.layers:
        raise ValueError(
            f"Model {model.name!r} has no layers to draw: add some, or build it first."
        )
    show = Show(shapes=show_shapes, dtype=show_dtype, names=show_layer_names,
                activations=show_layer_activations, trainable=show_trainable,
                nested=expand_nested)  # fmt: skip
    diagram = describe(model, show, layer_range)
    return Dot(diagram, rankdir, dpi, splines, subgraph, model.name)


def plot_model(model: Any, to_file: Any = "model.png", show_shapes: bool = False,
               show_dtype: bool = False, show_layer_names: bool = False, rankdir: str = "TB",
               expand_nested: bool = False, dpi: float = 200,
               show_layer_activations: bool = False, show_trainable: bool = False,
               splines: str = "ortho", **kwargs: Any) -> Any:  # fmt: skip
    """Draw a model into a picture file.

    Boxes are layers, coloured by whether they are inputs, have weights, have none, or are models.
    Nothing needs to be installed for it.

    Args:
        model: a model.
        to_file: where to; the name's ending says what: `.png`, `.jpg`, `.pdf`, `.svg`, `.dot`, ….
        show_shapes: whether the shapes of inputs and outputs are shown.
        show_dtype: whether the outputs' dtypes are shown.
        show_layer_names: whether the layers' names are shown.
        rankdir: `"TB"` from top to bottom, `"BT"` upwards, `"LR"` to the right, `"RL"` to the left.
        expand_nested: whether models inside are shown with their layers, in a frame.
        dpi: resolution in dots per inch.
        show_layer_activations: whether activation functions are shown.
        show_trainable: whether it is shown which layers training changes.
        splines: accepted for Keras' sake; only the DOT text holds it.
        **kwargs: `layer_range`, a pair of names or patterns of the first and last layer to show.

    Returns:
        In a notebook the picture, to be displayed; otherwise `None`.

    Raises:
        ValueError: the ending is not that of a known format.

    >>> import nyala, pathlib, tempfile
    >>> model = nyala.Sequential([nyala.Input((3,)), nyala.layers.Dense(2)])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     nyala.utils.plot_model(model, f"{folder}/model.svg", show_shapes=True)
    ...     "(None, 2)" in pathlib.Path(folder, "model.svg").read_text()
    True
    """
    path = Path(to_file)
    kind = path.suffix.lstrip(".").lower()
    if not kind:
        kind, path = "png", path.with_suffix(".png")
    dot = model_to_dot(model, show_shapes=show_shapes, show_dtype=show_dtype,
                       show_layer_names=show_layer_names, rankdir=rankdir,
                       expand_nested=expand_nested, dpi=dpi,
                       show_layer_activations=show_layer_activations,
                       show_trainable=show_trainable, splines=splines, **kwargs)  # fmt: skip
    dot.write(path, format=kind)
    return _displayed(path, kind)


def _displayed(path: Path, kind: str) -> Any:
    """Return what a notebook shows, where the code runs in one."""
    # Not imported: a notebook has IPython's display loaded, and anything else needs none.
    display = sys.modules.get("IPython.display")
    if display is None or sys.modules["IPython"].get_ipython() is None:
        return None
    if kind == "svg":
        return display.SVG(filename=str(path))
    return display.Image(filename=str(path)) if kind in ("png", "jpg", "jpeg") else None
