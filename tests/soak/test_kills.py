"""Five hundred kills of training processes (`make soak`)."""

from __future__ import annotations

import os
import random

import pytest

from tests.faults.kills import Lives, kill_many

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="forks the processes that it kills"),
]


def test_five_hundred_kills(tmp_path):
    lives = Lives()
    try:
        kill_many(lives, tmp_path, 500, random.Random(1))
    finally:
        lives.close()
