"""Values outside compiled code and inside it: Tensor, Variable, operations, random state."""

from nyala.eager._compilation_cache import (
    compilation_cache,
    set_compilation_cache,
    use_default_cache,
)
from nyala.eager._dispatch import (
    SYMBOLIC_CALL,
    Array,
    Arrays,
    Symbolic,
    in_compiled_code,
    op,
    to_tensor,
    unwrapped_for,
    wrap_results,
)
from nyala.eager._function import CompiledFunction, function
from nyala.eager._gradient import value_and_gradients
from nyala.eager._graph import (
    flush_recorded,
    forget_recorded,
    immediate_mode,
    is_recordable,
    is_taped,
    tapes_off,
)
from nyala.eager._operators import OPERATIONS, ArrayMethods
from nyala.eager._program import Program, count_traces, repeat, unwrap
from nyala.eager._random import (
    SeedGenerator,
    draw_seed,
    global_seed_generator,
    make_default_seed,
    set_random_seed,
)
from nyala.eager._recorded_function import RecordedFunction
from nyala.eager._scope import (
    AutocastScope,
    StatelessScope,
    StateScope,
    before_reads,
    current_autocast,
    current_scope,
)
from nyala.eager._shape import Shape
from nyala.eager._strings import array_of_texts, as_bytes, as_numpy
from nyala.eager._tape import GradientTape
from nyala.eager._tensor import Tensor, is_host_array, is_tracer, wrap
from nyala.eager._unfilled import UnfilledVariables
from nyala.eager._variable import AutocastOff, NoScope, Variable

use_default_cache()

__all__ = [
    "OPERATIONS",
    "SYMBOLIC_CALL",
    "Array",
    "ArrayMethods",
    "Arrays",
    "AutocastOff",
    "AutocastScope",
    "CompiledFunction",
    "GradientTape",
    "NoScope",
    "Program",
    "RecordedFunction",
    "SeedGenerator",
    "Shape",
    "StateScope",
    "StatelessScope",
    "Symbolic",
    "Tensor",
    "UnfilledVariables",
    "Variable",
    "array_of_texts",
    "as_bytes",
    "as_numpy",
    "before_reads",
    "compilation_cache",
    "count_traces",
    "current_autocast",
    "current_scope",
    "draw_seed",
    "flush_recorded",
    "forget_recorded",
    "function",
    "global_seed_generator",
    "immediate_mode",
    "in_compiled_code",
    "is_host_array",
    "is_recordable",
    "is_taped",
    "is_tracer",
    "make_default_seed",
    "op",
    "repeat",
    "set_compilation_cache",
    "set_random_seed",
    "tapes_off",
    "to_tensor",
    "unwrap",
    "unwrapped_for",
    "value_and_gradients",
    "wrap",
    "wrap_results",
]
