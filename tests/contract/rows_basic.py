"""Rows of the families core, convolutional, pooling, normalization and reshaping."""

from __future__ import annotations

import nyala
from tests.contract.rows import Row


@nyala.saving.register_keras_serializable(package="contract")
def scaled(x, factor=2.0):
    return x * factor


TRAINING = {"training": True}

CORE = [
    Row("Dense", {"units": 4, "activation": "tanh"}, (2, 3)),
    Row("Dense", {"units": 4, "use_bias": False}, (2, 2, 3), "no bias, 3d"),
    Row("Dense", {"units": 4, "lora_rank": 2}, (2, 3), "low rank"),
    Row("EinsumDense", {"equation": "abc,cd->abd", "output_shape": (None, 4), "bias_axes": "d"},
        (2, 3, 5)),
    Row("EinsumDense", {"equation": "...x,xy->...y", "output_shape": 4, "bias_axes": "y"},
        (2, 3, 5), "ellipsis"),
    Row("Embedding", {"input_dim": 7, "output_dim": 3}, (2, 4), below=7),
    Row("Embedding", {"input_dim": 7, "output_dim": 3, "mask_zero": True, "lora_rank": 2}, (2, 4),
        "mask, low rank", below=7),
    Row("ReversibleEmbedding", {"input_dim": 7, "output_dim": 3}, (2, 4), below=7),
    Row("ReversibleEmbedding", {"input_dim": 7, "output_dim": 3, "tie_weights": False,
                                "logit_soft_cap": 5.0}, (2, 3), "reverse", call={"reverse": True}),
    Row("Lambda", {"function": scaled, "arguments": {"factor": 3.0}}, (2, 3)),
    Row("Masking", {"mask_value": 0.0}, (2, 3, 4)),
    Row("Identity", {}, (2, 3)),
]  # fmt: skip

CONVOLUTIONAL = [
    Row("Conv1D", {"filters": 3, "kernel_size": 3, "padding": "causal"}, (2, 6, 2)),
    Row("Conv2D", {"filters": 4, "kernel_size": 3, "groups": 2}, (1, 5, 5, 2)),
    Row("Conv2D", {"filters": 2, "kernel_size": 2, "strides": 2, "data_format": "channels_first",
                   "padding": "SAME"}, (1, 3, 5, 5), "channels first"),
    Row("Conv2D", {"filters": 2, "kernel_size": 2, "lora_rank": 1}, (1, 4, 4, 2), "low rank"),
    Row("Conv3D", {"filters": 2, "kernel_size": 2}, (1, 3, 3, 3, 1)),
    Row("Conv1DTranspose", {"filters": 3, "kernel_size": 3, "strides": 2}, (2, 4, 2)),
    Row("Conv2DTranspose", {"filters": 3, "kernel_size": 3, "strides": 2, "padding": "same"},
        (1, 3, 3, 2)),
    Row("Conv3DTranspose", {"filters": 2, "kernel_size": 2}, (1, 2, 2, 2, 2)),
    Row("DepthwiseConv1D", {"kernel_size": 3, "depth_multiplier": 2}, (2, 6, 2)),
    Row("DepthwiseConv2D", {"kernel_size": 3, "padding": "same"}, (1, 5, 5, 3)),
    Row("SeparableConv1D", {"filters": 3, "kernel_size": 3}, (2, 6, 2)),
    Row("SeparableConv2D", {"filters": 3, "kernel_size": 3, "depth_multiplier": 2}, (1, 5, 5, 2)),
]  # fmt: skip

_SHAPES = {1: (2, 6, 2), 2: (1, 6, 6, 2), 3: (1, 4, 4, 4, 2)}

POOLING = [
    Row(f"{prefix}{kind}Pooling{rank}D", kwargs, shape)
    for rank, shape in _SHAPES.items()
    for kind in ("Max", "Average")
    for prefix, kwargs in (
        ("", {"pool_size": 2, "padding": "same"}),
        ("Global", {"keepdims": True}),
        ("Adaptive", {"output_size": 3}),
    )
]

NORMALIZATION = [
    Row("BatchNormalization", {}, (8, 3), "inference"),
    Row("BatchNormalization", {"momentum": 0.5}, (8, 3), "training", call=TRAINING),
    Row("BatchNormalization", {"renorm": True, "axis": 1}, (4, 3, 5), "renorm", call=TRAINING,
        gradient=False),  # its corrections count as constants
    Row("LayerNormalization", {}, (2, 5)),
    Row("LayerNormalization", {"axis": [1, 2]}, (2, 3, 5), "two axes"),
    Row("GroupNormalization", {"groups": 2}, (2, 3, 4)),
    Row("RMSNormalization", {}, (2, 5)),
    Row("UnitNormalization", {}, (2, 5)),
    Row("SpectralNormalization",
        lambda: {"layer": nyala.layers.Dense(4, name="inside"), "power_iterations": 2}, (2, 3),
        call=TRAINING),
]  # fmt: skip

RESHAPING = [
    Row("Flatten", {}, (2, 3, 4)),
    Row("Reshape", {"target_shape": (-1, 2)}, (2, 3, 4)),
    Row("Permute", {"dims": (2, 1)}, (2, 3, 4)),
    Row("RepeatVector", {"n": 3}, (2, 4)),
    Row("ZeroPadding1D", {"padding": (1, 2)}, (2, 3, 2)),
    Row("ZeroPadding2D", {"padding": ((1, 0), (2, 1))}, (1, 3, 3, 2)),
    Row("ZeroPadding3D", {"padding": 1}, (1, 2, 2, 2, 1)),
    Row("Cropping1D", {"cropping": (1, 1)}, (2, 5, 2)),
    Row("Cropping2D", {"cropping": (1, 2), "data_format": "channels_first"}, (1, 2, 5, 6)),
    Row("Cropping3D", {}, (1, 4, 4, 4, 1)),
    Row("UpSampling1D", {"size": 2}, (2, 3, 2)),
    Row("UpSampling2D", {"size": (2, 3)}, (1, 3, 2, 2)),
    Row("UpSampling2D", {"interpolation": "bilinear"}, (1, 3, 2, 2), "bilinear"),
    Row("UpSampling3D", {}, (1, 2, 2, 2, 1)),
]  # fmt: skip

ROWS = [*CORE, *CONVOLUTIONAL, *POOLING, *NORMALIZATION, *RESHAPING]
