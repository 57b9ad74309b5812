"""A dataset that worker processes can import."""

import os
import sys
import time

import numpy as np

from nyala.utils import PyDataset


class Squares(PyDataset):
    def __init__(self, count, fails_at=None, dies_at=None, **kwargs):
        super().__init__(**kwargs)
        self.count, self.fails_at, self.dies_at = count, fails_at, dies_at
        self.epoch = 0

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        if index == self.fails_at:
            raise KeyError("no such row")
        if index == self.dies_at:
            os._exit(7)
        time.sleep(0.001 * (self.count - index))  # later batches are ready sooner
        x = np.full((2, 1), index, "float32")
        facts = [os.getpid(), "jax" in sys.modules, self.epoch]
        return x, np.array([facts, facts], "float64")

    def on_epoch_end(self):
        self.epoch += 1
