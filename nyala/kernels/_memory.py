"""What the C library does with memory that a program has given back.

XLA allocates a program's buffers anew for every call. By default glibc returns blocks of more than
32 MB to the system when they are freed, and the next call gets them back page by page, zeroed:
58,000 page faults, a third of the processor's time, in a training step of MobileNetV2 (batch 16,
96x96). Kept by the process, the same blocks cost nothing: `docs/decisions/0011-freed-memory.md`.
"""

from __future__ import annotations

import ctypes
import os
import sys

# Names and numbers of glibc's `mallopt`.
_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8
_MOST_KEPT = 2**31 - 1
_ENVIRONMENT = "NYALA_KEEP_MEMORY"


def keep_freed_memory() -> bool:
    """Keep up to 2 GiB of freed memory for the next allocation; whether that was possible.

    It concerns the whole process, and only Linux with glibc. It is done where the environment says
    `NYALA_KEEP_MEMORY=1` and does not set glibc's own `MALLOC_...` or `GLIBC_TUNABLES`.
    """
    ours = os.environ.get(_ENVIRONMENT, "0") == "1"
    theirs = any(name.startswith(("MALLOC_", "GLIBC_TUNABLES")) for name in os.environ)
    if not ours or theirs or not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    # Large blocks come from the heap, whose free end stays. One heap: a thread's own is too small.
    settings = ((_MMAP_MAX, 0), (_TRIM_THRESHOLD, _MOST_KEPT), (_ARENA_MAX, 1))
    done = [mallopt(name, value) for name, value in settings]
    return all(done)
