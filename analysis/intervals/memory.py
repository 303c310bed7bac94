"""Memory that is kept between steps instead of being given back and asked for again."""

from __future__ import annotations

from functools import cache

import numpy as np

KEPT = 31 * 2**20
"""Bytes; just below the largest block that glibc would ever keep (32 MiB)."""


@cache
def keep_memory() -> None:
    """Teaches the allocator, once a process, to keep what is freed.

    Every step of a fit frees arrays of a few MB. glibc gives blocks above 128 kB back to the system at once, which then
    has to clear the same pages for the next step: a third of the time of the draws. It raises that threshold to the
    size of the largest block that it has seen freed (mallopt(3), M_MMAP_THRESHOLD), so one block is shown to it. Other
    allocators take no notice.
    """
    np.empty(KEPT, dtype=np.uint8)
