"""Time each kernel's chosen lowering against XLA's own, forward and forward + backward.

    python benchmarks/kernels.py [name ...]

Prints milliseconds as the lower decile of interleaved calls, which a busy machine disturbs least,
and the ratio. `names` select cases by prefix (`conv`, `lstm`, `step`, ...).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from nyala import kernels

_GENERATOR = np.random.default_rng(0)
_KEY = jnp.array([1, 2], "uint32")
_MODES = ("reference", "auto")
_SECONDS = 1.5


def normal(*shape: int) -> jax.Array:
    return jnp.asarray(_GENERATOR.standard_normal(shape), jnp.float32)


def _convolutions():
    for image, window, strides in (
        ((32, 28, 28, 1), (3, 3, 1, 32), 1),
        ((16, 96, 96, 3), (3, 3, 3, 32), 2),
        ((32, 14, 14, 32), (3, 3, 32, 64), 1),
        ((16, 48, 48, 32), (1, 1, 32, 96), 1),
        ((16, 24, 24, 64), (1, 1, 64, 128), 2),
    ):
        name = f"conv {image} by {window} stride {strides}"
        yield (
            name,
            _with(kernels.conv, strides=strides, padding="same"),
            normal(*image),
            normal(*window),
        )
    for image, strides in (
        ((16, 48, 48, 96), 1),
        ((16, 48, 48, 96), 2),
        ((16, 12, 12, 192), 1),
        ((16, 6, 6, 384), 1),
    ):
        run = _with(kernels.depthwise_conv, strides=strides, padding="same")
        name = f"depthwise 3x3 {image} stride {strides}"
        yield name, run, normal(*image), normal(3, 3, image[-1], 1)


def _pools():
    for image, window, strides, padding in (
        ((32, 28, 28, 32), 2, 2, "valid"),
        ((32, 14, 14, 64), 2, 2, "valid"),
        ((16, 48, 48, 64), 3, 2, "same"),
        ((16, 12, 12, 64), 3, 1, "same"),
    ):
        for pool in (kernels.max_pool, kernels.average_pool):
            run = _with(pool, window=window, strides=strides, padding=padding)
            yield f"{pool.__name__} {image} {window}/{strides} {padding}", run, normal(*image)


def _normalizations():
    for shape in ((16, 48, 48, 96), (16, 6, 6, 384), (256, 512)):
        run = lambda *a: kernels.batch_norm_train(*a)[0]  # noqa: E731
        yield f"batch_norm {shape}", run, normal(*shape), normal(shape[-1]), normal(shape[-1])
    for shape in ((32, 128, 64), (32, 128, 512)):
        yield f"layer_norm {shape}", kernels.layer_norm, normal(*shape), *normal(2, shape[-1])


def _sequences():
    for shape in ((32, 128, 4, 16), (8, 128, 8, 64)):
        yield f"attention {shape}", kernels.attention, *normal(3, *shape)
        run = _with(kernels.attention, dropout_rate=0.1, dropout_key=_KEY)
        yield f"attention {shape} with dropout", run, *normal(3, *shape)
    x, state = normal(32, 200, 64), jnp.zeros((32, 64))
    lstm = (normal(64, 256) * 0.1, normal(64, 256) * 0.1, normal(256), state, state)
    yield "lstm (32, 200, 64)", lambda *a: kernels.lstm(*a)[0], x, *lstm
    gru = (normal(64, 192) * 0.1, normal(64, 192) * 0.1, normal(2, 192), state)
    yield "gru (32, 200, 64)", lambda *a: kernels.gru(*a)[0], x, *gru
    rnn = (normal(64, 64) * 0.1, normal(64, 64) * 0.1, normal(64), state)
    yield "simple_rnn (32, 200, 64)", lambda *a: kernels.simple_rnn(*a)[0], x, *rnn


def _elementwise():
    for shape in ((32, 512), (32, 14, 14, 64), (16, 48, 48, 96)):
        x, key = normal(*shape), jax.random.wrap_key_data(_KEY)

        def run(x, shape=shape, key=key):
            if kernels.kernels_mode() == "reference":
                return jnp.where(jax.random.bernoulli(key, 0.7, shape), x / 0.7, 0)
            return kernels.dropout(x, 0.3, _KEY)

        yield f"dropout {shape}, against jax.random", run, x
    for shape in ((64, 10), (512, 1000), (4096, 64)):
        labels = jnp.asarray(_GENERATOR.integers(0, shape[1], shape[0]))
        run = lambda x, labels=labels: kernels.sparse_softmax_crossentropy(x, labels)  # noqa: E731
        yield f"crossentropy {shape}", run, normal(*shape)


def _steps():
    """Whole blocks, where fusion with the neighbours counts."""

    def residual(x, expand, depth, project, scales):
        for index, layer in enumerate((expand, depth, project)):
            conv = kernels.depthwise_conv if index == 1 else kernels.conv
            x = conv(x, layer, padding="same")
            x = kernels.batch_norm_train(x, scales[index], scales[index])[0]
            x = jnp.clip(x, 0, 6) if index < 2 else x
        return x

    scales = [jnp.ones(96), jnp.ones(96), jnp.ones(16)]
    layers = normal(1, 1, 16, 96), normal(3, 3, 96, 1), normal(1, 1, 96, 16)
    yield (
        "step: inverted residual (16, 48, 48, 16)",
        residual,
        normal(16, 48, 48, 16),
        *layers,
        scales,
    )

    def cnn(weights, x):
        for kernel in weights[:2]:
            x = kernels.max_pool(jax.nn.relu(kernels.conv(x, kernel, padding="same")), 2)
        return jax.nn.relu(x.reshape(len(x), -1) @ weights[2]) @ weights[3]

    weights = [normal(*s) * 0.05 for s in ((3, 3, 1, 32), (3, 3, 32, 64), (3136, 512), (512, 10))]
    x = normal(32, 28, 28, 1)
    yield "step: CNN of two convolutions, batch 32", lambda weights: cnn(weights, x), weights

    state = jnp.zeros((32, 64))
    lstm = [normal(64, 256) * 0.1, normal(64, 256) * 0.1, jnp.zeros(256), state, state]
    ids = jnp.asarray(_GENERATOR.integers(0, 20000, (32, 200)))

    def classifier(table, one, other):
        x = kernels.embedding_lookup(table, ids)
        (_, (ahead, _)), (_, (back, _)) = kernels.bidirectional_lstm(x, one, other)
        return jnp.concatenate([ahead, back], axis=-1)

    yield "step: embedding and bidirectional LSTM", classifier, normal(20000, 64), lstm, lstm


def _with(function: Callable, **options) -> Callable:
    return lambda *arguments: function(*arguments, **options)


def _compiled(
    function: Callable, arguments: tuple, cotangent, mode: str
) -> tuple[Callable, Callable]:
    """Forward, and forward + backward, traced in a mode."""
    kernels.set_kernels(mode)

    # New functions for each mode: `jax.jit` would find the other mode's trace of the same one.
    def forward(cotangent, *arguments):
        return function(*arguments)

    def both(cotangent, *arguments):
        y, pullback = jax.vjp(function, *arguments)
        return y, pullback(cotangent)

    return tuple(jax.jit(f).lower(cotangent, *arguments).compile() for f in (forward, both))


def measure(function: Callable, *arguments) -> list[float]:
    """Milliseconds: forward in each mode, then forward + backward in each mode."""
    cotangent = jax.tree.map(lambda a: normal(*a.shape), jax.eval_shape(function, *arguments))
    pairs = [_compiled(function, arguments, cotangent, mode) for mode in _MODES]
    programs = [pair[index] for index in range(2) for pair in pairs]
    times = [[] for _ in programs]
    for program in programs:
        jax.block_until_ready(program(cotangent, *arguments))
    end = time.perf_counter() + _SECONDS
    while time.perf_counter() < end or len(times[0]) < 5:
        for program, taken in zip(programs, times, strict=True):
            start = time.perf_counter()
            jax.block_until_ready(program(cotangent, *arguments))
            taken.append(1e3 * (time.perf_counter() - start))
    return [float(np.quantile(taken, 0.1)) for taken in times]


def main(names: list[str]) -> None:
    print(f"{jax.default_backend()}, jax {jax.__version__}; ms, XLA's own -> chosen (ratio)")
    families = (_convolutions, _pools, _normalizations, _sequences, _elementwise, _steps)
    for case in (case for family in families for case in family()):
        name, function, *arguments = case
        if names and not name.startswith(tuple(names)):
            continue
        plain, chosen, plain_both, chosen_both = measure(function, *arguments)
        print(
            f"{name:<48} forward {plain:8.2f} -> {chosen:7.2f} ({plain / chosen:4.1f}x)   "
            f"both {plain_both:8.2f} -> {chosen_both:7.2f} ({plain_both / chosen_both:4.1f}x)",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
