"""Whether times that are taken as natural ones look like times in seconds, where the gap and the coupling are known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from protocols import Array
from protocols.units import Gap

UNITS = ("s", "ms", "us", "ns")
HARDLY_MOVED = 0.3
"""Angle coupling * time [rad] below which nobody ends a sweep: energies have moved by a tenth of what they can."""
SWEPT = (0.5, 100.0)
"""Angles that sweeps end at. Units are a factor of 1000 apart, so that one of them fits at most."""


def looks_like_seconds(parameters: Mapping[str, Array], gap: str | None) -> str:
    """A note where times end before anything has moved, but would not if they had a unit; else empty.

    Args:
        parameters: Of the points, in natural units: `time` and `coupling` are looked at.
        gap: As given, such as "1kHz"; None where no scale is known.

    Examples:
        >>> coupling = np.array([0.1, 0.1])
        >>> looks_like_seconds({"time": np.array([0, 2.32]), "coupling": coupling}, "1kHz").partition(":")[0]
        'all times together are an angle coupling x time of 0.232 only'
        >>> looks_like_seconds({"time": np.array([0, 14.6]), "coupling": coupling}, "1kHz")
        ''
    """
    if gap is None or not {"time", "coupling"} <= set(parameters):
        return ""
    angle = float(np.max(np.abs(parameters["time"] * parameters["coupling"]), initial=0.0))
    if not 0 < angle < HARDLY_MOVED:
        return ""
    scale = Gap.parse(gap)
    for unit in UNITS:
        meant = angle * scale.natural(f"1{unit}", "time", "time")
        if SWEPT[0] <= meant <= SWEPT[1]:
            return (
                f"all times together are an angle coupling x time of {angle:.3g} only: `time` is taken in hbar/gap; in "
                f"{unit}, with the gap {gap}, they would be {meant:.3g}. If that is meant, call the column time_{unit}"
            )
    return ""
