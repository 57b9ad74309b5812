"""Rows of the families merging, activation, regularization, recurrent, attention, preprocessing."""

from __future__ import annotations

import numpy as np

from nyala import layers
from tests.contract.rows import Row

TRAINING = {"training": True}
MASK = np.array([[True, True, False, True], [False, True, True, True]])


def floats(*shape):
    return np.random.default_rng(11).normal(size=shape).astype("float32")


def integers():
    return np.random.default_rng(7).integers(0, 255, (2, 5, 6, 3)).astype("uint8")


MERGING = [
    *(Row(name, {}, [(2, 3, 4), (2, 3, 4)]) for name in ("Add", "Subtract", "Multiply", "Average")),
    Row("Maximum", {}, [(2, 3, 4), (2, 4), (2, 1, 1)]),
    Row("Minimum", {}, [(2, 3), (2, 3)]),
    Row("Concatenate", {"axis": 1}, [(2, 3, 4), (2, 2, 4)]),
    Row("Dot", {"axes": [1, 2], "normalize": True}, [(2, 3, 4), (2, 5, 3)]),
]

ACTIVATION = [
    Row("Activation", {"activation": "gelu"}),
    Row("ReLU", {"max_value": 1.0, "negative_slope": 0.1, "threshold": 0.1}),
    Row("LeakyReLU", {"alpha": 0.2}),
    Row("PReLU", {"shared_axes": [1]}, (2, 3, 4)),
    Row("ELU", {"alpha": 0.5}),
    Row("Softmax", {}, (2, 4), "mask", call={"mask": MASK}),
    Row("Softmax", {"axis": [1, 2]}, (2, 3, 4), "two axes"),
]

REGULARIZATION = [
    Row("Dropout", {"rate": 0.5, "seed": 1}, (4, 8), "inference"),
    Row("Dropout", {"rate": 0.5, "noise_shape": (None, 1), "seed": 1}, (4, 8), call=TRAINING),
    Row("SpatialDropout1D", {"rate": 0.5, "seed": 1}, (2, 3, 8), call=TRAINING),
    Row("SpatialDropout2D", {"rate": 0.5, "data_format": "channels_first", "seed": 1},
        (2, 8, 3, 3), call=TRAINING),
    Row("SpatialDropout3D", {"rate": 0.5, "seed": 1}, (2, 2, 2, 2, 8), call=TRAINING),
    Row("AlphaDropout", {"rate": 0.5, "seed": 1}, (4, 8), call=TRAINING),
    # Half precision draws other numbers.
    Row("GaussianNoise", {"stddev": 0.5, "seed": 1}, (4, 8), call=TRAINING, half=False),
    Row("GaussianDropout", {"rate": 0.3, "seed": 1}, (4, 8), call=TRAINING, half=False),
    Row("ActivityRegularization", {"l1": 0.1, "l2": 0.2}, (2, 3)),
]  # fmt: skip

SEQUENCES = (2, 4, 3)
ALL_OUTPUTS = {"units": 5, "return_sequences": True, "return_state": True}


def states(count, *shape):
    return [floats(*shape) * 0.5 for _ in range(count)]


# The layers inside have a dtype policy of their own, which the wrapper's does not change.
OF_ITS_OWN = {"half": False}

