"""What happens when a layer is called: inputs, building, `training`, masks, and the graph."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from nyala.core import name_scope, tree
from nyala.eager import (
    OPERATIONS,
    AutocastScope,
    Tensor,
    Variable,
    current_scope,
    to_tensor,
    unwrapped_for,
)
from nyala.layers.base import _call, _losses
from nyala.layers.base._input_spec import check_input_spec
from nyala.layers.base._whole import STEP_BY_STEP, WholeCalls, can_be_whole
from nyala.symbolic import KerasTensor, Node, any_symbolic, infer_output_spec


def call_layer(layer: Any, args: tuple, kwargs: dict) -> Any:
    """Call `layer` on values, or draw the call where an argument is symbolic."""
    if not hasattr(layer, "_inbound_nodes"):
        raise RuntimeError(
            f"{type(layer).__name__}: its __init__ must call super().__init__() first."
        )
    one_tensor = not kwargs and len(args) == 1 and type(args[0]) is Tensor
    if not one_tensor and any_symbolic(args, kwargs):
        return _draw(layer, args, kwargs)
    if can_be_whole(layer):
        outputs = _whole_calls(layer)(layer, args, kwargs, _call_step_by_step)
        if outputs is not STEP_BY_STEP:
            return outputs
    return _call_step_by_step(layer, args, kwargs)


def _whole_calls(layer: Any) -> WholeCalls:
    if layer._whole_calls is None:
        object.__setattr__(layer, "_whole_calls", WholeCalls(layer))
    return layer._whole_calls


def _call_step_by_step(layer: Any, args: tuple, kwargs: dict) -> Any:
    signature = type(layer)._signature_cache or layer._call_signature()
    given = args
    args, kwargs = _standardized(layer, args, kwargs)
    if layer.input_spec is not None and args:
        _check_inputs(layer, args[0])
    if not layer.built:
        build_for(layer, args, kwargs)
    masks = _fill_masks(signature, args, kwargs)
    outer = _call.local.context
    if outer is None:
        _losses.clear(layer)
    training = _resolve_training(signature, args, kwargs, outer)
    _call.local.context = _call.CallContext(layer if outer is None else outer.entry_layer, training)
    try:
        outputs = _compute(layer, args, kwargs)
    except (TypeError, ValueError) as error:
        _add_note(error, layer, args)
        raise
    finally:
        _call.local.context = outer
    if layer.activity_regularizer is not None:
        for output in tree.flatten(outputs):
            _losses.add(layer, layer.activity_regularizer(output))
    if masks or _overrides(layer, "compute_mask"):
        _set_masks(layer, args, outputs, masks)
    if current_scope() is not None and given and type(given[0]) is not Tensor:
        return unwrapped_for(outputs, given, {})  # the user works with jax's own values here
    return outputs


def _compute(layer: Any, args: tuple, kwargs: dict) -> Any:
    policy = layer._dtype_policy
    with name_scope(layer.name):
        if policy.is_mixed and layer.autocast:
            with AutocastScope(policy.compute_dtype):
                return layer.call(*args, **kwargs)
        return layer.call(*args, **kwargs)


def _overrides(layer: Any, method: str) -> bool:
    return getattr(type(layer), method) is not layer.DEFAULT_METHODS[method]


# -- inputs --------------------------------------------------------------------------------------


def _check_inputs(layer: Any, inputs: Any) -> None:
    """Check the inputs against the layer's `input_spec`; what was just accepted passes at once."""
    spec = layer.input_spec
    if type(inputs) is not Tensor:
        check_input_spec(spec, inputs, layer)
        return
    described = (spec, inputs.shape, inputs.dtype)
    if described != layer._accepted_input:
        check_input_spec(spec, inputs, layer)
        object.__setattr__(layer, "_accepted_input", described)


