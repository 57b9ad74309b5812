"""Scripts written for TensorFlow or Keras, run unchanged: their imports resolve to nyala."""

from nyala.compat._hook import install, is_installed, uninstall

__all__ = ["install", "is_installed", "uninstall"]
