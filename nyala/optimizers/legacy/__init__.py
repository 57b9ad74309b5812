"""Keras 2's `optimizers.legacy`: the same optimizers, which take its spellings (`lr`, `decay`)."""

from nyala.optimizers._adadelta import Adadelta
from nyala.optimizers._adagrad import Adagrad
from nyala.optimizers._adam import Adam
from nyala.optimizers._adamax import Adamax
from nyala.optimizers._ftrl import Ftrl
from nyala.optimizers._nadam import Nadam
from nyala.optimizers._optimizer import Optimizer
from nyala.optimizers._rmsprop import RMSprop
from nyala.optimizers._sgd import SGD

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "Adamax",
    "Ftrl",
    "Nadam",
    "Optimizer",
    "RMSprop",
]