def _standardized(layer: Any, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
    """Return the arguments with arrays as Tensors, floats among them in the compute dtype."""
    dtype = layer._dtype_policy.compute_dtype if layer.autocast else None
    if len(args) == 1 and type(args[0]) is Tensor:
        args = (_cast(args[0], dtype),)
    else:
        args = tuple([_converted(arg, dtype) for arg in args])
    if kwargs:
        kwargs = {
            key: arg if key == "training" else _converted(arg, dtype) for key, arg in kwargs.items()
        }
    if args and isinstance(args[0], list) and _is_numbers(args[0]):
        args = (_cast(to_tensor(args[0]), dtype), *args[1:])
    return args, kwargs


def _converted(value: Any, dtype: Any) -> Any:
    if type(value) is Tensor:
        return _cast(value, dtype)
    if isinstance(value, (bool, int, float, str, type(None))):
        return value
    if isinstance(value, Variable):
        return _cast(value.value, dtype)
    if isinstance(value, (list, tuple, dict)):
        if tree.is_nested(value) and not value:
            return value
        return tree.map_structure(lambda leaf: _converted(leaf, dtype), value)
    if isinstance(value, (np.ndarray, np.generic)) or hasattr(value, "__jax_array__"):
        return _cast(to_tensor(value), dtype)
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return _cast(to_tensor(value), dtype)
    return value


def _cast(tensor: Tensor, dtype: Any) -> Tensor:
    if dtype is None:
        return tensor
    own = tensor.dtype
    if own is dtype:
        return tensor
    if own.is_floating and own != dtype and dtype.is_floating:
        cast = OPERATIONS["cast"](tensor, dtype)
        mask = getattr(tensor, "_keras_mask", None)
        if mask is not None:
            cast._keras_mask = mask
        return cast
    return tensor


def _is_numbers(value: Any) -> bool:
    leaves = tree.flatten(value)
    return bool(leaves) and all(isinstance(x, (bool, int, float, str)) for x in leaves)


# -- training and masks --------------------------------------------------------------------------


def _resolve_training(signature: Any, args: tuple, kwargs: dict, outer: Any) -> bool | None:
    """Decide `training`: what was passed, else what holds around, else the default of `call`."""
    training = kwargs.get("training")
    if training is None and _given_by_position(signature, "training", args):
        training = args[signature.names.index("training")]
    if training is None and outer is not None:
        training = outer.training
    if training is None:
        training = signature.default_training
    if not signature.has_training:
        if not signature.has_var_keyword:
            kwargs.pop("training", None)
    elif training is not None and not _given_by_position(signature, "training", args):
        kwargs["training"] = training
    return training


def _given_by_position(signature: Any, name: str, args: tuple) -> bool:
    return name in signature.names and signature.names.index(name) < len(args)


def _mask_of(structure: Any) -> Any:
    """Return the mask(s) that tensors carry, or `None` where none does."""
    if type(structure) is Tensor:
        return getattr(structure, "_keras_mask", None)
    if isinstance(structure, (list, tuple, dict)):
        masks = tree.map_structure(lambda leaf: getattr(leaf, "_keras_mask", None), structure)
        return masks if any(m is not None for m in tree.flatten(masks)) else None
    return None


def _fill_masks(signature: Any, args: tuple, kwargs: dict) -> dict[str, Any]:
    """Give `call` the masks of its arguments where it takes them and none was passed."""
    masks = {}
    for position, arg in enumerate(args):
        mask = _mask_of(arg)
        if mask is not None:
            masks[signature.name_at(position)] = mask
    for name, arg in kwargs.items():
        mask = _mask_of(arg)
        if mask is not None:
            masks[name] = mask
    if masks and signature.takes_mask:
        first = signature.names[0] if signature.names else None
        for mask_name in (*signature.mask_names, *signature.keyword_masks):
            if _given_by_position(signature, mask_name, args):
                continue
            source = first if mask_name == "mask" else mask_name.removesuffix("_mask")
            if kwargs.get(mask_name) is None and source in masks:
                kwargs[mask_name] = masks[source]
    return masks


def _set_masks(layer: Any, args: tuple, outputs: Any, masks: dict[str, Any]) -> None:
    """Let the outputs carry the mask that the layer computes for them."""
    flat = tree.flatten(outputs)
    if not flat or all(getattr(x, "_keras_mask", None) is not None for x in flat):
        return
    if not (layer.supports_masking or _overrides(layer, "compute_mask")):
        return
    previous = next(iter(masks.values()), None) if len(masks) <= 1 else None
    if len(masks) > 1:
        previous = masks.get(layer._call_signature().names[0])
    computed = layer.compute_mask(args[0] if len(args) == 1 else list(args), previous)
    if computed is None:
        return
    flat_masks = tree.flatten(computed) if tree.is_nested(outputs) else [computed]
    for output, mask in zip(flat, flat_masks, strict=False):
        if mask is not None and type(output) is Tensor:
            output._keras_mask = mask


def _add_note(error: Exception, layer: Any, args: tuple) -> None:
    if getattr(error, "_names_layer", False):
        return
    shapes = tree.map_structure(lambda x: list(x.shape) if hasattr(x, "shape") else x, args)
    shown = shapes[0] if len(shapes) == 1 else shapes
    note = f"(in layer {layer.name!r} of type {type(layer).__name__}, called with shape {shown})"
    error._names_layer = True
    if error.args and isinstance(error.args[0], str):
        if layer.name not in error.args[0]:
            error.args = (f"{error.args[0]} {note}", *error.args[1:])
    else:
        error.add_note(note)


# -- building ------------------------------------------------------------------------------------


def build_for(layer: Any, args: tuple, kwargs: dict) -> None:
    """Build `layer` for arguments of these shapes (Tensors or KerasTensors)."""
    signature = layer._call_signature()
    shapes = {}
    named = {signature.name_at(i): arg for i, arg in enumerate(args)}
    for name, arg in {**named, **kwargs}.items():
        shape = _shape_of(arg)
        if shape is not None and not (name == "mask" or name.endswith("_mask")):
            shapes[name] = shape
    parameters = inspect.signature(layer.build).parameters
    names = [n for n, p in parameters.items() if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    by_name = {f"{name}_shape": shape for name, shape in shapes.items()}
    if len(names) > 1 or (names and names[0] in by_name):
        layer.build(**{n: by_name[n] for n in names if n in by_name})
    elif names and shapes:
        layer.build(next(iter(shapes.values())))
    elif not names:
        layer.build()
    layer.built = True


def _shape_of(value: Any) -> Any:
    if isinstance(value, (Tensor, KerasTensor)):
        return tuple(value.shape)
    if isinstance(value, (list, tuple, dict)) and value:
        leaves = tree.flatten(value)
        if all(isinstance(leaf, (Tensor, KerasTensor)) for leaf in leaves):
            return tree.map_structure(lambda leaf: tuple(leaf.shape), value)
    return None


# -- drawing -------------------------------------------------------------------------------------


def _draw(layer: Any, args: tuple, kwargs: dict) -> Any:
    """Build the layer, work out what it returns, and add the call to the graph."""
    if layer.input_spec is not None and args:
        check_input_spec(layer.input_spec, args[0], layer)
    if not layer.built:
        build_for(layer, args, kwargs)
    outputs = layer.compute_output_spec(*args, **kwargs)
    kept = {key: arg for key, arg in kwargs.items() if not (key == "training" and arg is None)}
    Node(layer, call_args=args, call_kwargs=kept, outputs=outputs)
    return outputs


def output_spec(layer: Any, args: tuple, kwargs: dict) -> Any:
    """Return what a call would return, as KerasTensors."""
    if not layer.built:
        build_for(layer, args, kwargs)
    try:
        return infer_output_spec(lambda *a, **k: call_layer(layer, a, k), *args, **kwargs)
    except (TypeError, ValueError):
        if not _overrides(layer, "compute_output_shape"):
            raise
    shape = layer.compute_output_shape(*[_shape_of(arg) for arg in args])
    return tree.map_shape_structure(lambda s: KerasTensor(s, layer.compute_dtype), shape)


def output_shape(layer: Any, shapes: tuple, named: dict) -> Any:
    """Return the output shape(s) for input shapes, by abstract evaluation."""

    def spec(shape):
        return tree.map_shape_structure(lambda s: KerasTensor(s, layer.compute_dtype), shape)

    kwargs = {key.removesuffix("_shape"): spec(shape) for key, shape in named.items()}
    if list(kwargs) == ["input"]:
        shapes, kwargs = (named["input_shape"],), {}
    outputs = layer.compute_output_spec(*[spec(shape) for shape in shapes], **kwargs)
    return tree.map_structure(lambda t: tuple(t.shape), outputs)
