"""Pictures of models: boxes for layers, arrows for tensors, drawn without Graphviz."""

from nyala.utils._plot_model._dot import Dot
from nyala.utils._plot_model._plot import model_to_dot, plot_model

__all__ = ["Dot", "model_to_dot", "plot_model"]
