"""The one place that says which room of nyala may import which, and which exceptions stand."""

from __future__ import annotations

# A room (a folder or file right under nyala/) may import itself and the rooms above it in this
# list. The empty name is `nyala/__init__.py`, which only names what it loads lazily.
ORDER = (
    "_version",
    "core",
    "kernels",
    "eager",
    "symbolic",
    "ops",
    "random",
    "activations",
    "initializers",
    "regularizers",
    "constraints",
    "losses",
    "metrics",
    "optimizers",
    "data",
    "layers",
    "saving",
    "distribution",
    "callbacks",
    "training",
    "models",
    "applications",
    "datasets",
    "tuner",
    "export",
    "visualization",
    # Faces: they gather names from the rooms above under the names of Keras' API.
    "config",
    "dtype_policies",
    "mixed_precision",
    "preprocessing",
    "quantizers",
    "tree",
    "utils",
    "backend",
    "wrappers",
    "tf",
    "compat",
    "cli",
    "__main__",
    "",
)

# Files whose names are part of the public API; all others begin with an underscore.
PUBLIC_FILES = frozenset(
    {
        "nyala.__main__",
        "nyala.backend",
        "nyala.cli",
        "nyala.config",
        "nyala.datasets.digits",
        "nyala.datasets.mnist",
        "nyala.dtype_policies",
        "nyala.mixed_precision",
        "nyala.ops.core",
        "nyala.ops.image",
        "nyala.ops.linalg",
        "nyala.ops.math",
        "nyala.ops.nn",
        "nyala.ops.numpy",
        "nyala.tree",
    }
)

# Never imported anywhere in nyala/, whatever the room.
BANNED = ("jax._src", "keras", "keras_core", "tensorflow", "tf_keras", "torch")

MAX_FILE_LINES = 800
MAX_FUNCTION_LINES_AT_90TH_PERCENTILE = 30

# What `import nyala` must not load.
HEAVY = ("h5py", "jax", "jaxlib", "numpy", "PIL", "pyarrow", "rich")
