"""How often 95 % intervals hold the truth, how wide they are, and how close estimates come to the Cramer-Rao bound.

    uv run python benchmarks/coverage.py [--out docs/coverage.csv] [--jobs 2] [--repetitions 400] [--draws 100]

Simulated data of exactly known states: eight states, each at time 0 and later, 256 to 20000 shots a setting, nine and
five settings, perfect and asymmetric readout (P(1|0), P(0|1) of A 1 %, 3 %, of B 2 %, 5 %, calibrated with as many
shots a pattern), ensembles and, for two states, purifications. Each repetition has counts, a calibration and bootstrap
draws of its own. A row is one case, quantity and method: the default of the table and, for comparison, other methods
on the same draws.

A row fails when the 99.9 % binomial interval (Clopper and Pearson, Biometrika 26, 404 (1934)) of its coverage misses
93 .. 98.5 %, and it is not over-coverage of a quantity at its bound, such as a mutual information of zero. Cases with a
failing default are run once more with 2000 fresh repetitions, which then count. Rows go to the CSV as they come; what
is there is not run again. `--narrow 0.8` plants intervals 20 % too narrow.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import os
import warnings
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from fisher import cramer_rao, expected_counts, standard_deviation, stratified_precision
from scipy.special import betaincinv
from threadpoolctl import threadpool_limits

from analysis import Methods
from analysis.data import Counts
from analysis.evaluation import ideal_values
from analysis.intervals import (
    LINEAR,
    Cells,
    Estimate,
    coefficients,
    estimate,
    groundwork,
    open_to_zero_where_allowed,
    view,
)
from analysis.planning import Strata
from analysis.quantities import catalogue
from protocols import Array, Observable, Sample, compile
from protocols.heat_exchange import HeatExchange
from protocols.pauli import measured_words, outcome_probabilities
from protocols.program import STATE, build

STATES: dict[str, tuple[dict[str, str], float]] = {
    "holdsworth": ({"time": "1.25*pi"}, 0.0),
    "holdsworth 2% noise": ({"time": "1.25*pi"}, 0.02),
    "holdsworth 5% noise": ({"time": "1.25*pi"}, 0.05),
    "micadei": ({**HeatExchange.presets["micadei"].values, "time": "0.55238ms"}, 0.0),
    "product": ({"correlation": "none", "time": "2.5*pi"}, 0.0),
    "weak": ({"correlation": "coherent", "alpha": "-0.08", "coupling_phase": "pi/2", "time": "1.25*pi"}, 0.0),
    # the signed concurrence is zero at time 0
    "threshold": ({"strength": "0.46641328", "time": "1.25*pi"}, 0.0),
    "entangled": ({"T_A": "10", "T_B": "5", "strength": "0.95", "time": "1.25*pi"}, 0.0),
}
"""Parameters, and the fraction of white noise."""
SHOTS = (256, 512, 4096, 20000)
SETTINGS = {"9": "full", "5": "x-state"}
READOUT: dict[str, tuple[tuple[float, float], ...]] = {"ideal": (), "calibrated": ((0.01, 0.03), (0.02, 0.05))}
"""P(1|0) and P(0|1) of A and B."""
PURIFIED = ("holdsworth 2% noise", "micadei")
COMPARED = ("percentile", "basic", "normal", "bootstrap")
SKIPPED = {"fidelity", "effective_temperature", "entanglement_of_formation", "population"}
"""Functions of others, and what compares with the ideal itself."""
SECOND_SIDE = ("discord", "geometric_discord")
BAND = (0.93, 0.985)
SLAB = 50
"""Repetitions side by side."""


@dataclass(frozen=True)
class Case:
    """One cell of the table."""

    state: str
    shots: int
    settings: str
    readout: str
    preparation: str

    @property
    def seed(self) -> list[int]:
        """Different for every case."""
        return [list(STATES).index(self.state), self.shots, int(self.settings), *map(len, self.name[3:])]

    @property
    def name(self) -> tuple[str, ...]:
        """Its columns in the CSV."""
        return (self.state, str(self.shots), self.settings, self.readout, self.preparation)


def cases() -> Iterator[Case]:
    """Every cell: first those that run fastest."""
    for shots, settings, readout, state in itertools.product(SHOTS, SETTINGS, READOUT, STATES):
        for preparation in ("ensemble", "purified") if state in PURIFIED else ("ensemble",):
            yield Case(state, shots, settings, readout, preparation)


def main() -> None:
    """Runs what is missing, prints what fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("docs/coverage.csv"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--repetitions", type=int, default=400)
    parser.add_argument("--again", type=int, default=2000, help="repetitions of a case that failed; 0: none")
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--narrow", type=float, default=1.0, help="factor on the width of every interval")
    asked = parser.parse_args()
    for repetitions in filter(None, (asked.repetitions, asked.again)):
        known = _read(asked.out)
        if repetitions == asked.repetitions:
            left = [c for c in cases() if not any(r["repetitions"] == str(repetitions) for r in known.get(c.name, []))]
        else:
            left = [c for c in cases() if c.name in known and _fails(known[c.name], str(repetitions))]
        work = [(case, repetitions, asked.draws, asked.narrow) for case in left]
        with ProcessPoolExecutor(max_workers=asked.jobs) as workers:
            for case, rows in zip(left, workers.map(_one, work), strict=True):
                _append(asked.out, rows)
                bad = [f"{r['observable']} {r['subject']} {r['moment']} {r['coverage']}" for r in rows if failing(r)]
                print(*case.name, repetitions, "repetitions:", "; ".join(bad) or "all defaults cover", flush=True)


def failing(row: dict[str, Any]) -> bool:
    """Whether a row of a default method misses the band."""
    return row["default"] == "yes" and row["verdict"] != "covers"


def _fails(rows: Sequence[dict[str, Any]], again: str) -> bool:
    return any(failing(r) for r in rows) and not any(r["repetitions"] == again for r in rows)


def _one(work: tuple[Case, int, int, float]) -> list[dict[str, Any]]:
    with threadpool_limits(1), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return measure(*work)


def measure(
    case: Case, repetitions: int, draws: int, narrow: float = 1.0, names: Collection[str] = ()
) -> list[dict[str, Any]]:
    """All rows of one case.

    Args:
        case: Which cell of the table.
        repetitions: Independent runs.
        draws: Bootstrap draws of each.
        narrow: Factor on the width of every interval.
        names: Quantities to look at; all if there are none.
    """
    simulated = Simulation(case, repetitions)
    kept = [o for o in simulated.observables() if not names or o.name in names]
    collected: dict[tuple[str, str, str], list[Estimate]] = {}
    for first in range(0, repetitions, SLAB):
        data, cells = simulated.slab(range(first, min(first + SLAB, repetitions)))
        methods = Methods(draws=draws)
        ground = groundwork(kept, data, cells, methods, data.seed)
        default = open_to_zero_where_allowed([estimate(o, ground, cells, methods) for o in kept], data)
        for found in default:
            collected.setdefault((found.observable.name, found.observable.subject, "default"), []).append(found)
        for name, observable in itertools.product(COMPARED, kept):
            spread = ground.spreads.get((observable.name, observable.subject))
            if spread is not None and name != default[kept.index(observable)].interval.removeprefix("signed-"):
                other = estimate(observable, ground, cells, replace(methods, intervals={observable.name: name}))
                collected.setdefault((observable.name, observable.subject, name), []).append(other)
    truths = dict(zip([(o.name, o.subject) for o in kept], simulated.truths(kept), strict=True))
    bounds = dict(zip([(o.name, o.subject) for o in kept], simulated.bounds(kept), strict=True))
    rows = []
    for (name, subject, method), parts in collected.items():
        for moment in range(2):
            truth = truths[name, subject][moment]
            if not np.isfinite(truth) or (moment and parts[0].observable.reference):
                continue
            if not any(np.isfinite(part.low[moment::2]).any() for part in parts):
                continue
            base = dict(zip(("state", "shots", "settings", "readout", "preparation"), case.name, strict=True))
            base |= {"moment": ("later", "start")[moment], "observable": name, "subject": subject}
            base |= {"method": parts[0].interval, "default": "yes" if method == "default" else "no"}
            rows.append(base | _summary(parts, moment, truth, bounds[name, subject][:, moment], narrow))
    return rows


class Simulation:
    """Counts of one case from its exact probabilities, every repetition with its own calibration."""

    def __init__(self, case: Case, repetitions: int) -> None:
        values, self.white = STATES[case.state]
        self.case, self.repetitions = case, repetitions
        self.experiment = build(HeatExchange, dict(values))
        self.points = self.experiment.points({"preparation": case.preparation})
        program = compile(self.experiment, self.points, shots=case.shots, bases=SETTINGS[case.settings])
        self.bases = program.bases
        members = sorted({block.setting.member for block in program.blocks})
        shape = (len(self.points), len(members), len(self.bases))
        self.probabilities, self.weight, self.shots = np.zeros((*shape, 4)), np.zeros(shape[:2]), np.zeros(shape, int)
        for block in program.blocks:
            member, setting = members.index(block.setting.member), self.bases.index(block.setting.basis)
            p = block.probabilities / block.probabilities.sum(axis=1, keepdims=True)
            self.probabilities[block.point, member, setting] = (1 - self.white) * p + self.white / 4
            self.weight[block.point, member] = block.weight
            self.shots[block.point, member, setting] = block.repeats
        self.probabilities[self.shots == 0] = 0.25
        errors = READOUT[case.readout]
        columns = [np.array([[1 - a, b], [a, 1 - b]]) for a, b in errors]
        self.confusion = np.kron(*columns) if errors else None

    def slab(self, which: range) -> tuple[Counts, Cells]:
        """Some of the repetitions side by side."""
        generator = np.random.default_rng([*self.case.seed, self.repetitions, which.start])
        read = self.probabilities if self.confusion is None else self.probabilities @ self.confusion.T
        cells, size = len(self.points), len(which)
        observed = generator.multinomial(self.shots, read, size=(size, *self.shots.shape))
        calibration = np.zeros((4, 4), dtype=np.int64)
        if self.confusion is not None:
            own = generator.multinomial(self.case.shots, self.confusion.T, size=(size, 4))
            calibration = np.repeat(own, cells, axis=0)
        data = Counts(
            bases=self.bases,
            observed=observed.reshape(-1, *observed.shape[2:]),
            weight=np.tile(self.weight, (size, 1)),
            calibration=calibration,
        )
        return data, view(self.points, size, *(np.repeat(state, size, axis=0) for state in self._states()))

    def observables(self) -> list[Observable]:
        """What is looked at."""
        every = catalogue(("A", "B"), "AB", self.experiment.observables(self.points))
        words = set(measured_words(self.bases))
        return [
            o
            for o in every
            if o.name not in SKIPPED
            and not (o.name in SECOND_SIDE and o.subject == "B")
            and set(o.reads) - {STATE} <= words
        ]

    def truths(self, kept: Sequence[Observable]) -> list[Array]:
        """Exact values, (2,) each."""
        return ideal_values(kept, view(self.points, 1, *self._states()))

    def bounds(self, kept: Sequence[Observable]) -> list[Array]:
        """Cramer-Rao bound of pooled data and what stratified ones are expected to give, (2, points) each."""
        strata = Strata(
            bases=self.bases,
            weight=self.weight,
            probabilities=self.probabilities,
            shots=self.shots.astype(float),
            confusion=self.confusion,
            calibration_shots=self.case.shots if self.confusion is not None else 0,
        )
        states = self._states()[0][0]
        pooled = np.stack([outcome_probabilities(states, basis) for basis in self.bases], axis=-2)[:, None]
        whole = replace(
            strata,
            weight=np.ones((len(states), 1)),
            probabilities=pooled,
            shots=np.full((len(states), 1, len(self.bases)), float(self.case.shots)),
        )
        shared = strata.calibration_shots
        precisions = (
            cramer_rao(states, self.bases, float(self.case.shots), self.confusion, shared),
            stratified_precision(strata),
        )
        linear = (
            expected_counts(whole).linear_errors(("IZ", "ZI")),
            expected_counts(strata).linear_errors(("IZ", "ZI")),
        )
        cells, found = view(self.points, 1, *self._states()), []
        for o in kept:
            bound = np.full((2, len(states)), np.nan)
            if o.interval == LINEAR and o.through is None and set(o.reads) <= {"IZ", "ZI"}:
                _, here, before = coefficients(o, ("IZ", "ZI"), cells)
                bound = np.sqrt([errors.variance(here, before, cells.home) for errors in linear])
            elif STATE in o.reads and not o.reference and o.through is None:
                parameters = {name: values[:1] for name, values in self.points.parameters.items()}

                def of(rho: Array, o: Observable = o, parameters: dict[str, Array] = parameters) -> Array:
                    return o.of(Sample(parameters=parameters, moments={}, states=rho))

                bound = np.stack([standard_deviation(of, states, precision) for precision in precisions])
            found.append(bound)
        return found

    def _states(self) -> tuple[Array, Array]:
        """Exact states of the points and of their references, (1, points, 4, 4)."""
        made = self.experiment.state(self.points), self.experiment.reference_state(self.points)
        mixed = [(1 - self.white) * state + self.white * np.eye(4) / 4 for state in made]
        return mixed[0][None], mixed[1][None]


def _summary(parts: Sequence[Estimate], moment: int, truth: float, bound: Array, narrow: float) -> dict[str, Any]:
    value, low, high = (
        np.concatenate([getattr(p, name)[moment::2] for p in parts]) for name in ("value", "low", "high")
    )
    low, high = value - narrow * (value - low), value + narrow * (high - value)
    known = np.isfinite(low) & np.isfinite(high)  # a ratio to what may be zero has no interval, which excludes nothing
    least, most = parts[0].observable.bounds
    at_bound = min(abs(truth - least), abs(truth - most)) < 1e-9
    rounding = 1e-9
    covered = int((((low <= truth + rounding) & (truth <= high + rounding)) | ~known).sum())
    below, above = clopper_pearson(covered, len(value))
    verdict = "under" if above < BAND[0] else "over" if below > BAND[1] and not at_bound else "covers"
    sd = float(value.std(ddof=1))
    return {
        "repetitions": len(value),
        "intervals": int(known.sum()),
        "truth": f"{truth:.6g}",
        "coverage": f"{covered / len(value):.4f}",
        "at_least": f"{below:.4f}",
        "at_most": f"{above:.4f}",
        "verdict": verdict,
        "width": f"{np.mean((high - low)[known]):.4g}",
        "bias": f"{np.mean(value) - truth:.3g}",
        "corrected_bias": f"{np.nanmean(np.concatenate([p.corrected[moment::2] for p in parts])) - truth:.3g}",
        "sd": f"{sd:.4g}",
        "cramer_rao": "" if not np.isfinite(bound[0]) else f"{bound[0]:.4g}",
        "stratified": "" if not np.isfinite(bound[1]) else f"{bound[1]:.4g}",
    }


def clopper_pearson(covered: int, of: int, level: float = 0.999) -> tuple[float, float]:
    """Exact binomial interval of a fraction."""
    tail = (1 - level) / 2
    low = 0.0 if covered == 0 else float(betaincinv(covered, of - covered + 1, tail))
    high = 1.0 if covered == of else float(betaincinv(covered + 1, of - covered, 1 - tail))
    return low, high


def _read(path: Path) -> dict[tuple[str, ...], list[dict[str, str]]]:
    """Rows by case; none where there is no file yet."""
    found: dict[tuple[str, ...], list[dict[str, str]]] = {}
    if path.exists():
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                key = (row["state"], row["shots"], row["settings"], row["readout"], row["preparation"])
                found.setdefault(key, []).append(row)
    return found


def _append(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """All rows of a case in one write, so that a case is in the file as a whole or not at all."""
    new = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
