"""Time each kernel: what is chosen, native, as XLA operations, XLA's own; TensorFlow and PyTorch.

    python benchmarks/kernels.py [name ...] [--write docs/performance.md]

Prints milliseconds, forward and forward + backward, as the lower decile of interleaved calls, which
a busy machine disturbs least, and which share of the machine's limit the chosen one reaches: of the
measured rate of a matrix product where the case counts its operations, else of the measured rate of
a copy. `names` select cases by prefix (`conv`, `lstm`, `step`, ...). With `--write`, the table goes
into a Markdown file, too.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# PyTorch's threads would otherwise go on spinning on the cores for whoever comes next.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("KMP_BLOCKTIME", "0")

import jax
import jax.numpy as jnp
import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import kernel_cases
from benchmarks.kernel_cases import Case, normal
from benchmarks.report import machine, write_between_marks
from nyala import kernels

_MODES = {"chosen": "auto", "native": "native", "operations": "xla", "XLA's own": "reference"}
_FAMILIES = (
    "convolutions", "depthwise", "pools", "normalizations", "attentions", "sequences",
    "elementwise", "embeddings", "updates", "steps",
)  # fmt: skip
_COLUMNS = (*_MODES, "TensorFlow", "PyTorch")
_SECONDS = 1.5


def programs_of(case: Case) -> dict[str, tuple[Callable[[], Any], Callable[[], Any]]]:
    """Return for each way of running a case: forward, and forward + backward."""
    cotangent = jax.tree.map(lambda a: normal(*a.shape), jax.eval_shape(case.run, *case.arrays))
    found = {name: _compiled(case, cotangent, mode) for name, mode in _MODES.items()}
    for name, make, of_module in (
        ("TensorFlow", case.tensorflow, _tensorflow),
        ("PyTorch", case.torch, _torch),
    ):
        module = _imported("tensorflow" if name == "TensorFlow" else "torch")
        if make is not None and module is not None:
            found[name] = of_module(module, make(module), case.arrays, cotangent)
    return found


def _imported(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def _compiled(case: Case, cotangent: Any, mode: str) -> tuple[Callable, Callable]:
    kernels.set_kernels(mode)

    # New functions for each mode: `jax.jit` would find the other mode's trace of the same one.
    def forward(cotangent, *arrays):
        return case.run(*arrays)

    def both(cotangent, *arrays):
        y, pullback = jax.vjp(case.run, *arrays)
        return y, pullback(cotangent)

    given = (cotangent, *case.arrays)
    compiled = [jax.jit(f).lower(*given).compile() for f in (forward, both)]
    return tuple(lambda f=f: jax.block_until_ready(f(*given)) for f in compiled)


def _tensorflow(tf: Any, run: Callable, arrays: tuple, cotangent: Any) -> tuple:
    given = [tf.constant(np.asarray(a)) for a in arrays]
    seed = tf.constant(np.asarray(cotangent))

    def both():
        with tf.GradientTape() as tape:
            tape.watch(given)
            y = run(*given)
        return y, tape.gradient(y, given, output_gradients=seed)

    compiled = [tf.function(lambda: run(*given)), tf.function(both)]
    # The gradient of a table comes as its rows and their places.
    return tuple(
        lambda f=f: jax.tree.map(lambda t: getattr(t, "values", t).numpy(), f()) for f in compiled
    )


def _torch(torch: Any, run: Callable, arrays: tuple, cotangent: Any) -> tuple:
    given = [torch.tensor(np.asarray(a), requires_grad=True) for a in arrays]
    seed = torch.tensor(np.asarray(cotangent))

    def forward():
        with torch.no_grad():
            return run(*given)

    def both():
        y = run(*given)
        # A window that hangs over at one side only has another shape there: the sum serves then.
        target, weight = (y, seed) if y.shape == seed.shape else (y.sum(), None)
        return torch.autograd.grad(target, given, weight)

    return forward, both


def measure(runs: list[Callable[[], Any]]) -> list[float]:
    """Return milliseconds of each, all of them in turn."""
    times: list[list[float]] = [[] for _ in runs]
    for run in runs:
        run()
    end, order = time.perf_counter() + _SECONDS, np.random.default_rng(0)
    while time.perf_counter() < end or len(times[0]) < 5:
        # In another order each round: none always runs behind the same neighbour.
        for i in order.permutation(len(runs)):
            start = time.perf_counter()
            runs[i]()
            times[i].append(1e3 * (time.perf_counter() - start))
    return [float(np.quantile(taken, 0.1)) for taken in times]


def limits() -> tuple[float, float]:
    """Return the machine's operations, and bytes read and written, in a millisecond."""
    a, big = normal(2048, 2048), normal(1 << 25)
    product, copy = jax.jit(lambda a: a @ a), jax.jit(lambda x: x + 1)
    times = measure([lambda: product(a).block_until_ready(), lambda: copy(big).block_until_ready()])
    return 2 * 2048**3 / times[0], 2 * big.nbytes / times[1]


def _least(case: Case, operations: float, memory: float) -> float:
    """Return the milliseconds that the forward pass takes at the machine's limit."""
    if case.operations:
        return case.operations / operations
    leaves = jax.tree.leaves((case.arrays, jax.eval_shape(case.run, *case.arrays)))
    return sum(leaf.size * jnp.dtype(leaf.dtype).itemsize for leaf in leaves) / memory


def _line(title: str, programs: dict, times: list[float], share: float) -> str:
    """Return a row of the table: forward / forward + backward of each way, and the share."""
    pairs = dict(zip(programs, zip(times[::2], times[1::2], strict=True), strict=True))
    cells = [" / ".join(f"{t:.3g}" for t in pairs[n]) if n in pairs else "" for n in _COLUMNS]
    return f"| {title} | **{cells[0]}** | {' | '.join(cells[1:])} | {share:.0%} |"


def main(arguments: list[str]) -> None:
    """Print a line for each case and direction."""
    parser = argparse.ArgumentParser(prog="benchmarks/kernels.py", description="Time each kernel.")
    parser.add_argument("names", nargs="*", help="the cases whose names begin so; all by default")
    parser.add_argument("--write", metavar="FILE", help="put the table into this Markdown file")
    asked = parser.parse_args(arguments)
    operations, memory = limits()
    about = (
        f"{machine()}; jax {jax.__version__} on {jax.default_backend()}. Limits: "
        f"{operations / 1e6:.0f} GFLOP/s, {memory / 1e6:.1f} GB/s."
    )
    print(f"{about} {kernels.native_state()}; ms")
    lines = [about, "", f"| forward / both, ms | {' | '.join(_COLUMNS)} | limit |",
             "|---" * (len(_COLUMNS) + 2) + "|"]  # fmt: skip
    for case in (case for family in _FAMILIES for case in getattr(kernel_cases, family)()):
        if asked.names and not case.name.startswith(tuple(asked.names)):
            continue
        programs = programs_of(case)
        times = measure([run for pair in programs.values() for run in pair])
        share = _least(case, operations, memory) / times[0]
        for direction, taken in (("forward", times[::2]), ("both", times[1::2])):
            shown = "  ".join(f"{n} {t:.2f}" for n, t in zip(programs, taken, strict=True))
            of_limit = f"  {share:.0%}" if direction == "forward" else ""
            print(f"{case.name:<48} {direction:<8} {shown}{of_limit}", flush=True)
        lines.append(_line(case.name, programs, times, share))
    if asked.write:
        write_between_marks(asked.write, "\n".join(lines), "kernels")


if __name__ == "__main__":
    main(sys.argv[1:])
