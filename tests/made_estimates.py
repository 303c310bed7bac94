"""Estimates and sweeps made of given numbers, for tests of what is said and drawn of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from analysis.estimate_arrays import Estimated, Estimates
from analysis.verdict import SweepTable
from protocols import Array, Observable, Points

MEASURED = ("value", "stderr", "low", "high", "bias_corrected")


def estimates_of(
    axis: str,
    x: Sequence[float] | Array,
    quantities: Mapping[tuple[str, str], Mapping[str, object]],
    arms: Sequence[str] = ("main",),
) -> Estimates:
    """Estimates along one parameter; arrays of a quantity are (arms, points) or what broadcasts to it."""
    places = np.asarray(x, dtype=float)
    shape = (len(arms), len(places))
    reference = np.zeros(len(places), dtype=int)
    points = Points(parameters={axis: places}, options={}, reference=reference, reference_only=reference > 0)
    found = {}
    for (name, subject), given in quantities.items():
        arrays = {
            k: np.broadcast_to(np.asarray(given.get(k, np.nan), dtype=float), shape) for k in (*MEASURED, "ideal")
        }
        observable = Observable(name=name, subject=subject, unit=str(given.get("unit", "1")), reads=(), of=lambda s: s)
        found[name, subject] = Estimated(observable=observable, interval="", **arrays)
    return Estimates(points=points, arms=tuple(arms), axis=axis, quantities=found, measured=True)


def sweep_of(estimates: Estimates, **more: object) -> SweepTable:
    """All points of estimates as one sweep without fits."""
    return SweepTable(estimates, np.arange(len(estimates.points)), (), (), "", **more)  # pyright: ignore[reportArgumentType]


def changed(estimates: Estimates, change: Callable[[Estimated], Mapping[str, object]], *names: str) -> Estimates:
    """Estimates with some arrays of every observable of these names replaced; of all without names."""
    found = {
        key: replace(one, **change(one)) if not names or key[0] in names else one  # pyright: ignore[reportArgumentType]
        for key, one in estimates.quantities.items()
    }
    return replace(estimates, quantities=found)
