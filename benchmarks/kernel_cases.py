"""What `kernels.py` times: kernels with their arrays, and the same in TensorFlow and PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from nyala import kernels

_GENERATOR = np.random.default_rng(0)
_KEY = jnp.array([1, 2], "uint32")


@dataclass(frozen=True)
class Case:
    """One kernel at one shape.

    Attributes:
        name: as in the table; the command line selects by prefix.
        run: a function of `arrays`.
        arrays: what it is differentiated for.
        operations: multiplications and additions forward; the gradient makes twice as many.
        tensorflow: makes the same function from the module `tensorflow`.
        torch: makes it from the module `torch`, for the same arrays.
    """

    name: str
    run: Callable[..., Any]
    arrays: tuple
    operations: float = 0.0
    tensorflow: Callable[[Any], Callable[..., Any]] | None = None
    torch: Callable[[Any], Callable[..., Any]] | None = None


def normal(*shape: int) -> jax.Array:
    return jnp.asarray(_GENERATOR.standard_normal(shape), jnp.float32)


def _torch_image(run: Callable[..., Any]) -> Callable[..., Any]:
    """PyTorch's order of dimensions; the memory stays channels last."""
    return lambda x, *rest: run(x.permute(0, 3, 1, 2), *rest).permute(0, 2, 3, 1)


# First layers; then all of ResNet50 at 96x96 with 16 images, from its first stage to its last; then
# some that XLA has no fast path for.
_CONVOLUTIONS = (
    # image, window, filters, strides, groups
    ((32, 28, 28, 1), 3, 32, 1, 1),
    ((32, 14, 14, 32), 3, 64, 1, 1),
    ((16, 96, 96, 3), 3, 32, 2, 1),
    ((16, 96, 96, 3), 7, 64, 2, 1),
    *(
        ((16, size, size, channels), window, filters, strides, 1)
        for size, width in ((24, 64), (12, 128), (6, 256), (3, 512))
        for channels, window, filters, strides in (
            (width, 3, width, 1),
            (width, 1, 4 * width, 1),
            (4 * width, 1, width, 1),
        )
    ),
    ((16, 24, 24, 256), 1, 128, 2, 1),
    ((16, 24, 24, 256), 1, 512, 2, 1),
    ((16, 48, 48, 16), 1, 96, 1, 1),
    ((16, 24, 24, 64), 3, 64, 1, 8),
    ((16, 12, 12, 256), 3, 256, 1, 32),
)


