"""The scan that all recurrent kernels share, with its gradient written out.

Three things make it faster than differentiating a plain scan. A long input projection is one matrix
product before the loop. The forward loop saves the gates, so that the reverse loop evaluates no
activation and no product twice. The reverse loop only emits the gradients of the pre-activations;
those of all weights are one matrix product each after it. Several
directions share one loop.

Measured in `docs/decisions/0003-kernel-lowerings.md`.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
from jax import Array, lax

from nyala.kernels._mode import use_reference
from nyala.kernels._native_recurrent import is_native, run_native
from nyala.kernels._weight_gradient import weight_gradient

Carry = tuple[Array, ...]
Result = tuple[Array, Carry]


class Cell(Protocol):
    """One step of a recurrent network and its gradient; `carry[0]` is the output.

    `recurrent` is the pytree of the weights that multiply the carry, `z (batch, gates * units)`
    the projected input, and `saved` whatever the gradient needs. Arrays of all steps at once are
    `(time, batch, ...)`.
    """

    native: int | None
    """Its number among the cells in native code, or `None`."""

    def plain_step(self, recurrent: Any, z: Array, carry: Carry) -> Carry:
        """The definition, for reference."""
        ...

    def prepare(self, direction: Direction) -> Direction:
        """Weights in the form that the other methods expect."""
        ...

    def step(self, recurrent: Any, z: Array, carry: Carry) -> tuple[Carry, Any]:
        """The next carry, and what to save."""
        ...

    def coefficients(self, saved: Any, carry: Carry) -> Any:
        """What `step_back` multiplies by, for all steps at once: here XLA has threads and vectors,
        in a loop body it has few of either. `carry` is the last one.
        """
        ...

    def step_back(self, recurrent: Any, coefficients: Any, dcarry: Carry) -> tuple[Carry, Array]:
        """Gradients of the previous carry and of `z`."""
        ...

    def recurrent_gradient(self, recurrent: Any, h_before: Array, saved: Any, dz: Array) -> Any:
        """Gradient of `recurrent` from all steps at once."""
        ...


class Direction(NamedTuple):
    """Weights and initial carry of one pass over the sequence."""

    kernel: Array
    bias: Array | None
    recurrent: Any
    carry: Carry


class Plan(NamedTuple):
    """What is static: the cell, for each direction whether it runs backwards, masked outputs."""

    cell: Cell
    backwards: tuple[bool, ...]
    zero_output_for_mask: bool


def run_sequence(
    plan: Plan, x: Array, mask: Array | None, directions: tuple[Direction, ...]
) -> tuple[Result, ...]:
    """Run every direction over `x (batch, time, features)`; outputs in order of processing."""
    kind = plan.cell.native
    if kind is not None and is_native(x, directions[0].carry[0].shape[-1], directions):
        return tuple(
            _native_direction(plan, x, mask, backwards, direction)
            for backwards, direction in zip(plan.backwards, directions, strict=True)
        )
    steps = jnp.swapaxes(x, 0, 1)
    if mask is not None:
        mask = jnp.swapaxes(mask.astype(bool), 0, 1)[..., None]
    if use_reference():
        results = sequence_reference(plan, steps, mask, directions)
    else:
        results = _run(plan, steps, mask, tuple(map(plan.cell.prepare, directions)))
    return tuple((jnp.swapaxes(outputs, 0, 1), carry) for outputs, carry in results)


def _native_direction(
    plan: Plan, x: Array, mask: Array | None, backwards: bool, direction: Direction
) -> Result:
    recurrent = direction.recurrent
    recurrent = recurrent if isinstance(recurrent, tuple) else (recurrent, None)
    outputs, carry = run_native(
        plan.cell.native, x, (direction.kernel, direction.bias), recurrent, direction.carry, mask,
        backwards,
    )  # fmt: skip
    if mask is not None and plan.zero_output_for_mask:
        outputs = jnp.where(mask.astype(bool)[..., None], outputs, jnp.zeros((), outputs.dtype))
    return jnp.flip(outputs, 1) if backwards else outputs, carry


def sequence_reference(
    plan: Plan, steps: Array, mask: Array | None, directions: tuple[Direction, ...]
) -> tuple[Result, ...]:
    """A plain scan for each direction, differentiated by JAX; `steps` is `(time, batch, ...)`."""
    results = []
    for backwards, direction in zip(plan.backwards, directions, strict=True):

        def step(carry, now, direction=direction):
            x, keep = now
            z = x @ direction.kernel
            z = z if direction.bias is None else z + direction.bias
            new = _select(keep, plan.cell.plain_step(direction.recurrent, z, carry), carry)
            output = _masked_output(plan, keep, new)
            return new, new[0] if output is None else output

        carry, outputs = lax.scan(step, direction.carry, (steps, mask), reverse=backwards)
        results.append((jnp.flip(outputs, 0) if backwards else outputs, carry))
    return tuple(results)


def _select(keep: Array | None, new: Any, old: Any) -> Any:
    if keep is None:
        return new
    return jax.tree.map(lambda n, o: jnp.where(keep, n, o), new, old)


def _masked_output(plan: Plan, keep: Array | None, carry: Carry) -> Array | None:
    """The output, where it is not simply `carry[0]`."""
    if keep is None or not plan.zero_output_for_mask:
        return None
    return jnp.where(keep, carry[0], jnp.zeros((), carry[0].dtype))


def _at(array: Array, t: Array, backwards: bool) -> Array:
    """The entry at step `t` of a direction of an array in the order of time."""
    return lax.dynamic_index_in_dim(array, len(array) - 1 - t if backwards else t, keepdims=False)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _run(plan, steps, mask, directions):
    return _scan_forward(plan, steps, mask, directions, save=False)[0]


def _run_forward(plan, steps, mask, directions):
    results, kept = _scan_forward(plan, steps, mask, directions, save=True)
    return results, (steps, mask, directions, kept)


def _scan_forward(plan, steps, mask, directions, save):
    """Outputs and last carry of each direction; to save, also all `h`, what the cell saves, and
    the last carry.
    """
    hoisted = [_hoist(direction) for direction in directions]
    projected = [
        _project(steps, d) if h else None for d, h in zip(directions, hoisted, strict=True)
    ]

    def step(carries, t):
        after, emitted = [], []
        for d, direction in enumerate(directions):
            backwards = plan.backwards[d]
            keep = None if mask is None else _at(mask, t, backwards)
            z = _at(projected[d] if hoisted[d] else steps, t, backwards)
            z = z if hoisted[d] else _project(z, direction)
            new, saved = plan.cell.step(direction.recurrent, z, carries[d])
            new = _select(keep, new, carries[d])
            after.append(new)
            emitted.append((new[0], _masked_output(plan, keep, new), saved if save else None))
        return tuple(after), tuple(emitted)

    carries = tuple(direction.carry for direction in directions)
    carries, emitted = lax.scan(step, carries, jnp.arange(len(steps)))
    results = tuple(
        (h if outputs is None else outputs, carry)
        for (h, outputs, _), carry in zip(emitted, carries, strict=True)
    )
    kept = tuple((h, saved, carry) for (h, _, saved), carry in zip(emitted, carries, strict=True))
    return results, kept


def _run_backward(plan, residuals, cotangents):
    steps, mask, directions, kept = residuals
    dcarries, dzs = _scan_back(plan, mask, directions, kept, cotangents)
    dsteps, ddirections = None, []
    for d, direction in enumerate(directions):
        h, saved, _ = kept[d]
        dz = dzs[d]
        h_before = jnp.concatenate([direction.carry[0][None], h[:-1]])
        ordered = jnp.flip(steps, 0) if plan.backwards[d] else steps
        dordered = dz @ direction.kernel.T
        dinput = jnp.flip(dordered, 0) if plan.backwards[d] else dordered
        dsteps = dinput if dsteps is None else dsteps + dinput
        gradient = Direction(
            weight_gradient(ordered, dz),
            None if direction.bias is None else dz.sum(axis=(0, 1)),
            plan.cell.recurrent_gradient(direction.recurrent, h_before, saved, dz),
            dcarries[d],
        )
        ddirections.append(gradient)
    return dsteps, None, tuple(ddirections)


def _scan_back(plan, mask, directions, kept, cotangents):
    """Gradients of the initial carries, and of all pre-activations in order of processing."""

    def step(dcarries, now):
        t, douts, coefficients = now
        before, dzs = [], []
        for d, direction in enumerate(directions):
            keep = None if mask is None else _at(mask, t, plan.backwards[d])
            dout = douts[d]
            if keep is not None and plan.zero_output_for_mask:
                dout = jnp.where(keep, dout, jnp.zeros((), dout.dtype))
            dcarry = (dcarries[d][0] + dout, *dcarries[d][1:])
            dprevious, dz = plan.cell.step_back(direction.recurrent, coefficients[d], dcarry)
            before.append(_select(keep, dprevious, dcarry))
            dzs.append(_select(keep, dz, jnp.zeros_like(dz)))
        return tuple(before), tuple(dzs)

    douts = tuple(outputs for outputs, _ in cotangents)
    dcarries = tuple(dcarry for _, dcarry in cotangents)
    coefficients = tuple(plan.cell.coefficients(saved, carry) for _, saved, carry in kept)
    length = len(douts[0])
    return lax.scan(step, dcarries, (jnp.arange(length), douts, coefficients), reverse=True)


_run.defvjp(_run_forward, _run_backward)


def _hoist(direction: Direction) -> bool:
    """Whether to project the whole sequence before the loop.

    That is a faster product, but writes and reads an array of all pre-activations; a short product
    in the loop costs less.
    """
    features, width = direction.kernel.shape
    return features > width


def _project(x: Array, direction: Direction) -> Array:
    """`x (..., features)` times the kernel, plus bias."""
    rows = x.reshape(-1, x.shape[-1]) @ direction.kernel
    rows = rows if direction.bias is None else rows + direction.bias
    return rows.reshape(*x.shape[:-1], -1)
