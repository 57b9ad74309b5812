"""Activation functions as layers."""

from nyala.layers.activation._activation import Activation
from nyala.layers.activation._prelu import PReLU
from nyala.layers.activation._rectifiers import ELU, LeakyReLU, ReLU
from nyala.layers.activation._softmax import Softmax

__all__ = ["ELU", "Activation", "LeakyReLU", "PReLU", "ReLU", "Softmax"]
