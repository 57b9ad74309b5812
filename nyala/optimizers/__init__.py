"""Optimizers: rules that change variables by their gradients."""

from nyala.optimizers import experimental, legacy, schedules
from nyala.optimizers._adadelta import Adadelta
from nyala.optimizers._adafactor import Adafactor
from nyala.optimizers._adagrad import Adagrad
from nyala.optimizers._adam import Adam, AdamW
from nyala.optimizers._adamax import Adamax
from nyala.optimizers._ftrl import Ftrl
from nyala.optimizers._lamb import Lamb
from nyala.optimizers._lion import Lion
from nyala.optimizers._lookup import deserialize, get, serialize
from nyala.optimizers._loss_scale import LossScaleOptimizer
from nyala.optimizers._multi import MultiOptimizer, OptimizerMap
from nyala.optimizers._muon import Muon
from nyala.optimizers._nadam import Nadam
from nyala.optimizers._optimizer import Optimizer
from nyala.optimizers._rmsprop import RMSprop
from nyala.optimizers._schedule_free import ScheduleFreeAdamW
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
    "Lamb",
    "Lion",
    "LossScaleOptimizer",
    "MultiOptimizer",
    "Muon",
    "Nadam",
    "Optimizer",
    "OptimizerMap",
    "RMSprop",
    "ScheduleFreeAdamW",
    "deserialize",
    "experimental",
    "get",
    "legacy",
    "schedules",
    "serialize",
]
