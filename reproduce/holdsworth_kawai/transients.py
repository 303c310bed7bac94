"""The open dynamics of Figs. 4 and 5: exchange and baths on together, and the numbers reported of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from protocols import Array
from reproduce.drawing import Context
from reproduce.pairs import KAPPA, BathSet, closed
from theory import Computation, hierarchy
from theory.convergence import Convergence, converge, larger
from theory.events import crossings, first, peak
from theory.model import OpenPair
from theory.trajectory import Trajectory

TIMES: Array = np.linspace(0, 200, 2001)
ZERO = 1e-9
"""Changes below it are rounding."""
COMPARED = 30.0
"""Time at which entropy productions are compared [hbar/gap]."""


def transient(
    chosen: BathSet | OpenPair, context: Context, *, correlated: bool = True, kappa_B: float = KAPPA
) -> Trajectory:
    """A pair from its correlated or uncorrelated state, 0 to 200.

    Args:
        chosen: Baths, or a pair in them.
        context: Cache and progress.
        correlated: Whether the pair starts correlated, with delta = -pi/2.
        kappa_B: Strength of bath B.
    """
    pair = chosen.pair(kappa_B=kappa_B) if isinstance(chosen, BathSet) else chosen
    return hierarchy.evolve(pair, start(correlated), TIMES, cache=context.cache, progress=context.progress)


def start(correlated: bool) -> Array:
    """The state that a pair starts in, correlated with delta = -pi/2 or not, (4, 4)."""
    return closed.initial(closed.holdsworth(delta=-math.pi / 2 if correlated else None))


def needed(pair: OpenPair, *, both: bool = True) -> list[Computation]:
    """The hierarchies that a pair takes: as asked for and in larger expansions.

    Args:
        pair: In its baths.
        both: Whether it starts in the uncorrelated state too.
    """
    starts = [start(True), start(False)] if both else [start(True)]
    return [hierarchy.Evolution(pair=one, rho=rho, times=TIMES) for one in larger(pair) for rho in starts]


def needed_by_all(context: Context) -> list[Computation]:
    """The hierarchies that the numbers of all sets take, see `checked`.

    Args:
        context: Has the sets.
    """
    return [one for chosen in context.sets.values() for one in needed(chosen.pair())]


def numbers(correlated: Trajectory, normal: Trajectory) -> dict[str, float]:
    """What is reported of a transient; nan for what does not happen.

    Args:
        correlated: From the correlated state.
        normal: From the uncorrelated one.
    """
    deaths = crossings(TIMES, correlated.signed_concurrence)
    at, height = peak(TIMES, correlated.energy_difference)
    dead = first(deaths)
    later = correlated.concurrence[dead + 1 < TIMES] if not math.isnan(dead) else np.zeros(1)
    revived = float(later.max())
    local, total = correlated.local_entropy_production(), correlated.entropy_production()
    lowest = int(np.argmin(local))
    here = int(np.argmin(np.abs(TIMES - COMPARED)))
    return {
        "concurrence dies": dead,
        "concurrence revives": first(deaths, 1),
        "concurrence dies again": first(deaths, 2),
        "largest revived concurrence": revived if revived > 0 else math.nan,
        "largest SED": height,
        "time of the largest SED": at,
        "Sigma_0 becomes positive": first(crossings(TIMES[lowest:], local[lowest:])),
        "Sigma at t = 30, correlated over uncorrelated": float(total[here] / normal.entropy_production()[here]),
        "least Sigma": float(total.min()),
        "heat from A at t = 200 (bath)": float(correlated.heat_bath[-1, 0]),
        "heat from B at t = 200 (bath)": float(correlated.heat_bath[-1, 1]),
        "heat from A at t = 200 (system)": float(correlated.heat_system[-1, 0]),
        "heat from B at t = 200 (system)": float(correlated.heat_system[-1, 1]),
    }


def sampled(correlated: Trajectory) -> dict[str, float]:
    """Events as seen in samples every 0.1, which is how the reference numbers have them."""
    alive = correlated.concurrence > 0
    begins, ends = alive[1:] & ~alive[:-1], ~alive[1:] & alive[:-1]
    local = correlated.local_entropy_production()
    lowest = int(np.argmin(local))
    return {
        "concurrence dies, first sample without it": first(TIMES[1:][ends]),
        "concurrence revives, first sample with it": first(TIMES[1:][begins]),
        "concurrence dies again, last sample with it": first(TIMES[:-1][ends], 1),
        "Sigma_0 becomes positive, first sample": first(TIMES[lowest:][local[lowest:] > 0]),
    }


def checked(chosen: BathSet, context: Context) -> Convergence:
    """The numbers of a set, and whether they hold in a larger hierarchy.

    Args:
        chosen: The set of baths.
        context: Cache and progress.
    """

    def computed(pair: OpenPair) -> Mapping[str, float]:
        return numbers(transient(pair, context), transient(pair, context, correlated=False))

    return converge(computed, chosen.pair())


def status(convergence: Convergence, name: str = "") -> str:
    """Of every curve of a figure; of one number, which may be small beside what the tolerance is relative to.

    Args:
        convergence: Of the numbers of a figure.
        name: Of one of the numbers; empty for the curves.
    """
    if not convergence.converged:
        return "not converged"
    value, change = (convergence.values[name], convergence.known_to(name)) if name in convergence.values else (1.0, 0.0)
    held = math.isnan(change) or change <= max(convergence.tolerance * abs(value), ZERO)
    return "converged" if held else f"known to {change:.1g}"


def held(y: Array, larger: Sequence[Array], tolerance: float) -> str:
    """The status of one curve, from the same in larger hierarchies: relative to its largest value.

    Args:
        y: The curve, shape (times,).
        larger: The same in larger hierarchies.
        tolerance: Relative change that is allowed.
    """
    change = max(float(np.abs(other - y).max()) for other in larger)
    return "converged" if change <= tolerance * float(np.abs(y).max()) else f"known to {change:.1g}"


def worst(name: str, convergence: Convergence) -> str:
    """How far a set is converged, in words.

    Args:
        name: Of the set of baths.
        convergence: Of its numbers.
    """
    what, change = convergence.worst
    said = "converged" if convergence.converged else "NOT CONVERGED"
    much = f"one more level or exponent changes most, by {change:.1e} of the value (of 0.1 if it is smaller), {what}"
    return f"set {name}: {said} to {convergence.tolerance:g}; {much}"
