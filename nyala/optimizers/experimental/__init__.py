"""Keras 2's `optimizers.experimental`, where its later optimizers stood: the same optimizers."""

from nyala.optimizers._adadelta import Adadelta
from nyala.optimizers._adafactor import Adafactor
from nyala.optimizers._adagrad import Adagrad
from nyala.optimizers._adam import Adam, AdamW
from nyala.optimizers._adamax import Adamax
from nyala.optimizers._ftrl import Ftrl
from nyala.optimizers._nadam import Nadam
from nyala.optimizers._optimizer import Optimizer
from nyala.optimizers._rmsprop import RMSprop
from nyala.optimizers._sgd import SGD

__all__ = [
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Nadam",
    "Optimizer",
    "RMSprop",
]
