"""`TimeDistributed`: a layer applied to each step of sequences."""

from __future__ import annotations

from typing import Any

from nyala import kernels, ops
from nyala.core import enrol, tree
from nyala.eager import current_scope
from nyala.layers.base import Layer
from nyala.layers.core import Lambda, Wrapper
from nyala.layers.recurrent._live import run_live


@enrol("keras.layers")
class TimeDistributed(Wrapper):
    """Applies a layer to each step of sequences, with the same weights.

    Args:
        layer: the layer for one step.

    Call arguments:
        inputs: `(batch, time, ...)`, at least three axes.
        training: handed to the layer.
        mask: booleans `(batch, time, ...)`; the mask of a step is handed to the layer where it
            takes one.

    Output shape: `(batch, time, *)`, where `(batch, *)` is that of the layer.

    >>> import nyala
    >>> layer = nyala.layers.TimeDistributed(nyala.layers.Dense(4))
    >>> layer(nyala.ops.ones((2, 6, 3))).shape
    (2, 6, 4)
    """

    def __init__(self, layer: Layer, **kwargs: Any):
        super().__init__(layer, **kwargs)
        self.supports_masking = True
        object.__setattr__(self, "_adding", {})

    def build(self, input_shape: Any = None) -> None:
        """Build the layer for one step."""
        if tree.is_nested(input_shape[0]) or len(input_shape) < 3:
            raise ValueError(
                f"TimeDistributed {self.name!r} expects one input (batch, time, ...) of at least "
                f"three axes; got the shape {tuple(input_shape)}."
            )
        if not self.layer.built:
            self.layer.build((input_shape[0], *input_shape[2:]))
            self.layer.built = True

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Return the layer's outputs for each step."""
        if mask is not None and tuple(mask.shape[:2]) != tuple(inputs.shape[:2]):
            raise ValueError(
                f"TimeDistributed {self.name!r}: the mask must begin with the inputs' axes (batch, "
                f"time), {tuple(inputs.shape[:2])}; got a mask of shape {tuple(mask.shape)}."
            )
        if _treats_samples_alone(self.layer, training):
            return self._as_one_batch(inputs, training, mask)
        return self._step_by_step(inputs, training, mask)

    def _as_one_batch(self, inputs: Any, training: Any, mask: Any) -> Any:
        """Let all steps of all samples be one large batch."""
        batch, time = inputs.shape[:2]

        def fold(x: Any) -> Any:
            return ops.reshape(x, (batch * time, *x.shape[2:]))

        # A mask of whole steps says nothing inside a step.
        inner = fold(mask) if mask is not None and len(mask.shape) > 2 else None
        outputs = self.layer(fold(inputs), **self._options(training, inner))
        return tree.map_structure(lambda y: ops.reshape(y, (batch, time, *y.shape[1:])), outputs)

    def _step_by_step(self, inputs: Any, training: Any, mask: Any) -> Any:
        """Call the layer step after step, for those whose samples or calls depend on each other."""
        # Filled while the loop is traced: the layers that add to the loss in a step, in order.
        adding = self._adding.setdefault(bool(training), [])

        def swap(x: Any) -> Any:
            return ops.swapaxes(x, 0, 1)

        def step(now: tuple) -> tuple:
            x, mask = now
            scope = current_scope()
            before = len(scope.losses)
            with kernels.inside_loop():
                outputs = self.layer(x, **self._options(training, mask))
            # What was added to the loss in here must leave the loop as values.
            adding[:] = [layer for layer, _ in scope.losses[before:]]
            return outputs, [loss for _, loss in scope.losses[before:]]

        def loop(inputs: Any, mask: Any) -> tuple:
            steps = (swap(inputs), None if mask is None else swap(mask))
            outputs, losses = ops.map(step, steps)
            return tree.map_structure(swap, outputs), [ops.sum(values) for values in losses]

        outputs, losses = run_live(self, training, loop, inputs, mask)
        for layer, loss in zip(adding, losses, strict=True):
            layer.add_loss(loss)
        return outputs

    def _options(self, training: Any, mask: Any) -> dict[str, Any]:
        names = type(self.layer)._call_signature().all_names
        options = {"training": training} if "training" in names else {}
        if mask is not None and "mask" in names:
            options["mask"] = mask
        return options


def _treats_samples_alone(layer: Layer, training: Any) -> bool:
    """Whether the layer does the same for a sample whatever the other samples of the batch are.

    So do all layers of the house but those that keep state (statistics of batches in training,
    states of sequences), those that share noise among samples, and those that call the user's code.
    """
    if hasattr(layer, "operations") and not all(isinstance(x, Layer) for x in layer.operations):
        return False
    return all(_is_ours(one) and not _couples_samples(one, training)
               for one in layer._flatten_layers())  # fmt: skip


def _is_ours(layer: Layer) -> bool:
    ours = type(layer).__module__.startswith(("nyala.layers.", "nyala.models."))
    return ours and not isinstance(layer, Lambda)


def _couples_samples(layer: Layer, training: Any) -> bool:
    keeps_statistics = (
        training and layer.trainable and any(not v.trainable for v in layer._own_variables())
    )
    noise_shape = getattr(layer, "noise_shape", None)
    shares_noise = training and noise_shape is not None and noise_shape[0] is not None
    return bool(keeps_statistics or shares_noise or getattr(layer, "stateful", False))
