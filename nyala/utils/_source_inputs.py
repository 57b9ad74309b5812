"""Where a symbolic tensor comes from."""

from __future__ import annotations

from typing import Any

from nyala.symbolic import KerasTensor, node_of


def get_source_inputs(tensor: KerasTensor) -> list[KerasTensor]:
    """Return the inputs that are needed to compute a symbolic tensor.

    Args:
        tensor: a symbolic tensor.

    Returns:
        The tensors of `Input`s, in the order in which they are met from the first argument on.

    >>> import nyala
    >>> a, b = nyala.Input((2,), name="a"), nyala.Input((2,), name="b")
    >>> [x.name for x in nyala.utils.get_source_inputs(nyala.layers.add([a, b]) * a)]
    ['a', 'b']
    """
    sources: dict[int, Any] = {}
    seen: set[int] = set()
    stack = [tensor]
    while stack:
        current = stack.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        node = node_of(current)
        if node is None:
            sources[id(current)] = current
        elif node.is_input:
            sources.update((id(t), t) for t in node.output_tensors)
        else:
            stack.extend(reversed(node.input_tensors))
    return list(sources.values())
