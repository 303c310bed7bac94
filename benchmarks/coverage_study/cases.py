"""The cases of the table: which states, read with which settings and shots, through which readout, prepared how.

Not every combination, of which there are thousands, but a list by hand that keeps promises (tests/test_coverage.py):

1. Of the factors shots, settings, readout and preparation every pair of levels occurs: each number of shots with each
   set of settings, each preparation with each readout, and so on. ZZ alone determines no state; it is there for
   energies and temperatures, and stands outside of this.
2. Every state is in two cases or more, one of them with few shots (100, 200) or with unequal ones.
3. States of rank 1, of rank 2 and 3, and inside state space occur with few shots, with 1000, and with many, and behind
   both kinds of readout.

What other studies found to fail is among them: a cold product, a pure product, an entangled state of rank 2 behind a
calibrated readout, white noise of 2 %, a hot qubit whose temperature is hardly known, ZZ read 500 times as often as
other settings where A and B are nearly uncorrelated.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from protocols import Array
from protocols.heat_exchange import HeatExchange
from protocols.pair import product
from protocols.pauli import PAIR

FACTORS = ("state", "shots", "unequal", "settings", "readout", "preparation")
"""Columns that name a case."""
MOMENTS = ("later", "start")
"""Two points of every case, the second the reference of the first."""


@dataclass(frozen=True, kw_only=True)
class State:
    """A pair at time 0 and later."""

    rank: int
    values: Mapping[str, str] = field(default_factory=dict)
    """Parameters of heat-exchange."""
    white: float = 0.0
    """Fraction of white noise."""
    initial: Array | None = None
    """(4, 4) at time 0 instead of the one that the parameters say; later is after the exchange."""


def _thermal(T_A: float, T_B: float, time: str = "1.25*pi", **more: str) -> dict[str, str]:
    return {"T_A": str(T_A), "T_B": str(T_B), "time": time, **more}


def _coherent(T_A: float, T_B: float, fraction: float, time: str = "1.25*pi") -> dict[str, str]:
    """With a fraction of the greatest coherence that positivity allows, and a coupling that turns it into heat."""
    p01, p10 = product(np.array([T_A]), np.array([T_B])).populations[0, 1:3]
    alpha = f"{-fraction * np.sqrt(p01 * p10):.8f}"
    return _thermal(T_A, T_B, time, correlation="coherent", alpha=alpha, coupling_phase="pi/2")


def _random(rank: int, seed: int) -> Array:
    """A state of that rank, at rank 4 from the measure of Hilbert and Schmidt (J. Phys. A 34, 7111)."""
    real, imaginary = np.random.default_rng([rank, seed]).normal(size=(2, 4, rank))
    root = real + 1j * imaginary
    return (root @ root.conj().T) / np.trace(root @ root.conj().T).real


STATES: dict[str, State] = {
    "holdsworth": State(rank=2, values=_thermal(2, 1)),
    "holdsworth 2 % noise": State(rank=4, values=_thermal(2, 1), white=0.02),
    "holdsworth 5 % noise": State(rank=4, values=_thermal(2, 1), white=0.05),
    # mutual information of 1.6e-4 nat
    "holdsworth reversed": State(rank=2, values=_thermal(2, 1, "7.010056")),
    "micadei": State(rank=4, values={**HeatExchange.presets["micadei"].values, "time": "0.55238ms"}),
    "product": State(rank=4, values=_thermal(2, 1, "2.5*pi", correlation="none")),
    "weak": State(rank=4, values=_coherent(2, 1, 0.37)),
    # the signed concurrence is zero at time 0
    "threshold": State(rank=4, values=_thermal(2, 1, strength="0.46641328")),
    "hot entangled": State(rank=4, values=_thermal(10, 5, strength="0.95")),
    "mild": State(rank=4, values=_coherent(1.3, 0.7, 0.6, "2*pi")),
    "equal": State(rank=4, values=_coherent(1, 1, 0.6)),
    "cold": State(rank=4, values=_thermal(0.4, 0.25, "2.5*pi", correlation="none")),
    "cold coherent": State(rank=4, values=_coherent(0.4, 0.25, 0.6)),
    "hot 12, 5": State(rank=4, values=_coherent(12, 5, 0.4)),
    "hot 19.4, 0.7": State(rank=4, values=_thermal(19.4, 0.7, "2*pi", correlation="none")),
    # |10>, and what the exchange makes of it
    "pure": State(rank=1, values=_thermal(2, 1, "2*pi"), initial=np.diag([0, 0, 1, 0]) + 0j),
    "random rank 1": State(rank=1, values=_thermal(2, 1, "2*pi"), initial=_random(1, 3)),
    "random rank 2": State(rank=2, values=_thermal(2, 1, "2*pi"), initial=_random(2, 1)),
    "random rank 3": State(rank=3, values=_thermal(2, 1, "2*pi"), initial=_random(3, 1)),
    "random rank 4": State(rank=4, values=_thermal(2, 1, "2*pi"), initial=_random(4, 1)),
}
SETTINGS = {"9": PAIR["full"], "5": PAIR["x-state"], "3": PAIR["minimal"], "ZZ": ("ZZ",)}
READOUT: dict[str, tuple[tuple[float, float], ...]] = {"ideal": (), "calibrated": ((0.012, 0.026), (0.018, 0.039))}
"""P(1|0) and P(0|1) of A and B; calibrated with as many shots a pattern as the setting with most has."""
PREPARATION = ("mixture", "ensemble")
"""Drawn from the mixture itself, as purifications and imported counts are, or eigenstate by eigenstate."""
UNEQUAL: dict[str, str] = {
    "no": "",
    "ZZ x 500": "ZZ has 500 times the shots of the others",
    "settings 1:500": "from setting to setting, in equal ratios",
    "later x 80": "the later time has 80 times the shots of the start",
    "start x 80": "the other way round",
}


@dataclass(frozen=True)
class Case:
    """A line of the list."""

    state: str
    shots: int
    """Of the setting with the fewest."""
    settings: str
    readout: str
    preparation: str
    unequal: str = "no"

    @property
    def name(self) -> tuple[str, ...]:
        """Its columns in the CSV."""
        return (self.state, str(self.shots), self.unequal, self.settings, self.readout, self.preparation)

    @property
    def seed(self) -> int:
        """Different for every case."""
        return zlib.crc32(",".join(self.name).encode())

    @cached_property
    def asked(self) -> Array:
        """Shots asked for, (moments, settings)."""
        bases = SETTINGS[self.settings]
        factor = np.ones((len(MOMENTS), len(bases)))
        if self.unequal == "ZZ x 500":
            factor[:, bases.index("ZZ")] = 500
        elif self.unequal == "settings 1:500":
            factor *= 500 ** np.linspace(0, 1, len(bases))
        elif self.unequal != "no":
            factor[MOMENTS.index(self.unequal.split()[0])] = 80
        return np.rint(self.shots * factor).astype(int)


def _cases(text: str) -> tuple[Case, ...]:
    """From lines `state | shots | settings | readout | preparation | unequal`."""
    lines = [[part.strip() for part in line.split("|")] for line in text.strip().splitlines()]
    return tuple(Case(state, int(shots), *more) for state, shots, *more in lines)


CASES = _cases("""
    holdsworth           |   200 | 9  | ideal      | mixture
    holdsworth           |  1000 | 5  | ideal      | ensemble
    holdsworth           |  8000 | 9  | calibrated | mixture
    holdsworth           | 20000 | 5  | calibrated | ensemble
    holdsworth 2 % noise |   100 | 9  | calibrated | ensemble
    holdsworth 2 % noise |   200 | 5  | ideal      | mixture
    holdsworth 2 % noise |  8000 | 3  | calibrated | mixture
    holdsworth 5 % noise |   200 | 3  | calibrated | ensemble
    holdsworth 5 % noise |  1000 | 9  | ideal      | ensemble
    holdsworth 5 % noise | 20000 | 9  | ideal      | mixture
    holdsworth reversed  |   100 | 9  | ideal      | mixture  | ZZ x 500
    holdsworth reversed  |  1000 | 9  | ideal      | mixture
    holdsworth reversed  |   200 | 5  | calibrated | ensemble
    micadei              |   200 | 5  | ideal      | mixture
    micadei              |  1000 | 9  | calibrated | mixture
    micadei              |   100 | 5  | ideal      | ensemble | later x 80
    micadei              | 20000 | 9  | ideal      | ensemble
    product              |   100 | 5  | ideal      | ensemble
    product              |  1000 | 9  | calibrated | mixture
    product              |    40 | 9  | ideal      | mixture  | settings 1:500
    weak                 |   200 | 5  | ideal      | ensemble
    weak                 |  1000 | 9  | ideal      | mixture
    weak                 |  8000 | 5  | calibrated | ensemble
    weak                 |   100 | 9  | calibrated | ensemble | start x 80
    threshold            |   200 | 9  | ideal      | ensemble
    threshold            |  1000 | 9  | ideal      | mixture
    threshold            | 20000 | 3  | calibrated | ensemble
    hot entangled        |   100 | 3  | ideal      | mixture
    hot entangled        |   200 | 5  | ideal      | ensemble
    hot entangled        |  8000 | 9  | calibrated | mixture
    mild                 |   200 | 9  | ideal      | mixture
    mild                 |  1000 | 5  | calibrated | ensemble
    mild                 |   100 | 5  | ideal      | mixture  | ZZ x 500
    equal                |   100 | 9  | ideal      | mixture
    equal                |  1000 | 3  | ideal      | ensemble
    equal                | 20000 | 5  | ideal      | mixture
    cold                 |   200 | 5  | ideal      | mixture
    cold                 |  1000 | 9  | ideal      | mixture
    cold                 |  8000 | 9  | calibrated | ensemble
    cold                 |   100 | 9  | ideal      | mixture  | later x 80
    cold coherent        |   100 | 5  | calibrated | mixture
    cold coherent        |  1000 | 9  | ideal      | ensemble
    cold coherent        |  8000 | 3  | ideal      | mixture
    hot 12, 5            |   200 | ZZ | ideal      | mixture
    hot 12, 5            |  1000 | 5  | ideal      | mixture
    hot 12, 5            |  8000 | ZZ | calibrated | ensemble
    hot 19.4, 0.7        |   100 | ZZ | ideal      | ensemble
    hot 19.4, 0.7        |  1000 | ZZ | calibrated | mixture
    hot 19.4, 0.7        | 20000 | ZZ | ideal      | mixture
    pure                 |   200 | 3  | ideal      | mixture
    pure                 |  1000 | 5  | ideal      | mixture
    pure                 |  1000 | 9  | ideal      | mixture
    pure                 |  8000 | 9  | calibrated | mixture
    random rank 1        |   200 | 9  | ideal      | mixture
    random rank 1        |  1000 | 9  | ideal      | mixture
    random rank 2        |   100 | 9  | ideal      | mixture
    random rank 2        |  8000 | 9  | calibrated | mixture
    random rank 3        |   200 | 9  | calibrated | mixture
    random rank 3        |  1000 | 9  | ideal      | mixture
    random rank 4        |   200 | 9  | ideal      | mixture
    random rank 4        |  8000 | 9  | calibrated | mixture
""")
COMPARED = tuple(
    case
    for case in CASES
    if (case.state, case.shots, case.unequal)
    in {
        ("holdsworth 5 % noise", 1000, "no"),
        ("product", 1000, "no"),
        ("hot entangled", 200, "no"),
        ("random rank 2", 100, "no"),
    }
)
"""Where other methods are measured too: inside, uncorrelated, at few shots, on the boundary."""


def uncovered() -> set[tuple[str, str]]:
    """Pairs of levels that occur in no case: what the first promise forbids."""
    levels = [
        [f"{shots} shots" for shots in (100, 200, 1000, 8000, 20000)],
        [f"{name} settings" for name in SETTINGS if name != "ZZ"],
        list(READOUT),
        list(PREPARATION),
    ]
    every = {(a, b) for i, own in enumerate(levels) for other in levels[i + 1 :] for a in own for b in other}
    for case in CASES:
        own = (f"{case.shots} shots", f"{case.settings} settings", case.readout, case.preparation)
        every -= {(a, b) for i, a in enumerate(own) for b in own[i + 1 :]}
    return every
