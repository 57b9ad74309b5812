"""Data that worker processes can import."""

import os
import time

import numpy as np

from nyala.utils import PyDataset


class Batches(PyDataset):
    """Batches that name the process that made them."""

    def __init__(self, count=40, **kwargs):
        super().__init__(**kwargs)
        self.count = count

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        time.sleep(0.002)  # slower than the step: what is asked for is not there yet
        x = np.full((8, 4), index, "float32")
        return x, np.full((8, 1), os.getpid() % 100, "float32")
