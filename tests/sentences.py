"""Every sentence that verdict, checks and warnings can say, each with an example: docs/sentences.md.

    uv run python tests/sentences.py    # writes the page; a test compares

Numbers are examples; the sentences are those of the code, made of the types that a verdict is made of.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from sentences_of_copies import of_copies

from analysis.planning.power import Power, missing_in_words, power_in_words
from analysis.verdict import Check, Kind, Question
from analysis.verdict import findings as f
from analysis.verdict import tested as t
from analysis.verdict.findings import Place
from analysis.verdict.verdict import Verdict, headline
from analysis.verdict.wording.numbers import numbered
from analysis.verdict.wording.verdict import sentence
from analysis.verdict.wording.warnings import (
    rejected_bars,
    rejected_declaration,
    rejected_exchange,
    scale_in_words,
)

PAGE = Path(__file__).parents[1] / "docs" / "sentences.md"
Said = tuple[str, str]
"""When it is said, and an example."""


def at(value: float, stderr: float, place: float = 7.0) -> f.ValueAt:
    """Heat at a time."""
    return f.ValueAt(value=value, stderr=stderr, at=place)


def quantity(observable: str, subject: str, numbers: tuple[float, float, float, float], unit: str) -> f.Quantity:
    """Value, error and interval of something."""
    value, stderr, low, high = numbers
    bounds = {"concurrence": (0.0, 1.0), "mutual_information": (0.0, 2 * math.log(2))}.get(
        observable, (-math.inf, math.inf)
    )
    return f.Quantity(
        observable=observable,
        subject=subject,
        value=value,
        stderr=stderr,
        low=low,
        high=high,
        unit=unit,
        bounds=bounds,
        axis="time",
        at=7.0,
    )


# ---- the headline ----

FIT = f.Basis(kind="fit", number=33, axis="time")
POINT, BEST = (f.Basis(kind=k, number=n, axis="time") for k, n in (("point", 1), ("best point", 9)))
DIRECTION = f.Direction(
    hot="A", first="A", second="B", difference=0.1086, stderr=0.0058, per_qubit=False, axis="time", declared=0.1086
)
UP = f.BothHeats(hot=at(0.2689, 0.0043), cold=at(-0.2672, 0.0044))
DOWN = f.BothHeats(hot=at(-0.1086, 0.0043, 15.7), cold=at(0.1071, 0.0044, 15.7))
FLOWED = f.HeatFlowed(hot="A", cold="B", here=UP, before=None, hot_sigma=62.5, cold_sigma=60.7, basis=POINT)
CONTROL = f.HeatOfControl(arm="none", side="A", here=at(0.262, 0.015), lowest=None, axis="time")
EXCHANGE = f.NoExchange(
    hot="A", first="A", second="B", qubits=True, here=UP, balance=at(0.0017, 0.004), number=None, basis=POINT
)


# gaps of A and B 1 and 0.4, temperatures 2 and 1: A is hotter and less excited, and an exchange cools B all the same
UNEQUAL = "gap_A"
FLOWED_UP = f.HeatBetweenGaps(
    hot="A",
    cold="B",
    here=f.BothHeats(hot=at(0.0238, 0.0021), cold=at(-0.0095, 0.0009)),
    before=None,
    hot_sigma=11.3,
    cold_sigma=10.6,
    basis=POINT,
    work=at(0.0143, 0.0023),
    excited=f.Measured(value=-0.0240, stderr=0.0021),
)
BY_TEMPERATURE = f.DirectionByTemperature(
    hot="A",
    first="A",
    second="B",
    difference=0.0612,
    stderr=0.0044,
    per_qubit=False,
    axis="time",
    betas=(f.Measured(value=0.501, stderr=0.012), f.Measured(value=1.003, stderr=0.031)),
    excited=f.Measured(value=-0.0240, stderr=0.0021),
)


def claim(kind: Kind, made: f.Claim, unit: str = "gap") -> str:
    """The headline of a claim."""
    return Verdict(where="", kind=kind, claim=made, findings=(), unit=unit).headline


def headlines() -> Iterator[Said]:
    """One of every kind, and of every reason why a direction is open."""
    yield "reversed; one time", claim(Kind.REVERSED, FLOWED)
    yield "reversed; best of several times", claim(Kind.REVERSED, replace(FLOWED, basis=BEST, cold_sigma=60.1))
    yield "reversed; a whole sweep", claim(Kind.REVERSED, replace(FLOWED, basis=FIT))
    many = replace(FIT, sweeps=20)
    yield "reversed; one sweep of twenty", claim(Kind.REVERSED, replace(FLOWED, basis=many, hot_sigma=6.1))
    late = f.BothHeats(hot=at(0.2689, 0.0043, 24.4), cold=at(-0.2672, 0.0044, 24.4))
    lost = f.BothHeats(hot=at(-0.3774, 0.0021, 8.7), cold=at(0.3774, 0.0021, 8.7))
    forward = replace(FLOWED, basis=FIT, here=late, before=lost)
    yield "forward first, then reversed", claim(Kind.FORWARD_THEN_REVERSED, forward)
    yield "pumped", claim(Kind.PUMPED, FLOWED_UP, UNEQUAL)
    against = replace(FLOWED_UP, here=UP, excited=f.Measured(value=0.0571, stderr=0.0086))
    yield "reversed; unequal gaps", claim(Kind.REVERSED, against, UNEQUAL)
    yield "not reversed", claim(Kind.NOT_REVERSED, replace(FLOWED, here=DOWN, basis=FIT))
    faint = f.BothHeats(hot=at(0.0101, 0.0080), cold=at(-0.0093, 0.0081))
    yield "no flow seen", claim(Kind.NO_FLOW, replace(FLOWED, here=faint))
    open_ = replace(FLOWED_UP, excited=f.Measured(value=0.0012, stderr=0.0021))
    yield "undecided; unequal gaps", claim(Kind.UNDECIDED, open_, UNEQUAL)
    lost = replace(FLOWED_UP, excited=f.Measured(value=0.0114, stderr=0.0021))
    yield "undecided; unequal gaps, excitations gained or lost", claim(Kind.UNDECIDED, lost, UNEQUAL)
    yield "undecided", claim(Kind.UNDECIDED, replace(FLOWED, control=CONTROL))
    heated = replace(EXCHANGE, here=f.BothHeats(hot=at(0.2236, 0.0008), cold=at(0.2592, 0.0008)))
    yield "both gained", claim(Kind.BOTH_GAINED, heated)
    cooled = replace(EXCHANGE, here=f.BothHeats(hot=at(-0.0712, 0.0031), cold=at(-0.0391, 0.0030)))
    yield "both lost", claim(Kind.BOTH_LOST, cooled)
    alone = replace(EXCHANGE, here=f.BothHeats(hot=at(0.061, 0.017), cold=at(-0.0104, 0.0084)))
    yield "not resolved", claim(Kind.ONE_SIDE, alone)
    odd = replace(EXCHANGE, here=f.BothHeats(hot=at(0.261, 0.005), cold=at(-0.102, 0.005)), balance=at(0.159, 0.007))
    yield "not balanced; energy", claim(Kind.NOT_BALANCED, odd)
    baths = f.BothHeats(hot=at(0.200, 0.005), cold=at(-0.150, 0.005))
    yield (
        "not balanced; energy and p01 + p10",
        claim(Kind.NOT_BALANCED, replace(odd, here=baths, balance=at(0.050, 0.007), number=at(0.116, 0.008))),
    )
    yield "not balanced; unequal gaps", claim(Kind.NOT_BALANCED, odd, UNEQUAL)
    yield from _open_directions()
    yield "nothing to compare", claim(Kind.NOTHING_TO_COMPARE, f.NothingToCompare(quantity="", axis="time"))
    goal = f.NothingToCompare(quantity="polarisation target", axis="rounds")
    yield "nothing to compare; a goal", claim(Kind.NOTHING_TO_COMPARE, goal)
    none = replace(goal, why="the bath called cold is as hot as the other one")
    yield "nothing to compare; no point has the goal", claim(Kind.NOTHING_TO_COMPARE, none)
    yield from _goals()
    yield from _machines()
    yield "measured", claim(Kind.MEASURED, f.MeasuredOnly(observables=("energy", "mutual_information")))
    one, two = (Verdict(where="", kind=k, claim=FLOWED, findings=(), hot="A") for k in (Kind.REVERSED, Kind.NO_FLOW))
    yield "several sweeps", headline([one, two, two])


def _open_directions() -> Iterator[Said]:
    none = replace(DIRECTION, hot=None)
    cases = {
        "errors": replace(none, difference=0.013, stderr=0.0058, why="errors"),
        "errors; nominal": replace(none, difference=0.0, stderr=0.0, declared=0.0, why="errors"),
        "contradicts": replace(none, first="B", second="A", declared=-0.1086, why="contradicts"),
        "preparation": replace(none, difference=0.021, stderr=0.002, declared=0.0, why="preparation"),
        "unseen energy": replace(none, difference=0.0082, stderr=0.0011, unseen=0.4828, why="unseen energy"),
        "inverted": replace(none, why="inverted"),
        "not measured": replace(none, difference=None, why="not measured"),
    }
    for why, direction in cases.items():
        yield f"no direction; {why}", claim(Kind.NO_DIRECTION, _undirected(direction, known=why != "not measured"))
    alike = replace(BY_TEMPERATURE, hot=None, difference=0.0052, why="errors")
    unseen = replace(alike, why="unseen energy", unseen=0.0311)
    for why, direction in {"errors; unequal gaps": alike, "unseen energy; unequal gaps": unseen}.items():
        yield f"no direction; {why}", claim(Kind.NO_DIRECTION, _undirected(direction, known=True), UNEQUAL)
    moved = replace(_undirected(cases["errors"], known=True), side="A", most=at(0.3389, 0.0020))
    yield "no direction; heat went over all the same", claim(Kind.NO_DIRECTION, moved)


def _undirected(direction: f.Direction, *, known: bool) -> f.NoDirection:
    return f.NoDirection(direction=direction, known=known, side="", most=None)


def _goals() -> Iterator[Said]:
    best = quantity("polarisation", "target", (0.7231, 0.0052, 0.713, 0.733), "1")
    judged = f.GoalJudged(
        said="colder than its bath", quantity="polarisation target", best=best, limit=0.635, sigma=16.9, basis=POINT
    )
    yield "goal reached", claim(Kind.GOAL_REACHED, judged)
    missed = replace(judged, said="cooling beyond the bath is not shown", limit=0.72, sigma=0.6, basis=BEST)
    yield "goal missed", claim(Kind.GOAL_MISSED, missed)
    yield "goal reached; below a limit", claim(Kind.GOAL_REACHED, replace(judged, said="colder", below=True))
    undecided = replace(judged, said="")
    yield "undecided; a goal", claim(Kind.UNDECIDED, undecided)
    other = quantity("polarisation", "target", (0.7061, 0.0052, 0.696, 0.716), "1")
    control = f.GoalOfControl(arm="none", found=other, beyond_limit=True, excess=0.041, stderr=0.0074, sigma=5.5)
    yield "goal reached; the control is beyond as well", claim(Kind.GOAL_REACHED, replace(judged, controls=(control,)))
    close = replace(control, excess=-0.004, sigma=-0.5)
    yield "undecided; the control is as far", claim(Kind.UNDECIDED, replace(undecided, controls=(close,)))


def _machines() -> Iterator[Said]:
    """Numbers of a two-stroke engine in its eighth cycle, of 40000 shots."""
    efficiency = quantity("efficiency", "hc", (0.256, 0.025, 0.208, 0.312), "1")
    engine = f.MachineJudged(
        regime="engine",
        why="",
        hot=at(0.0260, 0.0029, 2),
        cold=at(-0.0194, 0.0019, 2),
        work=at(0.00667, 0.00067, 2),
        by_side=(at(0.00733, 0.00098, 2), at(0.00601, 0.00092, 2)),
        sigma=6.5,
        cycle=8,
        told=True,
        sweeps=1,
        ratio=efficiency,
        carnot=0.5,
    )
    yield "engine", claim(Kind.ENGINE, engine)
    many = replace(engine, told=False, sweeps=4, sigma=6.3)
    yield "engine; one of several sweeps", claim(Kind.ENGINE, many)
    cooling = quantity("coefficient_of_performance", "hc", (1.02, 0.06, 0.91, 1.15), "1")
    fridge = replace(
        engine,
        regime="refrigerator",
        hot=at(-0.0330, 0.0030, 2),
        cold=at(0.0165, 0.0016, 2),
        work=at(-0.0162, 0.0010, 2),
        by_side=(at(-0.0165, 0.0014, 2), at(-0.0159, 0.0014, 2)),
        ratio=cooling,
        carnot=7.0,
        sigma=10.3,
    )
    yield "refrigerator", claim(Kind.REFRIGERATOR, fridge)
    put_in = replace(engine, work=at(-0.0121, 0.0013, 2), by_side=(at(-0.0118, 0.0018, 2), at(-0.0124, 0.0019, 2)))
    braked = replace(put_in, regime="accelerator", ratio=None, carnot=None)
    yield "accelerator", claim(Kind.ACCELERATOR, braked)
    yield "heater", claim(Kind.HEATER, replace(braked, regime="heater", hot=at(-0.0190, 0.0029, 2)))
    few = replace(engine, regime="", ratio=None, carnot=None, sigma=0.9)
    faint = replace(few, why="signs", hot=at(0.031, 0.013, 2), cold=at(-0.0205, 0.0061, 2), work=at(0.0061, 0.0021, 2))
    faint = replace(faint, by_side=(at(0.0095, 0.0031, 2), at(0.0027, 0.0030, 2)))
    yield "no regime; signs", claim(Kind.NO_REGIME, faint)
    opposite = replace(few, why="signs", by_side=(at(0.0133, 0.0010, 2), at(-0.0080, 0.0009, 2)))
    yield "no regime; both sides disagree", claim(Kind.NO_REGIME, opposite)
    both = replace(few, why="no machine", cold=at(0.0194, 0.0019, 2))
    yield "no regime; no machine", claim(Kind.NO_REGIME, both)
    fromc = replace(braked, hotter=-1)
    yield "accelerator; between baths whose names are exchanged", claim(Kind.ACCELERATOR, fromc)
    equal = replace(few, why="equal baths", work=put_in.work, by_side=put_in.by_side, hotter=0)
    yield "no regime; neither bath is the colder one", claim(Kind.NO_REGIME, equal)
    yield "no regime; second law", claim(Kind.NO_REGIME, replace(engine, why="second law", cold=at(-0.0040, 0.0009, 2)))
    uneven = replace(engine, why="not balanced", by_side=(at(0.0113, 0.0010, 2), at(0.0041, 0.0009, 2)))
    yield "not balanced; a machine", claim(Kind.NOT_BALANCED, uneven)
    yield "undecided; a machine", claim(Kind.UNDECIDED, replace(engine, why="control"))


# ---- beside it ----


OVER = f.OverCopies(
    number=44,
    noun="couplers",
    spread=f.SpreadOfCopies(
        quantity="heat",
        subject="A",
        axis="time",
        at=7.07,
        unit="gap",
        pooling="estimates",
        value=0.2634,
        stderr=0.0007,
        low=0.2620,
        high=0.2648,
        tau=0.0019,
        Q=58.1,
        dof=43,
        p=0.062,
        lowest=0.2631,
        highest=0.2637,
    ),
)


def beside() -> Iterator[Said]:
    """Every finding."""
    found: dict[str, f.Finding] = {
        "direction": DIRECTION,
        "direction; by the nominal temperatures": replace(DIRECTION, stderr=0.0),
        "direction; of sides of several qubits": replace(DIRECTION, first="pair", second="bath", per_qubit=True),
        "turning": f.Turning(turned=7.01, zero_again=14.02, becomes_positive=False, axis="time"),
        "turning; after a loss": f.Turning(turned=8.7, zero_again=17.4, becomes_positive=True, axis="time"),
        "turning; not back yet": f.Turning(turned=7.01, zero_again=None, becomes_positive=False, axis="time"),
        "turning; none": f.Turning(turned=None, zero_again=None, becomes_positive=False, axis="time"),
        "control": replace(CONTROL, here=at(-0.0449, 0.0045), lowest=at(-0.1086, 0.0044, 15.7)),
        "mean of copies": OVER,
        "mean of copies; a spread that is shown": replace(OVER, spread=replace(OVER.spread, Q=73.6, p=0.0079)),
        "mean of copies; all alike": replace(OVER, spread=replace(OVER.spread, tau=0.0, Q=38.2, p=0.68)),
        "mean of copies; summed counts": replace(
            OVER,
            spread=replace(
                OVER.spread,
                quantity="mutual_information",
                subject="AB",
                unit="nat",
                pooling="summed counts",
                p=math.nan,
            ),
        ),
        "mean of copies; nothing that has a spread": replace(OVER, spread=None),
        "no control": f.NoControl(of="heat"),
        "no control; a goal": f.NoControl(of="goal"),
        "heat by cycle": f.HeatByCycle(
            bath="bath_B",
            heats=(at(0.2690, 0.0050, 1), at(0.2671, 0.0051, 2)),
            controls=(f.RangeOfControl(arm="none", lowest=at(-0.047, 0.005, 1), highest=at(-0.043, 0.005, 2)),),
        ),
        "inverted labels": f.InvertedLabels(drive=False),
        "inverted labels; the motion agrees": f.InvertedLabels(drive=True),
        "energy balance": f.EnergyBalance(
            sides=("A", "B"), mean=0.0043, worst=at(0.0134, 0.0055, 1.96), points=33, axis="time"
        ),
        "energy balance; nothing seen": f.EnergyBalance(
            sides=("A", "B"), mean=0.0, worst=at(0.001, 0.0055), points=33, axis="time"
        ),
        "names of the baths": f.NamesOfBaths(parameters=("T_h", "T_c"), temperatures=(0.3, 0.9)),
        "names of the baths; equal": f.NamesOfBaths(parameters=("T_h", "T_c"), temperatures=(0.6, 0.6)),
        "first law": f.FirstLaw(
            residual=at(0.0046, 0.0047, 2), by_side=(at(0.00733, 0.00098, 2), at(0.00601, 0.00092, 2))
        ),
        "entropy of the baths": f.EntropyOfBaths(production=at(0.0160, 0.0059, 2), change=at(-0.0046, 0.0033, 2)),
        "entropy of the baths; it falls, while the cycle is not closed": f.EntropyOfBaths(
            production=at(-0.0231, 0.0059, 2), change=at(-0.0193, 0.0033, 2)
        ),
        "control; of a machine": f.WorkOfControl(
            arm="none", work=at(0.0012, 0.0010, 2), residual=at(-0.0032, 0.0051, 2)
        ),
        "no control; a machine": f.NoControl(of="machine"),
    }
    for name, one in found.items():
        yield name, sentence(one)
    yield from _unequal_gaps()
    yield from _fits()
    yield from _coherences()
    yield from _correlations()
    yield from _fluctuations()


def _unequal_gaps() -> Iterator[Said]:
    kept = f.ExcitationBalance(
        sides=("A", "B"), excitations=at(0.0004, 0.0031), work=at(0.0143, 0.0023), points=1, axis="time"
    )
    inverted = replace(
        BY_TEMPERATURE,
        betas=(f.Measured(value=-0.522, stderr=0.015), BY_TEMPERATURE.betas[1]),
        excited=f.Measured(value=0.31, stderr=0.004),
    )
    found = {
        "direction; unequal gaps": BY_TEMPERATURE,
        "direction; unequal gaps, inverted": inverted,
        "excitation balance": kept,
        "excitation balance; work by the pair": replace(kept, work=at(-0.0196, 0.0059)),
        "excitation balance; no work seen": replace(kept, work=at(0.0031, 0.0052)),
        "excitation balance; not kept": replace(kept, excitations=at(0.0412, 0.0034)),
    }
    for name, one in found.items():
        yield name, sentence(one, UNEQUAL)


def _fits() -> Iterator[Said]:
    good = f.FitQuality(
        subject="A",
        fitted_freely=False,
        chi_square=22.3,
        degrees=30,
        p=0.84,
        frequency=(0.1999, 0.0002),
        damping=(0.0, 0.0),
    )
    yield "fit", sentence(good)
    yield "fit; rejected", sentence(replace(good, chi_square=71.2, p=3e-5, damping=(0.012, 0.002)))
    yield "fit; frequency found", sentence(replace(good, fitted_freely=True))
    yield "fit; no degree of freedom", sentence(replace(good, degrees=0, p=1.0))


def _coherences() -> Iterator[Said]:
    ratio = f.CoherenceRatio(ratio=1.0019, stderr=0.0028, judged="agrees", inverted=False)
    yield "coherence ratio", sentence(ratio)
    yield "coherence ratio; differs", sentence(replace(ratio, ratio=0.765, judged="differs"))
    yield "coherence ratio; wrong sign", sentence(replace(ratio, ratio=-0.998, judged="wrong sign"))
    inverted = replace(ratio, ratio=-0.998, judged="wrong sign", inverted=True)
    yield "coherence ratio; wrong sign, inverted", sentence(inverted)


def _correlations() -> Iterator[Said]:
    start = quantity("mutual_information", "AB", (0.598, 0.016, 0.567, 0.629), "nat")
    lowest = quantity("mutual_information", "AB", (0.0006, 0.0010, 0.0, 0.0021), "nat")
    yield "mutual information", sentence(f.Information(start=start, lowest=lowest))
    yield "mutual information; lowest at the reference", sentence(f.Information(start=start, lowest=None))
    seen = quantity("concurrence", "AB", (0.621, 0.014, 0.594, 0.648), "1")
    weak = quantity("concurrence", "AB", (0.062, 0.020, 0.018, 0.101), "1")
    none = quantity("concurrence", "AB", (0.0, 0.012, 0.0, 0.034), "1")
    anything = quantity("concurrence", "AB", (0.3, 0.4, 0.0, 1.0), "1")
    entangled = f.Entanglement(seen=True, sigma=44.4, basis=BEST, best=seen, limit=seen)
    yield "entanglement", sentence(entangled)
    yield "entanglement; not shown", sentence(replace(entangled, seen=False, sigma=2.4, best=weak, limit=weak))
    yield "entanglement; none seen", sentence(replace(entangled, seen=False, sigma=-1.0, best=none, limit=none))
    open_ended = replace(entangled, seen=False, sigma=-1.0, best=anything, limit=anything)
    yield "entanglement; neither", sentence(open_ended)
    reference = quantity("polarisation", "target", (0.4621, 0.0060, 0.450, 0.474), "1")
    yield "goal at the reference", sentence(f.GoalAtReference(found=reference))
    control = f.GoalOfControl(arm="none", found=reference, beyond_limit=False, excess=0.261, stderr=0.008, sigma=32.6)
    yield "control of a goal", sentence(control)
    yield "control of a goal; as high", sentence(replace(control, excess=-0.004, sigma=-0.5, beyond_limit=True))
    kept = replace(reference, observable="unused_information", subject="SM", unit="gap", axis="record_error", at=0.15)
    beside = f.GoalBeside(found=replace(kept, value=0.08043, stderr=0.00094, low=0.0787, high=0.0823))
    yield "second condition", sentence(beside)
    close = replace(kept, value=0.0007, stderr=0.0006, low=-0.0005, high=0.0018)
    yield "second condition; not shown", sentence(f.GoalBeside(found=close))
    broken = replace(kept, value=-0.0107, stderr=0.0009, low=-0.0125, high=-0.0089)
    yield "second condition; broken", sentence(f.GoalBeside(found=broken))
    balance = replace(
        kept, observable="heat", subject="hotbridgecold", axis="T_c", at=0.3, value=-0.0312, stderr=0.0042
    )
    yield (
        "energy balance of all parts; broken",
        sentence(f.GoalBalance(found=replace(balance, low=-0.0394, high=-0.0230))),
    )
    held = replace(balance, value=-0.0031, low=-0.0113, high=0.0051)
    yield "energy balance of all parts; held", sentence(f.GoalBalance(found=held))
    yield "control of a goal below a limit", sentence(replace(control, below=True))
    yield from _bonds()


def _bonds() -> Iterator[tuple[str, str]]:
    """Of a chain."""

    def of(name: str, subject: str, value: float, stderr: float, unit: str) -> f.Quantity:
        ends = (value, stderr, value - 2 * stderr, value + 2 * stderr)
        return replace(quantity(name, subject, ends, unit), axis="time", at=3.0)

    passed = of("transferred_energy", "q1q2", 0.1302, 0.0052, "gap")
    current = of("bond_current", "q1q2", 0.03193, 0.00041, "gap^2/hbar")
    yield "bond", sentence(f.BondAtGoal(passed=passed, current=current))
    yield "bond; X and Y were not measured", sentence(f.BondAtGoal(passed=passed, current=None))
    excess = of("preferential_pumping", "q2", 0.0928, 0.0075, "gap")
    preference = f.Preference(excess=excess, left="q1q2", right="q2q3")
    yield "preferential pumping", sentence(preference)
    weak = replace(excess, value=-0.0061)
    yield "preferential pumping; not shown", sentence(replace(preference, excess=weak))


def _fluctuations() -> Iterator[Said]:
    def place(value: float, stderr: float, sigma: float, where: float = 3.92699) -> Place:
        return Place(value=value, stderr=stderr, axis="time", at=where, sigma=sigma, trials=66)

    negative = f.Negativity(lowest=place(-0.0537, 0.0014, 37.4), move="10->01", side="A")
    yield "quasiprobability", sentence(negative)
    yield "quasiprobability; not negative", sentence(replace(negative, lowest=place(-0.0011, 0.0014, 0.0)))
    read = f.Disturbance(reading="measured", qubit="A", farthest=place(-0.0213, 0.0041, 4.3))
    yield "first reading", sentence(read)
    ancilla = replace(read, reading="ancilla", farthest=place(-0.0052, 0.0041, 0.0))
    yield "first reading; not shown to do more", sentence(ancilla)
    held = f.FluctuationTheorem(
        scheme="quantum", farthest=place(1.0029, 0.0015, 0.4), ideal=1.0, one=True, relaxation_lifts=True
    )
    yield "fluctuation theorem", sentence(held)
    yield "fluctuation theorem; above 1", sentence(replace(held, farthest=place(1.0147, 0.0015, 9.0)))
    yield "fluctuation theorem; below 1", sentence(replace(held, farthest=place(0.9853, 0.0015, 9.0)))
    two = replace(held, scheme="jarzynski-wojcik", ideal=1.003796, one=False, farthest=place(1.0047, 0.0014, 0.2))
    yield "fluctuation theorem; two readings", sentence(two)
    missing = replace(two, scheme="classical-correlation", ideal=0.898464, farthest=place(0.8979, 0.0010, 0.2))
    yield "fluctuation theorem; levels are missing", sentence(missing)
    fewer = replace(held, ideal=0.721059, one=False, farthest=place(0.7187, 0.0006, 3.4))
    yield "fluctuation theorem; not of full rank", sentence(fewer)
    ratio = f.Uncertainty(ratio=place(1.364, 0.062, 72.0), bound=18.50, bound_stderr=0.16)
    yield "uncertainty", sentence(ratio)
    above = replace(ratio, ratio=place(136.4, 4.2, 0.0), bound=133.3, bound_stderr=2.0)
    yield "uncertainty; not below", sentence(above)


# ---- checks ----

SIDES = t.Context(sides=("A", "B"), closed=True)
WORST = {
    Question.BALANCE: "Q_A + Q_B",
    Question.FIRST_LAW: "Q_h + Q_c - W - dE",
    Question.PARTS: "heat hotbridgecold",
    Question.NUMBER: "change of p01 + p10",
    Question.CONSERVATION: "Re rho_00,11",
    Question.X_FORM: "<XI>",
    Question.COHERENCE: "<XI>",
    Question.TEMPERATURES: "E_A - nominal",
    Question.START: "E_target - nominal",
    Question.IDEAL: "E_A - ideal",
    Question.NOISE_MODEL: "E_A - noise model",
    Question.SLOPES: "bond current q1q2 less the slope",
    Question.GAUSSIAN: "wick residual q1q2",
}


def checks() -> Iterator[Said]:
    """Every check, passed and not, and why it may not have been put."""
    for question in Question:
        for passed in (True, False):
            for label, found in _examples(question, passed):
                check = Check(question=question, passed=passed, finding=found)
                yield f"{check.name}: {check.flag}{label}", check.text
    for why in t.Missing:
        check = Check(question=Question.MEMBERS, passed=None, finding=t.NotTested(why=why))
        yield f"not tested; {why.value}", check.text


def _examples(question: Question, passed: bool) -> Iterator[tuple[str, t.CheckFinding]]:
    p = 0.31 if passed else 2e-6
    match question:
        case Question.MEMBERS:
            part = t.WorstPart(member=2, where="time = 7", control="", statistic=21.0, expected=13.0, setting="ZX")
            members = t.MembersTested(
                statistic=1742.0, expected=1690.0, ratio=1.03, p=p, draws=300, parts=132, left_out=0, worst=part
            )
            yield "", members
            yield "; expectation values", replace(members, worst=replace(part, member=None))
            if not passed:
                yield "; calibrations exchanged", replace(members, exchanged=1688.0)
        case Question.SETTINGS:
            worst = t.Worst(label="<ZI> in ZX minus in ZZ", value=0.012, stderr=0.005)
            settings = t.SettingsCompared(chi_square=12.1, dof=12, p=p, p_summed=p, calibrated=True, worst=worst)
            yield "", settings
            apart = t.Apart(
                chi_square=61.0,
                dof=4,
                chi_square_each=90.1,
                dof_each=20,
                p_run=1e-9,
                p_each=1e-5,
                setting="XZ",
                angle=0.09,
                stderr=0.012,
            )
            if not passed:
                yield "; states apart", replace(settings, p=3e-9, apart=apart)
                yield "; apart point by point", replace(settings, p=3e-12, apart=replace(apart, p_each=1e-12))
        case Question.AS_ASKED:
            yield "", t.MembersAsAsked(statistic=31.0, expected=30.0, p=p, noisy=False, fidelity={0: 0.9981, 1: 0.9964})
            if not passed:
                yield "; noisy device", t.MembersAsAsked(statistic=99.0, expected=30.0, p=p, noisy=True, fidelity={})
        case Question.ONE_OSCILLATION:
            quality = f.FitQuality(
                subject="A", fitted_freely=False, chi_square=22.3, degrees=30, p=p, frequency=None, damping=None
            )
            yield "", t.OneOscillation(p=p, fits=2, where={"strength": 0.5}, worst=quality)
        case Question.SCATTER:
            yield "", t.Scatter(chi_square=151.0, dof=140, p=p, settings=(90.0, 84), zero=(61.0, 56))
        case Question.CALIBRATION:
            calibration = t.Calibration(
                scale=1.02 if passed else 1.9,
                stderr=0.11,
                p_scale=p,
                as_labelled=None,
                exchanged=None,
                dof=30,
                swapped=False,
                qubits=("A", "B"),
            )
            yield "", calibration
            if not passed:
                swapped = replace(calibration, p_scale=0.2, as_labelled=91.0, exchanged=28.0, swapped=True)
                yield "; exchanged", swapped
        case Question.LEAKAGE:
            leak = t.Leak(subject="A", value=0.0021 if passed else 0.0542, stderr=0.0032, limit=0.0084)
            other = replace(leak, subject="B", value=0.0003, limit=0.0057)
            yield "", t.Leakage(p=p, calibrated=True, of_mean=(leak, other), most=None)
        case Question.SECOND_LAW:
            law = t.SecondLaw(slack=at(0.021, 0.013), entropy=at(-0.004, 0.012), falls=False, axis="time")
            yield "", law if passed else replace(law, slack=at(-0.081, 0.013))
            if not passed:
                yield "; the entropy falls", replace(law, entropy=at(-0.112, 0.012), falls=True)
        case Question.PASSES | Question.READOUT:
            shift = t.Shift(label="P(A = 1)", later="pass 4", earlier="pass 1", value=0.011, stderr=0.002, energy=False)
            drift = t.Drift(
                groups=4,
                statistic=310.0,
                expected=300.0,
                p_pooled=p,
                chi_square=8.0,
                dof=6,
                p_means=p,
                indicative=False,
                worst=shift,
            )
            yield "", drift if passed else replace(drift, moved=0.0004)
            if passed:
                yield "; one outcome only", replace(drift, dof=0)
        case _ if question in WORST:
            yield from _vanishing(question, p, passed)
        case _:
            yield from of_copies(question, passed, p)


def _vanishing(question: Question, p: float, passed: bool) -> Iterator[tuple[str, t.CheckFinding]]:
    worst = t.Worst(label=WORST[question], value=0.013, stderr=0.0055, where="time = 7")
    found = t.Vanishing(chi_square=35.2, dof=32, p=p, calibrated=True, worst=worst, context=SIDES)
    if question in (Question.TEMPERATURES, Question.START):
        measured = (
            t.Temperature(subject="A", value=1.98, low=1.81, high=2.19, nominal=2.0),
            t.Temperature(subject="B", value=19.4, low=8.1, high=-40.0, nominal=20.0),
        )
        found = replace(found, context=replace(SIDES, temperatures=measured))
    yield "", found
    if question is Question.BALANCE and not passed:
        yield "; with other subjects", replace(found, context=t.Context(sides=("pair", "bath")))
    if question is Question.X_FORM:
        yield "; of some moments", replace(found, context=replace(SIDES, words=("XI", "IX")))
    if question is Question.IDEAL and not passed:
        yield "; noisy device", replace(found, context=replace(SIDES, noisy=True), relative=0.04)
        yield "; far off", replace(found, relative=0.35)
        yield "; hardly moves", replace(found, context=replace(SIDES, noisy=True, own=True), relative=0.018, still=True)
        modelled = replace(SIDES, noisy=True, own=True, modelled=True)
        yield "; noise model", replace(found, context=modelled, relative=0.31)


# ---- warnings, plan, numbers ----


def warnings() -> Iterator[Said]:
    """What a verdict has to be read with."""
    failed = [SimpleNamespace(name="settings agree", strength="p < 0.0001, <ZI> in ZX minus in ZZ = 0.031 +- 0.005")]
    for scaled in (False, True):
        when = "error bars; scaled" if scaled else "error bars"
        yield when, rejected_bars(failed, "shot noise and readout calibration", scaled=scaled)
    failed = [SimpleNamespace(name="energy balance", strength="p < 0.0001, Q_A + Q_B = 0.483 +- 0.004 gap")]
    for controlled in (True, False):
        when = "exchange; with a control" if controlled else "exchange; without one"
        yield when, rejected_exchange(failed, ("A", "B"), controlled=controlled)
    failed = [SimpleNamespace(name="energies and the ideal", strength="p < 0.0001, E_A - ideal = -0.094 +- 0.012 gap")]
    for far in (True, False):
        yield "as declared; far off" if far else "as declared", rejected_declaration(failed, far=far)
    yield "far from ideal; circuits of the run itself", rejected_declaration(failed, far=True, own=True)
    ratios = {"deviance of members": (2107.0, 1690.0)}
    yield "scaled errors", scale_in_words(1.117, ratios)
    yield "scaled errors; nothing to widen", scale_in_words(1.0, {"deviance of members": (1701.0, 1690.0)})


def plans() -> Iterator[Said]:
    """How often a run would come to its verdict."""
    met = {"direction": 0.09, "heat": 1.0, "cold side": 1.0, "balance": 1.0, "control": 1.0}
    power = Power(shots=173, verdict={3.0: 0.017, 5.0: 0.0}, conditions={3.0: met, 5.0: met})
    yield "power", power_in_words(power, 3.0, "A", "B")
    for condition in met:
        yield f"no number of shots; {condition}", missing_in_words(condition, "A", "B")


def numbers() -> Iterator[Said]:
    """A measured number, as verdict, report and captions say it."""
    inf = math.inf
    cases = {
        "value and error": (0.2689, 0.0043, 0.2605, 0.2774, (-inf, inf)),
        "upper limit": (0.0, 0.012, 0.0, 0.0287, (0.0, 1.0)),
        "lower limit": (0.9995, 0.001, 0.9971, 1.0, (0.25, 1.0)),
        "anything": (0.2, 0.3, 0.0, 1.0, (0.0, 1.0)),
        "no upper end (a very cold qubit's inverse temperature)": (6.2, 1.9, 3.1, inf, (-inf, inf)),
        "outside of two ends (a hot qubit's temperature)": (19.4, 12.0, 8.1, -40.0, (-inf, inf)),
    }
    for name, (value, stderr, low, high, bounds) in cases.items():
        yield name, numbered(value, stderr, low, high, bounds)


SECTIONS = {
    "Headlines": ("What the verdict of a sweep comes to, by its `kind` in verdict.json.", headlines),
    "Beside the headline": ("What was found besides, one sentence each.", beside),
    "Checks": ("What the report asks of a run: the name of the check, whether it passed, and its numbers.", checks),
    "Warnings": ("What a verdict has to be read with, where a check failed.", warnings),
    "Plans": ("How often a run would come to its verdict, and why no number of shots may be enough.", plans),
    "Numbers": ("How a measured number is said.", numbers),
}


def page() -> str:
    """docs/sentences.md."""
    lines = [
        "# Every sentence, with an example",
        "",
        "Written by `tests/sentences.py` from the code that says them; the numbers are examples. When a reversal is",
        "claimed and when it is not is on the page of [the verdict](verdict.md), what the checks are is in",
        "[statistics](statistics.md).",
    ]
    for title, (what, made) in SECTIONS.items():
        lines += ["", f"## {title}", "", what, "", *(f"* **{when}.** {text}" for when, text in made())]
    return "\n".join([*lines, ""])


def main() -> None:
    """Writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=PAGE)
    parser.parse_args().out.write_text(page())


if __name__ == "__main__":
    main()
