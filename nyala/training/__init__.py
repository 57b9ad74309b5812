"""Compiling, fitting, evaluating, predicting."""

from nyala.training._compile_loss import CompileLoss
from nyala.training._compile_metrics import CompileMetrics
from nyala.training._logs import Logs
from nyala.training._stages import compiled_part_of, works_on_host
from nyala.training._trainer import Trainer

__all__ = ["CompileLoss", "CompileMetrics", "Logs", "Trainer", "compiled_part_of", "works_on_host"]
