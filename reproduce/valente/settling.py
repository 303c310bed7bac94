"""How the particle gets there: the grid in time, and some paths."""

from __future__ import annotations

import numpy as np

from reproduce.drawing import ANOMALOUS, COLD, SECOND, THIRD, UNCORRELATED, Comparison, Context, Curve, Figure, Panel
from reproduce.valente.box import SLOPE, UNITS, in_a_box, walked
from theory.brownian import box_mean
from theory.brownian import relaxation as on_a_grid

LAST = 3.0
"""Of the times drawn."""
CELLS = 401
"""Odd: the walkers start in the middle of a cell."""


def relaxation(context: Context) -> Figure:
    """<x> against time, and three of the walkers."""
    grid, walkers = on_a_grid(in_a_box(SLOPE), CELLS), walked(SLOPE)
    shown = walkers.times <= LAST
    times = walkers.times[shown]
    start = np.where(np.abs(grid.x) < grid.width / 2, 1 / grid.width, 0.0)
    mean = grid.densities(start, times) @ grid.x * grid.width
    limit = np.full_like(times, float(box_mean(SLOPE)))
    means = (
        Curve(name="mean-grid", label="mean, Fokker-Planck", x=times, y=mean, pen=ANOMALOUS, status="converged"),
        Curve(
            name="mean-paths",
            label="mean of 1500 paths",
            x=times,
            y=walkers.x[shown].mean(axis=1),
            pen=SECOND,
            status="sampled",
            faint=True,
        ),
        Curve(name="mean-limit", label="in the long run", x=times, y=limit, pen=UNCORRELATED),
    )
    paths = tuple(
        Curve(name=f"path-{k + 1}", label=f"walker {k + 1}", x=times, y=walkers.x[shown, k], pen=pen, status="sampled")
        for k, pen in enumerate((ANOMALOUS, COLD, THIRD))
    )
    return Figure(
        name="relaxation",
        title="On the way",
        caption="Left: the mean place of particles that start in the middle of the box, T = 1 + x/2; the paths are "
        "sampled and scatter. Right: three of the paths. One particle goes everywhere: the drift is seen in the mean "
        "alone.",
        abscissa="time [(half of the box)^2 eta / T_0]",
        column="time",
        panels=(
            (
                Panel(name="mean", title="", label="mean place <x>", column="x", curves=means),
                Panel(name="paths", title="", label="place x", column="x", curves=paths),
            ),
        ),
        comparisons=(
            Comparison(
                quantity="mean in the long run on 401 cells",
                ours=grid.mean,
                reference="-0.17952",
                source="2/ln 3 - 2, the closed form",
                status="converged",
            ),
        ),
        notes=(UNITS, f"The slowest decay has the time {grid.time:.4f}; without a gradient it is 4/pi^2 = 0.4053."),
    )
