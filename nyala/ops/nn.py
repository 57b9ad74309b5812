"""The operations of neural networks, under the name they have in Keras."""

from nyala.ops._nn_attention import dot_product_attention
from nyala.ops._nn_conv import conv, conv_transpose, depthwise_conv, separable_conv
from nyala.ops._nn_crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from nyala.ops._nn_ctc_decode import ctc_decode
from nyala.ops._nn_ctc_loss import ctc_loss
from nyala.ops._nn_encoding import multi_hot, one_hot
from nyala.ops._nn_normalization import (
    batch_normalization,
    layer_normalization,
    moments,
    normalize,
    rms_normalization,
)
from nyala.ops._nn_patches import depth_to_space, fold, space_to_depth, unfold
from nyala.ops._nn_polar import polar
from nyala.ops._nn_pooling import adaptive_average_pool, adaptive_max_pool, average_pool, max_pool
from nyala.ops._nn_quality import psnr
from nyala.ops._nn_rectifiers import (
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_swish,
    hard_tanh,
    leaky_relu,
    relu,
    relu6,
    soft_shrink,
    sparse_plus,
    sparse_sigmoid,
    threshold,
)
from nyala.ops._nn_smooth import (
    celu,
    elu,
    gelu,
    glu,
    log_sigmoid,
    selu,
    sigmoid,
    silu,
    softplus,
    softsign,
    squareplus,
    swish,
    tanh_shrink,
)
from nyala.ops._nn_softmax import log_softmax, softmax, sparsemax

__all__ = [
    "adaptive_average_pool",
    "adaptive_max_pool",
    "average_pool",
    "batch_normalization",
    "binary_crossentropy",
    "categorical_crossentropy",
    "celu",
    "conv",
    "conv_transpose",
    "ctc_decode",
    "ctc_loss",
    "depth_to_space",
    "depthwise_conv",
    "dot_product_attention",
    "elu",
    "fold",
    "gelu",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "layer_normalization",
    "leaky_relu",
    "log_sigmoid",
    "log_softmax",
    "max_pool",
    "moments",
    "multi_hot",
    "normalize",
    "one_hot",
    "polar",
    "psnr",
    "relu",
    "relu6",
    "rms_normalization",
    "selu",
    "separable_conv",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "space_to_depth",
    "sparse_categorical_crossentropy",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh_shrink",
    "threshold",
    "unfold",
]
