"""`Bidirectional`: a recurrent layer run from both ends of sequences."""

from __future__ import annotations

import copy
from typing import Any

from nyala import ops
from nyala.core import deserialize_keras_object, enrol, serialize_keras_object
from nyala.layers.base import Layer
from nyala.layers.recurrent._arguments import as_state_list, only_mask, separate_states
from nyala.layers.recurrent._loop import is_built_in
from nyala.layers.recurrent._lstm import LSTM
from nyala.layers.recurrent._operations import bidirectional_lstm_sequence

_MERGES = {
    "concat": lambda y, back: ops.concatenate([y, back], axis=-1),
    "sum": ops.add,
    "mul": ops.multiply,
    "ave": lambda y, back: ops.divide(ops.add(y, back), 2),
    None: lambda y, back: (y, back),
}


@enrol("keras.layers")
class Bidirectional(Layer):
    """Runs a recurrent layer forwards and another backwards over sequences, and merges outputs.

    Args:
        layer: a recurrent layer; the two layers are made from its configuration, with weights of
            their own.
        merge_mode: `"concat"` (along the last axis), `"sum"`, `"mul"`, `"ave"` (the mean), or
            `None` for a pair.
        weights: first values of the weights of both layers, as arrays.
        backward_layer: the layer for the backward direction, with `go_backwards=True`; made from
            `layer` by default.

    Call arguments: those of `layer`; `initial_state` lists the forward states, then the backward
    ones, and so do the states that `return_state` returns.

    >>> import nyala
    >>> layer = nyala.layers.Bidirectional(nyala.layers.LSTM(4))
    >>> layer(nyala.ops.ones((2, 6, 3))).shape
    (2, 8)

    Source: Schuster and Paliwal, "Bidirectional Recurrent Neural Networks", IEEE Transactions on
    Signal Processing 45 (1997).
    """

    def __init__(self, layer: Layer, merge_mode: str | None = "concat", weights: Any = None,
                 backward_layer: Layer | None = None, **kwargs: Any):  # fmt: skip
        for name, one in (("layer", layer), ("backward_layer", backward_layer)):
            if not isinstance(one, Layer) and not (name != "layer" and one is None):
                raise ValueError(
                    f"Bidirectional({name}=...) expects a recurrent layer; got {one!r}."
                )
        if merge_mode not in _MERGES:
            raise ValueError(
                "Bidirectional(merge_mode=...) expects 'concat', 'sum', 'mul', 'ave' or None; got "
                f"{merge_mode!r}."
            )
        super().__init__(**kwargs)
        self.forward_layer = _directed(layer, "forward_", layer.go_backwards)
        self.backward_layer = backward_layer
        if backward_layer is None:
            self.backward_layer = _directed(layer, "backward_", not layer.go_backwards)
        self._check_directions()
        for one in (self.forward_layer, self.backward_layer):
            # Reversed outputs are added to those of other steps: a repeated one would be wrong.
            if getattr(one, "zero_output_for_mask", None) is not None:
                one.zero_output_for_mask = one.return_sequences
        if weights:
            half = len(weights) // 2
            self.forward_layer._initial_weights = weights[:half]
            self.backward_layer._initial_weights = weights[half:]
        self.merge_mode = merge_mode
        self.stateful = layer.stateful
        self.return_sequences = layer.return_sequences
        self.return_state = layer.return_state
        self.supports_masking = True
        self.input_spec = layer.input_spec

    def _check_directions(self) -> None:
        forward, backward = self.forward_layer, self.backward_layer
        if forward.go_backwards == backward.go_backwards:
            raise ValueError(
                "Bidirectional: the two layers must go in different directions; both have "
                f"go_backwards={forward.go_backwards}. Make backward_layer with go_backwards=True."
            )
        for name in ("stateful", "return_sequences", "return_state"):
            values = getattr(forward, name), getattr(backward, name)
            if values[0] != values[1]:
                raise ValueError(
                    f"Bidirectional: layer and backward_layer must have the same {name}; got "
                    f"{values[0]} and {values[1]}."
                )

    def __call__(self, sequences: Any = None, *args: Any, **kwargs: Any) -> Any:
        return super().__call__(separate_states(sequences, kwargs), *args, **kwargs)

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Build the two layers."""
        for layer in (self.forward_layer, self.backward_layer):
            if not layer.built:
                layer.build(sequences_shape)
                layer.built = True

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None,
             training: bool | None = None) -> Any:  # fmt: skip
        """Return the merged outputs, and the states with `return_state`."""
        ahead, back = self._initial_states(initial_state)
        if self._shares_a_loop(training):
            y, back_y = self._run_together(sequences, ahead, back, only_mask(mask))
        else:
            y = _run(self.forward_layer, sequences, ahead, mask, training)
            back_y = _run(self.backward_layer, sequences, back, mask, training)
        states: tuple = ()
        if self.return_state:
            states = (*y[1:], *back_y[1:])
            y, back_y = y[0], back_y[0]
        y, back_y = ops.cast(y, self.compute_dtype), ops.cast(back_y, self.compute_dtype)
        if self.return_sequences:
            back_y = ops.flip(back_y, axis=1)
        output = _MERGES[self.merge_mode](y, back_y)
        if not self.return_state:
            return output
        return (*output, *states) if self.merge_mode is None else (output, *states)

    def _initial_states(self, initial_state: Any) -> tuple:
        if initial_state is None:
            return None, None
        states = as_state_list(initial_state)
        if len(states) % 2:
            raise ValueError(
                f"Bidirectional {self.name!r} expects the initial states of both layers, an even "
                f"number; got {len(states)}."
            )
        half = len(states) // 2
        return states[:half], states[half:]

    def _shares_a_loop(self, training: Any) -> bool:
        """Whether both directions are plain LSTMs, which one loop runs faster than two."""
        layers = (self.forward_layer, self.backward_layer)
        return (
            not self.forward_layer.go_backwards
            and all(type(layer) is LSTM and _is_plain(layer, training) for layer in layers)
            and all(layer.compute_dtype == self.compute_dtype for layer in layers)
        )

    def _run_together(self, sequences: Any, ahead: Any, back: Any, mask: Any) -> tuple:
        layers = (self.forward_layer, self.backward_layer)
        arguments = []
        for layer, states in zip(layers, (ahead, back), strict=True):
            cell = layer.cell
            arguments += [cell.kernel, cell.recurrent_kernel, cell.bias]
            arguments += layer._first_states(sequences, states)
        if mask is not None:
            mask = ops.cast(mask, "bool")
        results = bidirectional_lstm_sequence(
            sequences, *arguments, mask=mask,
            zero_output_for_mask=self.forward_layer.zero_output_for_mask,
        )  # fmt: skip
        ahead, back = (
            (outputs if self.return_sequences else outputs[:, -1], states)
            for outputs, states in results
        )
        if self.return_state:
            return (ahead[0], *ahead[1]), (back[0], *back[1])
        return ahead[0], back[0]

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the mask of the sequences with `return_sequences`; states have none."""
        output_mask = only_mask(mask) if self.return_sequences else None
        outputs = (output_mask,) * (2 if self.merge_mode is None else 1)
        if self.return_state:
            return [*outputs, *(None for _ in range(2 * len(self.forward_layer.state_size)))]
        return outputs if self.merge_mode is None else output_mask

    @property
    def layer(self) -> Layer:
        """The forward layer (Keras 2's name)."""
        return self.forward_layer

    @property
    def states(self) -> tuple | None:
        """The states of both layers, where they are stateful and built."""
        if self.forward_layer.states and self.backward_layer.states:
            return (*self.forward_layer.states, *self.backward_layer.states)
        return None

    def reset_state(self) -> None:
        """Let the next batch begin with states of zeros."""
        if not self.stateful:
            raise AttributeError(
                f"Bidirectional {self.name!r}: only a stateful layer has a state to reset; make "
                "the layers with stateful=True."
            )
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    def reset_states(self) -> None:
        """Let the next batch begin with states of zeros (Keras 2's name)."""
        self.reset_state()

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "merge_mode": self.merge_mode,
            "layer": serialize_keras_object(self.forward_layer),
            "backward_layer": serialize_keras_object(self.backward_layer),
        }

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> Bidirectional:
        """Return a layer from `get_config()`."""
        config = copy.deepcopy(config)
        for key in ("layer", "backward_layer"):
            if config.get(key) is not None:
                config[key] = deserialize_keras_object(config[key], custom_objects=custom_objects)
        return cls(**config)


def _directed(layer: Layer, prefix: str, go_backwards: bool) -> Layer:
    """Return a new layer configured as `layer`, for one direction."""
    config = layer.get_config()
    config["name"] = prefix + layer.name.removeprefix(prefix)
    config["go_backwards"] = go_backwards
    return type(layer).from_config(config)


def _run(layer: Layer, sequences: Any, states: Any, mask: Any, training: Any) -> Any:
    signature = type(layer)._call_signature()
    options = {}
    if "training" in signature.all_names:
        options["training"] = training
    if "mask" in signature.all_names:
        options["mask"] = mask
    if states is not None:
        options["initial_state"] = states
    return layer(sequences, **options)


def _is_plain(layer: LSTM, training: Any) -> bool:
    cell = layer.cell
    return (
        is_built_in(cell)
        and cell.has_kernel(training)
        and not (training and cell.dropout)
        and not (layer.stateful or layer.unroll or layer.activity_regularizer is not None)
    )
