"""Which point of a file measured elsewhere each other one is compared with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from protocols import Points

LEFT_OUT = (
    "changes of energy and entropy (heat), relative entropies and Clausius quantities are left out (with a protocol, "
    "--reference nominal compares with its exact state)"
)


def referred(points: Points, axis: str, reference: str) -> tuple[Points, str]:
    """The points with their references, and one line where they are nominal or why there are none.

    Args:
        points: Of the file, without references.
        axis: The parameter that the sweep runs along; a reference is at 0 of it.
        reference: "measured" or "nominal".
    """
    if reference == "nominal":
        return points, "heat is counted from the nominal thermal state, not from a measured one"
    if np.isnan(points.parameters[axis]).all():
        return points, f"the file has no column {axis}: {LEFT_OUT}"
    others = [values.tolist() for name, values in points.parameters.items() if name != axis]
    keys = list(zip(*others, strict=True)) if others else [()] * len(points)
    home = {key: i for i, key in enumerate(keys) if points.parameters[axis][i] == 0}
    lost = [i for i, key in enumerate(keys) if key not in home]
    if not lost:
        return replace(points, reference=np.array([home[key] for key in keys])), ""
    without = f"there is no row at {axis} = 0"
    if len(lost) < len(points):
        varied = [name for name, v in points.parameters.items() if name != axis and len(np.unique(v)) > 1]
        without += " for " + ", ".join(f"{name} = {points.parameters[name][lost[0]]:.6g}" for name in varied)
    return points, f"{without}: {LEFT_OUT}"
