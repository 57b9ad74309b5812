"""`BatchNormalization`: normalizing each channel by the statistics of the batch."""

from __future__ import annotations

from typing import Any

from nyala import initializers, kernels, ops
from nyala.core import enrol
from nyala.eager import Array, op
from nyala.layers.base import InputSpec
from nyala.layers.normalization._affine import Affine, known_length
from nyala.layers.normalization._moving import assign_moved
from nyala.layers.normalization._renorm import Renorm, check_clipping


@op(name="batch_norm_train")
def _normalize_by_batch(
    x: Array, gamma: Array | None, beta: Array | None, mask: Array | None, axis: int, epsilon: float
) -> tuple:
    return kernels.batch_norm_train(x, gamma, beta, axis=axis, epsilon=epsilon, mask=mask)


@enrol("keras.layers", aliases=("SyncBatchNormalization", "BatchNormalizationV1",
                                "BatchNormalizationV2"))  # fmt: skip
class BatchNormalization(Affine):
    """Brings each channel to mean 0 and variance 1 over the batch, then scales and shifts it.

    In training the batch's own statistics are used, and moving averages of them are kept; otherwise
    the moving averages are used. A layer with `trainable = False` always uses the moving averages.

    Args:
        axis: the axis of the channels.
        momentum: how much of a moving average stays at each step.
        epsilon: added to the variance.
        center: whether an offset, `beta`, is learned.
        scale: whether a scale, `gamma`, is learned.
        beta_initializer, gamma_initializer, moving_mean_initializer, moving_variance_initializer:
            first values.
        beta_regularizer, gamma_regularizer: penalties on the weights.
        beta_constraint, gamma_constraint: applied to the weights after each optimizer step.
        renorm: whether training corrects the batch's statistics towards moving ones (batch
            renormalization, for small batches).
        renorm_clipping: bounds of the correction, a dict with any of `"rmax"`, `"rmin"`, `"dmax"`.
        renorm_momentum: the momentum of the statistics that the correction aims at.
        synchronized: accepted: a batch spread over devices is always one batch.

    The call takes `training` and `mask`, booleans of the inputs' shape without its last axis; what
    the mask leaves out does not enter the statistics. Half precision is computed in float32.

    >>> import nyala
    >>> layer = nyala.layers.BatchNormalization(momentum=0.5)
    >>> layer(nyala.ops.array([[1.0], [3.0]]), training=True).numpy().round(2)
    array([[-1.], [ 1.]], dtype=float32)
    >>> layer.moving_mean.numpy()
    array([1.], dtype=float32)

    Source: Ioffe and Szegedy, "Batch Normalization", arXiv:1502.03167; Ioffe, "Batch
    Renormalization", arXiv:1702.03275.
    """

    def __init__(self, axis: int = -1, momentum: float = 0.99, epsilon: float = 1e-3,
                 center: bool = True, scale: bool = True, beta_initializer: Any = "zeros",
                 gamma_initializer: Any = "ones", moving_mean_initializer: Any = "zeros",
                 moving_variance_initializer: Any = "ones", beta_regularizer: Any = None,
                 gamma_regularizer: Any = None, beta_constraint: Any = None,
                 gamma_constraint: Any = None, renorm: bool = False,
                 renorm_clipping: dict | None = None, renorm_momentum: float = 0.99,
                 synchronized: bool = False, **kwargs: Any):  # fmt: skip
        kwargs.pop("fused", None)  # Keras 2: which kernel
        super().__init__(**kwargs)
        # Files of Keras 2 hold a list of one.
        self.axis = int(axis[0] if isinstance(axis, (list, tuple)) and len(axis) == 1 else axis)
        self.momentum, self.epsilon = float(momentum), float(epsilon)
        self._set_affine(center, scale, beta_initializer, gamma_initializer, beta_regularizer,
                         gamma_regularizer, beta_constraint, gamma_constraint)  # fmt: skip
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.synchronized = synchronized
        self.renorm = renorm
        self.renorm_clipping = check_clipping(renorm_clipping) if renorm else renorm_clipping
        self.renorm_momentum = renorm_momentum
        self.supports_masking = True
        self.moving_mean = self.moving_variance = None

    def build(self, input_shape: Any) -> None:
        """Make gamma, beta and the moving statistics, each `(channels,)`."""
        channels = known_length(input_shape, self.axis, self)
        self._add_affine_weights((channels,), scale=self.scale, center=self.center)
        options = {"shape": (channels,), "trainable": False, "autocast": False}
        self.moving_mean = self.add_weight(
            name="moving_mean", initializer=self.moving_mean_initializer, **options
        )
        self.moving_variance = self.add_weight(
            name="moving_variance", initializer=self.moving_variance_initializer, **options
        )
        if self.renorm:
            self._renorm = Renorm(self, options)
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: channels})

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Return the normalized inputs; in training, update the moving statistics."""
        if mask is not None and len(mask.shape) != len(inputs.shape) - 1:
            raise ValueError(
                f"BatchNormalization {self.name!r}: the mask must have the inputs' shape without "
                f"its last axis; got a mask of shape {tuple(mask.shape)} for inputs of shape "
                f"{tuple(inputs.shape)}."
            )
        if training and self.trainable:
            return self._normalize_by_batch(inputs, mask)
        if inputs.dtype in ("float16", "bfloat16"):
            inputs = ops.cast(inputs, "float32")
        outputs = ops.batch_normalization(
            inputs, self.moving_mean, self.moving_variance, self.axis, offset=self.beta,
            scale=self.gamma, epsilon=self.epsilon,
        )  # fmt: skip
        return ops.cast(outputs, self.compute_dtype)

    def _normalize_by_batch(self, inputs: Any, mask: Any) -> Any:
        if self.renorm:
            normalized, mean, variance = _normalize_by_batch(
                ops.cast(inputs, "float32"), None, None, mask, self.axis, self.epsilon)  # fmt: skip
            outputs = self._renorm.corrected(normalized, mean, variance)
            self._renorm.update(mean, variance)
        else:
            outputs, mean, variance = _normalize_by_batch(
                inputs, self.gamma, self.beta, mask, self.axis, self.epsilon)  # fmt: skip
            assign_moved(self.moving_mean, mean, self.momentum)
            assign_moved(self.moving_variance, variance, self.momentum)
        return ops.cast(outputs, self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "axis": self.axis,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            **self._affine_config(),
            "moving_mean_initializer": initializers.serialize(self.moving_mean_initializer),
            "moving_variance_initializer": initializers.serialize(self.moving_variance_initializer),
            "synchronized": self.synchronized,
            "renorm": self.renorm,
            "renorm_clipping": self.renorm_clipping,
            "renorm_momentum": self.renorm_momentum,
        }
