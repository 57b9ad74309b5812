"""Cases for every native kernel: a function of arrays that calls it, and the arrays.

The differential test compares values and gradients of each with the reference; `make soak` replays
the native calls that they make under sanitizers. A case is named "kernel: what is special".
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from tests.kernels.native_attention_cases import attentions
from tests.kernels.native_case import Case
from tests.kernels.native_convolution_cases import (
    convolution,
    depthwise,
    transposed_convolution,
)
from tests.kernels.native_crossentropy_cases import crossentropies
from tests.kernels.native_embedding_cases import embeddings
from tests.kernels.native_normalization_cases import normalizations
from tests.kernels.native_pool_cases import pools
from tests.kernels.native_recurrent_cases import recurrent_arguments
from tests.kernels.native_update_cases import updates


def cases() -> dict[str, Case]:
    return dict(
        itertools.chain(
            convolution(),
            transposed_convolution(),
            depthwise(),
            pools(),
            normalizations(),
            _recurrent(),
            attentions(),
            crossentropies(),
            embeddings(),
            updates(),
        )
    )


def _recurrent() -> Iterator[tuple[str, Case]]:
    for name, run, arrays in recurrent_arguments():
        yield name, Case(run, arrays, "recurrent")
