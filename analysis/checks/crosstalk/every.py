"""The checks of a run of several copies, each of which raises a false concern with a chance of `CROSSTALK_ALARM`."""

from __future__ import annotations

import typing

import numpy as np

from analysis.checks.crosstalk.alone import alone_or_together
from analysis.checks.crosstalk.independence import independence
from analysis.checks.crosstalk.neighbours import readout_beside_neighbours
from analysis.checks.crosstalk.rotation import rotation
from analysis.checks.crosstalk.waiting import waiting_copies
from analysis.verdict import Check
from protocols import Array

if typing.TYPE_CHECKING:
    from devices import RunRecord


def crosstalk(record: RunRecord) -> tuple[Check, ...]:
    """Whether copies talk; nothing is asked of a run of one copy, or of one that was measured elsewhere.

    Args:
        record: Of any run.
    """
    if record.copies < 2 or record.start.get("imported") or record.expectations() is not None:
        return ()
    shared = record.within_shots, _neighbours(record), record.bit_columns
    return (
        alone_or_together(record),
        independence(*shared),
        readout_beside_neighbours(*shared),
        rotation(record),
        waiting_copies(record),
    )


def _neighbours(record: RunRecord) -> Array:
    """Which copies are neighbours on the chip, (copies, copies) bool, symmetric; none where that is not known."""
    near = np.zeros((record.copies, record.copies), dtype=bool)
    for a, b in (record.start["device"].get("copies") or {}).get("neighbours") or ():
        near[a, b] = near[b, a] = True
    return near
