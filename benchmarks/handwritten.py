"""The same steps as someone writes them in JAX who has no framework at all."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

_KEY = jax.random.key(0)


def _dense(generator: Any, inputs: int, outputs: int) -> tuple[jax.Array, jax.Array]:
    scale = (6 / (inputs + outputs)) ** 0.5
    kernel = generator.uniform(-scale, scale, (inputs, outputs))
    return jnp.asarray(kernel, jnp.float32), jnp.zeros(outputs)


def _stack(*widths: int) -> list:
    generator = np.random.default_rng(0)
    return [_dense(generator, a, b) for a, b in itertools.pairwise(widths)]


def _cross_entropy(logits: jax.Array, labels: jax.Array) -> jax.Array:
    picked = jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], axis=1)
    return -picked.mean()


# -- Adam (Kingma and Ba, 2014) -----------------------------------------------------------------


def adam_state(params: Any) -> tuple:
    # Two trees of zeros: one shared by both moments could not be donated twice.
    zeros = lambda: jax.tree.map(jnp.zeros_like, params)  # noqa: E731
    return params, zeros(), zeros(), jnp.zeros(())


def adam(state: tuple, gradients: Any, rate: float = 1e-3) -> tuple:
    params, means, squares, step = state
    step = step + 1
    rate = rate * jnp.sqrt(1 - 0.999**step) / (1 - 0.9**step)
    means = jax.tree.map(lambda m, g: m + 0.1 * (g - m), means, gradients)
    squares = jax.tree.map(lambda v, g: v + 0.001 * (g * g - v), squares, gradients)
    params = jax.tree.map(
        lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-7), params, means, squares
    )
    return params, means, squares, step


# -- models -------------------------------------------------------------------------------------


def mlp_params() -> list:
    return _stack(784, 64, 64, 10)


def mlp(params: list, x: jax.Array, key: Any = None) -> jax.Array:
    for kernel, bias in params[:-1]:
        x = jax.nn.relu(x @ kernel + bias)
    kernel, bias = params[-1]
    return x @ kernel + bias


def cnn_params() -> dict:
    generator = np.random.default_rng(0)
    window = lambda *s: jnp.asarray(generator.normal(0, 0.1, s), jnp.float32)  # noqa: E731
    return {
        "convolutions": [
            (window(3, 3, 1, 32), jnp.zeros(32)),
            (window(3, 3, 32, 64), jnp.zeros(64)),
        ],
        "dense": [_dense(generator, 3136, 512), _dense(generator, 512, 10)],
    }


def cnn(params: dict, x: jax.Array, key: jax.Array) -> jax.Array:
    keys = jax.random.split(key, 3)
    for (kernel, bias), key in zip(params["convolutions"], keys, strict=False):
        x = lax.conv_general_dilated(
            x, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )
        x = jax.nn.relu(x + bias)
        x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        x = _dropout(x, 0.25, key)
    (kernel, bias), last = params["dense"]
    x = jax.nn.relu(x.reshape(len(x), -1) @ kernel + bias)
    return _dropout(x, 0.5, keys[2]) @ last[0] + last[1]


def _dropout(x: jax.Array, rate: float, key: jax.Array) -> jax.Array:
    return jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape), x / (1 - rate), 0)


def bilstm_params() -> dict:
    generator = np.random.default_rng(0)

    def direction():
        return (*_dense(generator, 64, 256), _dense(generator, 64, 256)[0])

    table = jnp.asarray(generator.uniform(-0.05, 0.05, (20_000, 64)), jnp.float32)
    return {"table": table, "forward": direction(), "backward": direction(),
            "out": _dense(generator, 128, 1)}  # fmt: skip


def bilstm(params: dict, x: jax.Array, key: Any = None) -> jax.Array:
    x = params["table"][x].swapaxes(0, 1)
    ends = [_lstm(params["forward"], x, False), _lstm(params["backward"], x, True)]
    kernel, bias = params["out"]
    return jnp.concatenate(ends, axis=-1) @ kernel + bias


def _lstm(weights: tuple, x: jax.Array, reverse: bool) -> jax.Array:
    kernel, bias, recurrent = weights

    def step(carry, projected):
        h, c = carry
        i, f, g, o = jnp.split(projected + h @ recurrent, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

    zeros = jnp.zeros((x.shape[1], recurrent.shape[0]))
    (h, _), _ = lax.scan(step, (zeros, zeros), x @ kernel + bias, reverse=reverse)
    return h


def transformer_params() -> dict:
    generator = np.random.default_rng(0)
    widths = {"q": (64, 64), "k": (64, 64), "v": (64, 64), "o": (64, 64), "up": (64, 256),
              "down": (256, 64), "out": (64, 10)}  # fmt: skip
    params = {name: _dense(generator, *shape) for name, shape in widths.items()}
    return params | {f"norm{i}": (jnp.ones(64), jnp.zeros(64)) for i in range(2)}


def transformer(params: dict, x: jax.Array, key: Any = None) -> jax.Array:
    def dense(name, x):
        return x @ params[name][0] + params[name][1]

    def norm(name, x):
        x = x - x.mean(-1, keepdims=True)
        x = x * lax.rsqrt((x * x).mean(-1, keepdims=True) + 1e-6)
        return x * params[name][0] + params[name][1]

    rows, length, _ = x.shape
    q, k, v = (dense(name, x).reshape(rows, length, 4, 16) for name in "qkv")
    attended = jax.nn.dot_product_attention(q, k, v).reshape(rows, length, 64)
    x = norm("norm0", x + dense("o", attended))
    x = norm("norm1", x + dense("down", jax.nn.relu(dense("up", x))))
    return dense("out", x.mean(axis=1))


# -- training -----------------------------------------------------------------------------------


def _binary(logits: jax.Array, labels: jax.Array) -> jax.Array:
    return _logits_loss(logits[:, 0], labels.astype(logits.dtype))


def _logits_loss(logits: jax.Array, labels: Any) -> jax.Array:
    return (jnp.maximum(logits, 0) - logits * labels + jnp.log1p(jnp.exp(-jnp.abs(logits)))).mean()


MODELS = {
    "mlp": (mlp_params, mlp, _cross_entropy),
    "cnn": (cnn_params, cnn, _cross_entropy),
    "bilstm": (bilstm_params, bilstm, _binary),
    "transformer": (transformer_params, transformer, _cross_entropy),
}


def trainer(name: str, x: np.ndarray, y: np.ndarray, batch: int, fused: bool) -> Callable:
    """Return what runs one epoch of shuffled steps: as one scan, or step by step.

    The data is on the device before the clock starts, which is better than `fit` can do.
    """
    params, forward, loss_of = MODELS[name]
    state = adam_state(params())
    on_device = jnp.asarray(x), jnp.asarray(y)

    def step(state, x, y, index, key):
        x, y = x[index], y[index]
        gradients = jax.grad(lambda p: loss_of(forward(p, x, key), y))(state[0])
        return adam(state, gradients)

    def scan(state, x, y, order, key):
        def body(state, at):
            index, number = at
            return step(state, x, y, index, jax.random.fold_in(key, number)), None

        return lax.scan(body, state, (order, jnp.arange(len(order))))[0]

    run_step, run_scan = (jax.jit(f, donate_argnums=0) for f in (step, scan))
    steps = len(x) // batch
    generator = np.random.default_rng(0)

    def epoch():
        nonlocal state
        order = jnp.asarray(generator.permutation(len(x))[: steps * batch].reshape(steps, batch))
        if fused:
            state = run_scan(state, *on_device, order, _KEY)
        else:
            for number, index in enumerate(order):
                state = run_step(state, *on_device, index, jax.random.fold_in(_KEY, number))
        jax.block_until_ready(state)

    return epoch


def evaluator(x: np.ndarray, y: np.ndarray, batch: int) -> Callable:
    """Return what computes the MLP's mean loss and accuracy over all rows."""
    params = mlp_params()
    whole = len(x) // batch * batch

    def sums(x, y):
        logits = mlp(params, x)
        right = (logits.argmax(-1) == y).sum()
        return jnp.stack([_cross_entropy(logits, y) * len(x), right.astype(jnp.float32)])

    @jax.jit
    def run(x, y):
        xs, ys = x[:whole].reshape(-1, batch, x.shape[1]), y[:whole].reshape(-1, batch)
        total = lax.scan(lambda t, b: (t + sums(*b), None), jnp.zeros(2), (xs, ys))[0]
        return (total + (sums(x[whole:], y[whole:]) if whole < len(x) else 0)) / len(x)

    return lambda: np.asarray(run(jnp.asarray(x), jnp.asarray(y)))