def convolutions() -> Iterator[Case]:
    for image, window, filters, strides, groups in _CONVOLUTIONS:
        kernel = (window, window, image[-1] // groups, filters)
        places = image[0] * math.prod(-(-size // strides) for size in image[1:-1])
        yield Case(
            f"conv {image} {window}x{window} to {filters} stride {strides}"
            + (f" groups {groups}" if groups > 1 else ""),
            partial(kernels.conv, strides=strides, padding="same", groups=groups),
            (normal(*image), normal(*kernel)),
            2.0 * places * math.prod(kernel),
            # TensorFlow has no gradient of grouped convolutions on a CPU.
            (lambda tf, s=strides: lambda x, k: tf.nn.conv2d(x, k, s, "SAME"))
            if groups == 1
            else None,
            lambda torch, s=strides, p=window // 2, g=groups: _torch_image(
                lambda x, k: torch.conv2d(x, k.permute(3, 2, 0, 1), stride=s, padding=p, groups=g)
            ),
        )
    for image, filters in (((16, 12, 12, 128), 64), ((16, 24, 24, 64), 32)):
        places = tuple(2 * size for size in image[1:-1])
        yield Case(
            f"conv_transpose {image} 3x3 to {filters} stride 2",
            partial(kernels.conv_transpose, strides=2, padding="same"),
            (normal(*image), normal(3, 3, filters, image[-1])),
            2.0 * math.prod(image) * 9 * filters,
            lambda tf, y=(image[0], *places, filters): (
                lambda x, k: tf.nn.conv2d_transpose(x, k, y, 2, "SAME")
            ),
        )


def depthwise() -> Iterator[Case]:
    for image, strides in (
        ((16, 48, 48, 96), 1),
        ((16, 48, 48, 96), 2),
        ((16, 24, 24, 144), 1),
        ((16, 12, 12, 192), 1),
        ((16, 6, 6, 384), 1),
        ((16, 3, 3, 960), 1),
    ):
        channels = image[-1]
        yield Case(
            f"depthwise {image} 3x3 stride {strides}",
            partial(kernels.depthwise_conv, strides=strides, padding="same"),
            (normal(*image), normal(3, 3, channels, 1)),
            0.0,
            lambda tf, s=strides: lambda x, k: tf.nn.depthwise_conv2d(x, k, [1, s, s, 1], "SAME"),
            lambda torch, s=strides, c=channels: _torch_image(
                lambda x, k: torch.conv2d(x, k.permute(2, 3, 0, 1), stride=s, padding=1, groups=c)
            ),
        )


def pools() -> Iterator[Case]:
    for image, window, strides, padding in (
        ((32, 28, 28, 32), 2, 2, "valid"),
        ((32, 14, 14, 64), 2, 2, "valid"),
        ((16, 48, 48, 64), 3, 2, "same"),
        ((16, 12, 12, 64), 3, 1, "same"),
        ((8, 64, 64, 16), 2, 2, "valid"),
        ((16, 7, 7, 512), 7, 7, "valid"),
    ):
        for pool, tf_name, torch_name in (
            (kernels.max_pool, "max_pool2d", "max_pool2d"),
            (kernels.average_pool, "avg_pool2d", "avg_pool2d"),
        ):
            pads = window // 2 if padding == "same" else 0
            yield Case(
                f"{pool.__name__} {image} {window}/{strides} {padding}",
                partial(pool, window=window, strides=strides, padding=padding),
                (normal(*image),),
                0.0,
                lambda tf, f=tf_name, a=(window, strides, padding): (
                    lambda x: getattr(tf.nn, f)(x, *a[:2], a[2].upper())
                ),
                lambda torch, f=torch_name, a=(window, strides, pads): _torch_image(
                    lambda x: getattr(torch.nn.functional, f)(x, *a)
                ),
            )


def normalizations() -> Iterator[Case]:
    # The second is what follows the convolutions of MobileNetV2, whose activation XLA merges in.
    for shape, active in (
        ((16, 48, 48, 96), False),
        ((16, 48, 48, 96), True),
        ((16, 24, 24, 144), False),
        ((16, 6, 6, 384), False),
        ((16, 3, 3, 960), False),
        ((256, 512), False),
    ):
        relu6 = jax.nn.relu6 if active else lambda y: y
        run = lambda *a, f=relu6: f(kernels.batch_norm_train(*a)[0])  # noqa: E731
        arrays = normal(*shape), normal(shape[-1]), normal(shape[-1])
        if len(shape) == 2 or active:
            yield Case(f"batch_norm {shape}{', relu6' * active}", run, arrays)
            continue
        yield Case(
            f"batch_norm {shape}", run, arrays, 0.0,
            lambda tf: lambda *a: tf.compat.v1.nn.fused_batch_norm(*a, is_training=True)[0],
            lambda torch: _torch_image(
                lambda x, g, b: torch.nn.functional.batch_norm(x, None, None, g, b, True)
            ),
        )  # fmt: skip
    for shape in ((32, 128, 64), (32, 128, 512), (4, 128, 64), (8, 1024)):
        arrays = normal(*shape), *normal(2, shape[-1])
        yield Case(
            f"layer_norm {shape}", kernels.layer_norm, arrays, 0.0, _tensorflow_layer_norm,
            lambda torch: lambda x, g, b: torch.nn.functional.layer_norm(x, g.shape, g, b, 1e-3),
        )  # fmt: skip
    yield Case("rms_norm (32, 128, 512)", kernels.rms_norm, (normal(32, 128, 512), normal(512)))
    for shape in ((16, 24, 24, 64), (16, 6, 6, 256)):
        arrays = normal(*shape), *normal(2, shape[-1])
        yield Case(
            f"group_norm {shape}", partial(kernels.group_norm, groups=8), arrays, 0.0, None,
            lambda torch: _torch_image(
                lambda x, g, b: torch.nn.functional.group_norm(x, 8, g, b, 1e-3)
            ),
        )  # fmt: skip


def _tensorflow_layer_norm(tf: Any) -> Callable[..., Any]:
    def layer_norm(x, gamma, beta):
        mean, variance = tf.nn.moments(x, [-1], keepdims=True)
        return tf.nn.batch_normalization(x, mean, variance, beta, gamma, 1e-3)

    return layer_norm


def attentions() -> Iterator[Case]:
    dropout = {"dropout_rate": 0.1, "dropout_key": _KEY}
    for shape, what, options in (
        ((32, 128, 4, 16), "", {}),
        ((32, 128, 4, 16), " with dropout", dropout),
        ((64, 16, 4, 16), "", {}),
        ((8, 128, 8, 64), "", {}),
        ((4, 512, 8, 32), "", {}),
        ((2, 1024, 4, 64), "", {}),
        ((2, 1024, 4, 64), " causal", {"causal": True}),
    ):
        batch, length, heads, width = shape
        given = {"is_causal": "causal" in options, "dropout_p": options.get("dropout_rate", 0.0)}
        yield Case(
            f"attention {shape}{what}",
            partial(kernels.attention, **options),
            tuple(normal(3, *shape)),
            4.0 * batch * heads * length**2 * width / (2 if "causal" in options else 1),
            torch=lambda torch, given=given: _torch_heads_first(
                partial(torch.nn.functional.scaled_dot_product_attention, **given)
            ),
        )


def _torch_heads_first(run: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *arrays: run(*(x.transpose(1, 2) for x in arrays)).transpose(1, 2)


def sequences() -> Iterator[Case]:
    x, state = normal(32, 200, 64), jnp.zeros((32, 64))
    lstm = (normal(64, 256) * 0.1, normal(64, 256) * 0.1, normal(256), state, state)
    yield Case("lstm (32, 200, 64)", lambda *a: kernels.lstm(*a)[0], (x, *lstm))
    gru = (normal(64, 192) * 0.1, normal(64, 192) * 0.1, normal(2, 192), state)
    yield Case("gru (32, 200, 64)", lambda *a: kernels.gru(*a)[0], (x, *gru))
    rnn = (normal(64, 64) * 0.1, normal(64, 64) * 0.1, normal(64), state)
    yield Case("simple_rnn (32, 200, 64)", lambda *a: kernels.simple_rnn(*a)[0], (x, *rnn))


def elementwise() -> Iterator[Case]:
    for shape in ((32, 512), (32, 14, 14, 64), (16, 48, 48, 96)):
        x, key = normal(*shape), jax.random.wrap_key_data(_KEY)

        def run(x, shape=shape, key=key):
            if kernels.kernels_mode() == "reference":
                return jnp.where(jax.random.bernoulli(key, 0.7, shape), x / 0.7, 0)
            return kernels.dropout(x, 0.3, _KEY)

        yield Case(f"dropout {shape}, against jax.random", run, (x,))
    for shape in ((64, 10), (512, 1000), (4096, 64)):
        labels = jnp.asarray(_GENERATOR.integers(0, shape[1], shape[0]))
        run = lambda x, labels=labels: kernels.sparse_softmax_crossentropy(x, labels)  # noqa: E731
        yield Case(f"crossentropy {shape}", run, (normal(*shape),))


def embeddings() -> Iterator[Case]:
    for rows, width in ((20_000, 16), (20_000, 64), (20_000, 128), (1_000_000, 32)):
        ids = _GENERATOR.integers(0, rows, (32, 200), "int32")
        yield Case(
            f"embedding ({rows}, {width}) of (32, 200)",
            lambda table, ids=ids: kernels.embedding_lookup(table, ids),
            (normal(rows, width),),
            0.0,
            lambda tf, ids=ids: lambda table: tf.gather(table, ids),
            lambda torch, ids=ids: lambda table: table[torch.from_numpy(ids)],
        )


def updates() -> Iterator[Case]:
    """Adam's and momentum's update; the gradient of an update is nobody's concern."""
    layers = [(784, 64), (64,), (64, 64), (64,), (64, 10), (10,)]
    for name, shapes in (("10 million", [(10_000_000,)]), ("an MLP", layers)):
        for rule, slots in (("momentum", 1), ("adam", 2)):
            arrays = [[normal(*shape) for shape in shapes] for _ in range(slots + 2)]
            yield Case(f"update: {rule}, {name}", partial(_update, rule), tuple(arrays))


def _update(rule: str, params: list, grads: list, *slots: list) -> Any:
    names = kernels.UPDATE_RULES[rule].slots
    numbers = {"momentum": 0.9, "added": 0.1, "squares_added": 0.001, "epsilon": 1e-7}
    states = [dict(zip(names, map(jnp.abs, own), strict=True)) for own in zip(*slots, strict=True)]
    with kernels.inputs_kept():
        return tuple(
            kernels.optimizer_update(rule, params, grads, states, rate=0.001, numbers=numbers)
        )


def steps() -> Iterator[Case]:
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
    arrays = normal(16, 48, 48, 16), *layers, scales
    yield Case("step: inverted residual (16, 48, 48, 16)", residual, arrays)

    def cnn(weights, x):
        for kernel in weights[:2]:
            x = kernels.max_pool(jax.nn.relu(kernels.conv(x, kernel, padding="same")), 2)
        return jax.nn.relu(x.reshape(len(x), -1) @ weights[2]) @ weights[3]

    weights = [normal(*s) * 0.05 for s in ((3, 3, 1, 32), (3, 3, 32, 64), (3136, 512), (512, 10))]
    x = normal(32, 28, 28, 1)
    run = lambda weights: cnn(weights, x)  # noqa: E731
    yield Case("step: CNN of two convolutions, batch 32", run, (weights,))

    state = jnp.zeros((32, 64))
    lstm = [normal(64, 256) * 0.1, normal(64, 256) * 0.1, jnp.zeros(256), state, state]
    ids = jnp.asarray(_GENERATOR.integers(0, 20000, (32, 200)))

    def classifier(table, one, other):
        x = kernels.embedding_lookup(table, ids)
        (_, (ahead, _)), (_, (back, _)) = kernels.bidirectional_lstm(x, one, other)
        return jnp.concatenate([ahead, back], axis=-1)

    arrays = normal(20000, 64), lstm, lstm
    yield Case("step: embedding and bidirectional LSTM", classifier, arrays)
