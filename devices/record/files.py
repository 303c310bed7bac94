"""Names of what a run directory holds, and of directories beside the runs."""

from __future__ import annotations

SCHEMA = 1
START, STOP, JOBS, COUNTS, IDEAL = "start.json", "stop.json", "jobs.jsonl", "counts.csv", "ideal.npz"
CALIBRATION, LATER_CALIBRATION = "backend/properties.json", "backend/properties-collected.json"
"""Of a backend on hardware, as the platform described it before submitting and as the results were collected."""
DRAWINGS = "circuits/virtual.txt", "circuits/executed.txt"
"""Circuits as they were written and as they were executed."""
EXECUTED = "circuits/executed.qpy"
"""And what another process needs to go on with them."""
EXPECTATIONS = "expectations.csv"
WITHIN = "within_shots.npz"
"""Sums over shots in which several copies were measured together."""
IMPORTED = "imported"
"""Of the file that was imported, before the ending that its content has: .csv, .json, .npy or .npz."""
RAW = "raw"
PIECES = "raw/pieces"
"""Folder of pieces of jobs on a simulator whose raw results are not whole."""
DERIVED = "derived"
COMPARISON = "compare-"
"""How a directory of `hotward compare` beside the runs is called: it holds none."""
PLAN = "plan-"
"""And one of `hotward plan`."""
REPRODUCTION = "reproduce-"
"""And one of `hotward reproduce`."""
STUDY = "study-"
"""And one of `hotward study`."""


def raw_name(index: int) -> str:
    """Name of the raw result of a job, relative to the run.

    >>> raw_name(7)
    'raw/job-007.json'
    """
    return f"{RAW}/job-{index:03d}.json"