def predictor(x: np.ndarray) -> Callable:
    """Return what computes the MLP's probabilities as a NumPy array."""
    params = mlp_params()
    run = jax.jit(lambda x: jax.nn.softmax(mlp(params, x)))
    return lambda: np.asarray(run(x))


def loop(batches: list) -> Callable:
    """Return the loop of seed 001 with a compiled step: SGD and a running mean."""

    @jax.jit
    def step(params, mean, x, y):
        def loss_of(p):
            logits = mlp(p, x)
            return _cross_entropy(logits, y), logits

        (loss, logits), gradients = jax.value_and_grad(loss_of, has_aux=True)(params)
        params = jax.tree.map(lambda p, g: p - 1e-3 * g, params, gradients)
        right = (logits.argmax(-1) == y).sum()
        return params, (mean[0] + right, mean[1] + len(y)), loss

    batches = [(jnp.asarray(x), jnp.asarray(y)) for x, y in batches]
    params = mlp_params()

    def run():
        nonlocal params
        mean = (jnp.int32(0), jnp.int32(0))
        for x, y in batches:
            params, mean, loss = step(params, mean, x, y)
        return float(loss), float(mean[0] / mean[1])

    return run


def gan(x: np.ndarray, batch: int) -> Callable:
    """Return what runs an epoch of GAN steps as one scan, on data that is on the device."""
    on_device = jnp.asarray(x)
    state = adam_state(_stack(32, 128, 784)), adam_state(_stack(784, 128, 1))

    def generate(params, key):
        return jax.nn.sigmoid(mlp(params, jax.random.normal(key, (batch, 32))))

    def step(state, x, index, key):
        generator, discriminator = state
        keys = jax.random.split(key)
        images = jnp.concatenate([generate(generator[0], keys[0]), x[index]])
        labels = jnp.concatenate([jnp.ones((batch, 1)), jnp.zeros((batch, 1))])
        d_loss, d_gradients = jax.value_and_grad(lambda p: _logits_loss(mlp(p, images), labels))(
            discriminator[0]
        )
        discriminator = adam(discriminator, d_gradients, 1e-4)
        g_loss, g_gradients = jax.value_and_grad(
            lambda p: _logits_loss(mlp(discriminator[0], generate(p, keys[1])), 0.0)
        )(generator[0])
        return (adam(generator, g_gradients, 1e-4), discriminator), (d_loss, g_loss)

    @functools.partial(jax.jit, donate_argnums=0)
    def run(state, x, order):
        keys = jax.random.split(_KEY, len(order))
        return lax.scan(lambda s, at: step(s, x, *at), state, (order, keys))

    shuffle = np.random.default_rng(0)
    steps = len(x) // batch

    def epoch():
        nonlocal state
        order = shuffle.permutation(len(x))[: steps * batch].reshape(steps, batch)
        state, losses = run(state, on_device, jnp.asarray(order))
        return [float(loss[-1]) for loss in losses]

    return epoch
