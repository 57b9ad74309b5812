"""Callbacks: what takes part in training, and the progress bar."""

from nyala.callbacks._backup_and_restore import BackupAndRestore
from nyala.callbacks._callback import Callback
from nyala.callbacks._callback_list import CallbackList
from nyala.callbacks._csv_logger import CSVLogger
from nyala.callbacks._early_stopping import EarlyStopping
from nyala.callbacks._history import History
from nyala.callbacks._lambda_callback import LambdaCallback
from nyala.callbacks._learning_rate_scheduler import LearningRateScheduler
from nyala.callbacks._model_checkpoint import ModelCheckpoint
from nyala.callbacks._progbar import Progbar
from nyala.callbacks._progbar_logger import ProgbarLogger
from nyala.callbacks._reduce_lr_on_plateau import ReduceLROnPlateau
from nyala.callbacks._remote_monitor import RemoteMonitor
from nyala.callbacks._swap_ema_weights import SwapEMAWeights
from nyala.callbacks._terminate_on_nan import TerminateOnNaN

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "Progbar",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "RemoteMonitor",
    "SwapEMAWeights",
    "TerminateOnNaN",
]
