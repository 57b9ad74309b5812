"""`tf.version`: the version of TensorFlow whose names these are."""

from nyala.tf._absent import refuse_others

VERSION = "2.21.0"
"""The version whose names `nyala.tf` follows."""
GIT_VERSION = COMPILER_VERSION = "nyala"

__all__ = ["COMPILER_VERSION", "GIT_VERSION", "VERSION"]

__getattr__ = refuse_others("tf.version", __all__)
