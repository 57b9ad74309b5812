"""What an einsum equation of inputs and a kernel says about shapes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_EQUATION = re.compile(
    r"(?P<left>\.\.\.)?(?P<inputs>[a-zA-Z]+)(?P<right>\.\.\.)?,(?P<kernel>[a-zA-Z]+)->"
    r"(?P<out_left>\.\.\.)?(?P<outputs>[a-zA-Z]+)(?P<out_right>\.\.\.)?"
)

Shape = tuple[int | None, ...]


class EinsumShapes(NamedTuple):
    """The shapes that follow from an equation, and which kernel axes are inputs and outputs."""

    kernel: Shape
    bias: Shape | None
    output: Shape
    kernel_inputs: list[int]
    kernel_outputs: list[int]


def einsum_shapes(
    equation: str, bias_axes: str | None, input_shape: Shape, output_shape: Shape
) -> EinsumShapes:
    """Work out the shapes of kernel, bias and output.

    Args:
        equation: such as `"abc,cd->abd"`, `"...x,xy->...y"` or `"ab...,bc->ac..."`.
        bias_axes: the output's labels that the bias has, or `None` for no bias.
        input_shape: with the batch axis.
        output_shape: of the labelled output axes but the first that is the batch; with a leading
            ellipsis of all labelled axes.

    Raises:
        ValueError: the equation has another form, or does not fit the shapes.
    """
    match = _EQUATION.fullmatch(equation.replace(" ", ""))
    if match is None or bool(match["left"]) != bool(match["out_left"]) or (
        bool(match["right"]) != bool(match["out_right"]) or (match["left"] and match["right"])
    ):  # fmt: skip
        raise ValueError(
            f"EinsumDense(equation=...) expects inputs, one kernel and an output, such as "
            f"'abc,cd->abd', '...x,xy->...y' or 'ab...,bc->ac...'; got {equation!r}."
        )
    inputs, kernel, outputs = match["inputs"], match["kernel"], match["outputs"]
    elided = len(input_shape) - len(inputs)
    if elided < 0 or (elided and not (match["left"] or match["right"])):
        raise ValueError(
            f"EinsumDense: the equation {equation!r} labels {len(inputs)} axes of the input, but "
            f"the input has the shape {tuple(input_shape)}."
        )
    leading = elided if match["left"] else 0
    full = _full_output(input_shape, output_shape, elided, bool(match["left"]))
    labelled_inputs = dict(zip(inputs, input_shape[leading:], strict=False))
    labelled_outputs = dict(zip(outputs, full[leading:], strict=False))
    _check_labels(equation, labelled_inputs, kernel, outputs, labelled_outputs)
    return EinsumShapes(
        kernel=tuple(labelled_inputs.get(c, labelled_outputs.get(c)) for c in kernel),
        bias=_bias_shape(bias_axes, outputs, labelled_outputs, 0 if leading else elided),
        output=full,
        kernel_inputs=[i for i, c in enumerate(kernel) if c in inputs and c not in outputs],
        kernel_outputs=[i for i, c in enumerate(kernel) if c in outputs],
    )


def _full_output(input_shape: Shape, output_shape: Shape, elided: int, left: bool) -> Shape:
    if left and elided:
        return (*input_shape[:elided], *output_shape)
    trailing = input_shape[len(input_shape) - elided :] if elided else ()
    return (input_shape[0], *output_shape, *trailing)


def _check_labels(
    equation: str, inputs: dict, kernel: str, outputs: Sequence[str], labelled_outputs: dict
) -> None:
    if len(labelled_outputs) != len(set(outputs)):
        raise ValueError(
            f"EinsumDense: the output of {equation!r} has {len(outputs)} labelled axes, but "
            f"output_shape gives lengths for {len(labelled_outputs)} (batch included)."
        )
    for label, length in labelled_outputs.items():
        if label not in inputs and label not in kernel:
            raise ValueError(
                f"EinsumDense: the output's label {label!r} in {equation!r} is neither in the "
                "inputs nor in the kernel."
            )
        known = inputs.get(label)
        if None not in (length, known) and length != known:
            raise ValueError(
                f"EinsumDense: axis {label!r} of {equation!r} has length {known} in the input but "
                f"{length} in output_shape."
            )
    for label in kernel:
        if inputs.get(label, labelled_outputs.get(label)) is None:
            raise ValueError(
                f"EinsumDense: the length of the kernel's axis {label!r} in {equation!r} does not "
                "follow from the input's shape and output_shape."
            )


def _bias_shape(bias_axes: str | None, outputs: str, lengths: dict, trailing: int) -> Shape | None:
    if bias_axes is None:
        return None
    unknown = [c for c in bias_axes if c not in outputs]
    if unknown:
        raise ValueError(
            f"EinsumDense(bias_axes={bias_axes!r}): {unknown[0]!r} is not an axis of the output "
            f"{outputs!r}."
        )
    first = min(outputs.find(c) for c in bias_axes)
    kept = tuple(lengths[c] if c in bias_axes else 1 for c in outputs[first:])
    return kept + (1,) * trailing
