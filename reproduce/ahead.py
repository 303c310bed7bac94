"""Several papers at once: their figures and pictures are made in processes of their own, and kept."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

from reproduce.drawing import Context
from reproduce.drawing.files import drawn
from reproduce.drawing.kept import made, pictured
from reproduce.papers import PAPERS
from theory.cache import Cache
from theory.propagation import TICKS, Progress

THREADS = "OPENBLAS_NUM_THREADS"
"""Processes fill the cores already."""


def ahead(names: Sequence[str], cache: Cache, workers: int, progress: Progress | None = None) -> None:
    """Makes everything of some papers that a cache can keep, so that writing them takes seconds.

    Where no process can be started, or one is lost, nothing is: whatever is missing is made when it is written.

    Args:
        names: Of the papers.
        cache: Where figures and pictures are kept.
        workers: Number of processes; with one nothing is done ahead.
        progress: Told what part of the papers is done.
    """
    if workers < 2:
        return
    # a hierarchy takes minutes: it is begun first
    order = sorted(names, key=lambda name: not any(offer.baths for offer in PAPERS[name].offers.values()))
    given = os.environ.get(THREADS)
    os.environ[THREADS] = given or "1"
    try:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            for done, one in enumerate(as_completed([pool.submit(_keep, name, cache.directory) for name in order]), 1):
                one.result()
                if progress is not None:
                    progress("computing papers", TICKS * done // len(order), TICKS)
    except BrokenProcessPool:
        return
    finally:
        if given is None:
            del os.environ[THREADS]


def _keep(name: str, directory: Path) -> None:
    """Figures and pictures of one paper."""
    context = Context(cache=Cache(directory=directory))
    for key, offer in PAPERS[name].offers.items():
        figure = made(offer, name, key, context)
        pictured(figure, context.cache, lambda figure=figure: drawn(figure, ()))
