"""Small datasets to try a model on: each module's `load_data()` gives NumPy arrays."""

from nyala.datasets import digits, mnist

__all__ = ["digits", "mnist"]