RECURRENT = [
    Row("SimpleRNNCell", {"units": 5}, (2, 3), call={"states": states(1, 2, 5)}),
    Row("LSTMCell", {"units": 5}, (2, 3), call={"states": states(2, 2, 5)}),
    Row("GRUCell", {"units": 5, "reset_after": False}, (2, 3), call={"states": states(1, 2, 5)}),
    Row("StackedRNNCells", lambda: {"cells": [layers.LSTMCell(4), layers.GRUCell(5)]}, (2, 3),
        call={"states": [states(2, 2, 4), states(1, 2, 5)]}, **OF_ITS_OWN),
    Row("RNN", lambda: {"cell": layers.StackedRNNCells([layers.LSTMCell(4), layers.GRUCell(5)]),
                        "return_state": True}, SEQUENCES, call={"mask": MASK}),
    Row("SimpleRNN", {**ALL_OUTPUTS, "go_backwards": True}, SEQUENCES),
    Row("SimpleRNN", {"units": 5, "activation": "relu", "unroll": True}, SEQUENCES, "unrolled"),
    Row("LSTM", ALL_OUTPUTS, SEQUENCES, "mask", call={"mask": MASK}),
    Row("LSTM", {"units": 5, "recurrent_activation": "hard_sigmoid"}, SEQUENCES, "in a loop",
        call={"mask": MASK}),
    Row("LSTM", {"units": 5, "dropout": 0.3, "recurrent_dropout": 0.3, "seed": 1}, SEQUENCES,
        "dropout", call=TRAINING),
    Row("GRU", ALL_OUTPUTS, SEQUENCES, "states", call={"initial_state": states(1, 2, 5)}),
    Row("GRU", {"units": 5, "reset_after": False, "dropout": 0.3, "seed": 1}, SEQUENCES,
        "reset before", call=TRAINING),
    Row("Bidirectional", lambda: {"layer": layers.LSTM(3, return_sequences=True)}, SEQUENCES,
        call={"mask": MASK}),
    Row("Bidirectional", lambda: {"layer": layers.GRU(3, return_state=True), "merge_mode": None},
        SEQUENCES, "pair", **OF_ITS_OWN),
    Row("TimeDistributed", lambda: {"layer": layers.Dense(5)}, SEQUENCES, **OF_ITS_OWN),
    Row("TimeDistributed", lambda: {"layer": layers.BatchNormalization()}, SEQUENCES,
        "step by step", call=TRAINING, **OF_ITS_OWN),
    Row("ConvLSTM1D", {"filters": 2, "kernel_size": 2, "return_sequences": True}, (2, 3, 4, 3)),
    Row("ConvLSTM2D", {"filters": 2, "kernel_size": 2, "padding": "same",
                       "data_format": "channels_first"}, (2, 3, 2, 4, 4),
        call={"mask": MASK[:, :3]}),
    Row("ConvLSTM3D", {"filters": 2, "kernel_size": 2, "dropout": 0.2, "recurrent_dropout": 0.2,
                       "seed": 1}, (1, 2, 3, 3, 3, 2), call=TRAINING),
]  # fmt: skip

ATTENTION = [
    Row("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}, (2, 5, 6),
        call={"value": floats(2, 4, 6), "value_mask": MASK}),
    Row("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, "dropout": 0.3, "seed": 1,
                               "use_gate": True}, (2, 5, 6), "dropout",
        call={"value": floats(2, 4, 6), "return_attention_scores": True, **TRAINING}),
    Row("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, "attention_axes": [2]}, (2, 3, 4, 6),
        "axes", call={"value": floats(2, 3, 5, 6)}),
    Row("GroupedQueryAttention", {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2},
        (2, 5, 6), call={"value": floats(2, 4, 6), "use_causal_mask": True}),
    Row("Attention", {"use_scale": True, "score_mode": "concat"}, [(2, 5, 6), (2, 4, 6)]),
    Row("AdditiveAttention", {}, [(2, 5, 6), (2, 4, 6)], call={"mask": [None, MASK]}),
]  # fmt: skip

PREPROCESSING = [
    Row("Rescaling", {"scale": [0.5, 2.0, 1.0], "offset": -1.0}, (2, 3)),
    Row("CenterCrop", {"height": 3, "width": 2}, (2, 5, 6, 3)),
    Row("CenterCrop", {"height": 7, "width": 2}, (2, 5, 6, 3), "enlarged"),
    Row("Resizing", {"height": 3, "width": 2, "antialias": True}, (2, 5, 6, 3)),
    Row("Resizing", {"height": 3, "width": 2}, variant="integers", inputs=integers, gradient=False),
    Row(
        "Normalization", {"axis": -1, "mean": [1.0, 2.0, 3.0], "variance": [2.0, 3.0, 4.0]}, (2, 3)
    ),
    Row("Normalization", {"axis": [1, 2], "invert": True}, (2, 3, 4), "adapted"),
    Row(
        "CategoryEncoding",
        {"num_tokens": 4, "output_mode": "count"},
        (2, 3),
        below=4,
        gradient=False,
    ),
    Row("Discretization", {"bin_boundaries": [-0.5, 0.5]}, (2, 3), gradient=False),
]

ROWS = MERGING + ACTIVATION + REGULARIZATION + RECURRENT + ATTENTION + PREPROCESSING
