"""Models: graphs of layers, stacks of layers, and the user's own."""

from nyala.models._clone import clone_model
from nyala.models._functional import Functional
from nyala.models._json import model_from_json
from nyala.models._model import Model
from nyala.models._sequential import Sequential
from nyala.saving import load_model, save_model

__all__ = [
    "Functional",
    "Model",
    "Sequential",
    "clone_model",
    "load_model",
    "model_from_json",
    "save_model",
]
