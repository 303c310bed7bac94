"""Long computations that are kept: each is a task of its own, computed by any process and written by the one that asks.

A scan over hierarchies that was ended goes on from what is kept.
"""

from __future__ import annotations

import typing
from collections.abc import Iterable, Mapping
from typing import Any

from protocols import Array
from theory.cache import Cache, digest
from theory.propagation import TICKS, Progress
from workers import Asked, opened, spread


class Computation(typing.Protocol):
    """What is computed, small enough to be sent to another process."""

    @property
    def inputs(self) -> Mapping[str, Any]:
        """Everything that the result depends on, by which it is kept."""
        ...

    @property
    def work(self) -> float:
        """How long it takes beside others, roughly: the longest are begun first."""
        ...

    def compute(self, progress: Progress | None = None) -> Mapping[str, Array]:
        """The result."""
        ...


def recalled(computation: Computation, cache: Cache | None, progress: Progress | None = None) -> dict[str, Array]:
    """The result of a computation: what was kept of it, or else computed and kept.

    Args:
        computation: Which.
        cache: Where results are kept; without a cache nothing is.
        progress: Told how far it is.
    """
    if cache is None:
        return dict(computation.compute(progress))
    return cache.recall(computation.inputs, lambda: computation.compute(progress))


def compute_ahead(
    computations: Iterable[Computation], cache: Cache, *, workers: Asked = 1, progress: Progress | None = None
) -> None:
    """Computes whatever is not kept of some computations, each in one process, and keeps it as it comes in.

    Args:
        computations: In any order; equal ones are computed once.
        cache: Where results are kept. Only this process writes there: others may share no disk with it.
        workers: Number of processes, or the address of a Dask scheduler.
        progress: Told what part is done.

    Examples:
        >>> import tempfile
        >>> from pathlib import Path
        >>> import numpy as np
        >>> from theory import Bath, Cache, OpenPair
        >>> from theory.hierarchy import Evolution
        >>> bath = Bath(temperature=1.0, coupling=0.0, cutoff=1.0)
        >>> one = Evolution(pair=OpenPair(bath_A=bath, bath_B=bath), rho=np.diag([0, 0, 1.0, 0]), times=np.arange(2.0))
        >>> with tempfile.TemporaryDirectory() as place:
        ...     compute_ahead([one, one], Cache(directory=Path(place)))
        ...     len(list(Path(place).iterdir()))
        1
    """
    left = missing(computations, cache)
    with opened(workers) as team:
        for done, (index, result) in enumerate(spread(_computed, left, team), 1):
            cache.keep(left[index].inputs, result)
            if progress is not None:
                progress("computing", TICKS * done // len(left), TICKS)


def missing(computations: Iterable[Computation], cache: Cache) -> list[Computation]:
    """Those that are not kept, each once, the longest first.

    Args:
        computations: In any order.
        cache: Where results are kept.
    """
    unique = {digest(one.inputs): one for one in computations}
    return sorted((one for one in unique.values() if cache.known(one.inputs) is None), key=lambda one: -one.work)


def _computed(computation: Computation) -> dict[str, Array]:
    return dict(computation.compute())
