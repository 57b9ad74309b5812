"""How an operation is best run on a platform: functions from jax arrays to jax arrays.

Each kernel keeps a plain reference beside it, in its own file, and has the lowering that measured
fastest (`docs/decisions/0003-kernel-lowerings.md`, `benchmarks/kernels.py`).
"""

from nyala.kernels._attention import attention
from nyala.kernels._average_pool import average_pool
from nyala.kernels._batch_norm import batch_norm_train
from nyala.kernels._conv import conv
from nyala.kernels._conv_images import convolves_in_loops
from nyala.kernels._conv_transpose import conv_transpose
from nyala.kernels._crossentropy import softmax_crossentropy, sparse_softmax_crossentropy
from nyala.kernels._depthwise import depthwise_conv
from nyala.kernels._dropout import dropout
from nyala.kernels._embedding import embedding_lookup
from nyala.kernels._group_norm import group_norm
from nyala.kernels._gru import gru
from nyala.kernels._images import jpeg_shape, resize_image, resize_jpeg
from nyala.kernels._layer_norm import layer_norm, rms_norm
from nyala.kernels._lstm import bidirectional_lstm, lstm
from nyala.kernels._max_pool import max_pool
from nyala.kernels._memory import keep_freed_memory
from nyala.kernels._mode import inputs_kept, inside_loop, kernels_mode, set_kernels
from nyala.kernels._native import native_kernels
from nyala.kernels._native_library import native_state
from nyala.kernels._optimizer_update import (
    Updated,
    UpdateOptions,
    optimizer_update,
    squared_norms,
    updates_all_at_once,
)
from nyala.kernels._random_bits import random_bits
from nyala.kernels._simple_rnn import simple_rnn
from nyala.kernels._update_rules import UPDATE_RULES

__all__ = [
    "UPDATE_RULES",
    "UpdateOptions",
    "Updated",
    "attention",
    "average_pool",
    "batch_norm_train",
    "bidirectional_lstm",
    "conv",
    "conv_transpose",
    "convolves_in_loops",
    "depthwise_conv",
    "dropout",
    "embedding_lookup",
    "group_norm",
    "gru",
    "inputs_kept",
    "inside_loop",
    "jpeg_shape",
    "kernels_mode",
    "layer_norm",
    "lstm",
    "max_pool",
    "native_kernels",
    "native_state",
    "optimizer_update",
    "random_bits",
    "resize_image",
    "resize_jpeg",
    "rms_norm",
    "set_kernels",
    "simple_rnn",
    "softmax_crossentropy",
    "sparse_softmax_crossentropy",
    "squared_norms",
    "updates_all_at_once",
]

keep_freed_memory()
