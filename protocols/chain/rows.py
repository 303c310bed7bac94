"""Which quantities a chain has beside energies and heat."""

from __future__ import annotations

from collections.abc import Mapping

from protocols.chain.correlations import clausius_observables, correlation_observables
from protocols.chain.currents import current_observable, pumping_observable, transferred_observable
from protocols.chain.fields import hottest_site
from protocols.chain.gaussian import gaussian_observables
from protocols.chain.long import MOST_WHOLE
from protocols.program import Observable, Points, theory
from protocols.types import Array


def bonds(known: Mapping[str, Array]) -> tuple[str, ...]:
    """Subjects of the bonds along the line.

    Args:
        known: Fields by name, (points,).
    """
    return tuple(f"q{i}q{i + 1}" for i in range(1, int(known["sites"][0])))


def chain_observables(points: Points) -> tuple[Observable, ...]:
    """What flows over every bond, what has flown, what all share; and the limit 0 of the goal.

    Args:
        points: The sweep.
    """
    known, steps = points.parameters, points.options["evolution"] == "strang"
    N, hottest = int(known["sites"][0]), hottest_site(known)
    sites = [f"q{i + 1}" for i in range(N)]
    inner = hottest is not None and 0 < hottest < N - 1
    return (
        *(current_observable(i, sites, steps=steps) for i in range(N - 1)),
        *(transferred_observable(i, sites) for i in range(N - 1)),
        *((pumping_observable(hottest, sites),) if inner and hottest is not None else ()),
        *(correlation_observables(sites) if N <= MOST_WHOLE else ()),
        *((*gaussian_observables(sites), *clausius_observables(sites)) if 2 < N <= MOST_WHOLE else ()),
        *(theory("no_heat", site, lambda s: 0 * s.parameters["coupling"], unit="gap") for site in sites),
    )
