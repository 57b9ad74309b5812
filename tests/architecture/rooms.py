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
    "quantizers",
    "tree",
    "utils",
    "preprocessing",
    "experimental",
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
        "nyala.backend.experimental",
        "nyala.cli",
        "nyala.config",
        "nyala.datasets.boston_housing",
        "nyala.datasets.california_housing",
        "nyala.datasets.cifar10",
        "nyala.datasets.cifar100",
        "nyala.datasets.digits",
        "nyala.datasets.fashion_mnist",
        "nyala.datasets.imdb",
        "nyala.datasets.mnist",
        "nyala.datasets.reuters",
        "nyala.dtype_policies",
        "nyala.mixed_precision",
        "nyala.experimental",
        "nyala.layers.experimental.preprocessing",
        "nyala.ops.core",
        "nyala.ops.image",
        "nyala.ops.linalg",
        "nyala.ops.math",
        "nyala.ops.nn",
        "nyala.ops.numpy",
        "nyala.preprocessing.sequence",
        "nyala.preprocessing.text",
        "nyala.tf.audio",
        "nyala.tf.autograph",
        "nyala.tf.compat.v1",
        "nyala.tf.config",
        "nyala.tf.data",
        "nyala.tf.debugging",
        "nyala.tf.distribute",
        "nyala.tf.dtypes",
        "nyala.tf.errors",
        "nyala.tf.experimental",
        "nyala.tf.image",
        "nyala.tf.io.gfile",
        "nyala.tf.linalg",
        "nyala.tf.math",
        "nyala.tf.nest",
        "nyala.tf.nn",
        "nyala.tf.random",
        "nyala.tf.saved_model",
        "nyala.tf.signal",
        "nyala.tf.strings",
        "nyala.tf.summary",
        "nyala.tf.sysconfig",
        "nyala.tf.test",
        "nyala.tf.train",
        "nyala.tf.version",
        "nyala.tree",
    }
)

# Never imported anywhere in nyala/, whatever the room.
BANNED = ("jax._src", "keras", "keras_core", "tensorflow", "tf_keras", "torch")

MAX_FILE_LINES = 800
MAX_FUNCTION_LINES_AT_90TH_PERCENTILE = 30

# What `import nyala` must not load.
HEAVY = ("h5py", "jax", "jaxlib", "numpy", "PIL", "pyarrow", "rich")
