"""Callbacks: what takes part in training, and the progress bar."""

from nyala.callbacks._callback import Callback
from nyala.callbacks._callback_list import CallbackList
from nyala.callbacks._history import History
from nyala.callbacks._progbar import Progbar
from nyala.callbacks._progbar_logger import ProgbarLogger

__all__ = ["Callback", "CallbackList", "History", "Progbar", "ProgbarLogger"]
