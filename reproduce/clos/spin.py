"""A spin among the phonons of a few ions: how it relaxes, and how much it fluctuates afterwards."""

from __future__ import annotations

from functools import cache

import numpy as np

from analysis.figures import Pen
from protocols import Array, chain
from reproduce.clos.chains import couplings
from reproduce.drawing import (
    ANOMALOUS,
    COLD,
    REFERENCE,
    SECOND,
    THIRD,
    UNCORRELATED,
    Comparison,
    Context,
    Curve,
    Figure,
    Panel,
)
from theory.phonons import LongTime, SpinPhonon, canonical, expectation, long_time

FREQUENCIES = (1.0, 1.73, 2.4)
COUPLINGS = {1: 0.8, 2: 0.57, 3: 0.46}
"""Lamb-Dicke parameter of every mode, by their number: about 0.8/sqrt of it."""
CUTOFFS = {1: (12,), 2: (10, 8), 3: (7, 6, 5)}
PRINTED = {1: ("-0.0896", "0.1227", "4.85"), 2: ("-0.0950", "0.0373", "10.43"), 3: ("-0.1081", "0.0161", "19.65")}
PENS = {1: SECOND, 2: THIRD, 3: ANOMALOUS}
CHAINS = range(2, 21)
SAID = (
    "w_z = Omega = 1 (the first mode's frequency), frequencies 1, 1.73, 2.4, Lamb-Dicke parameters 0.8; 0.57; 0.46 for "
    "one, two and three modes, n-bar = 0.5, spin up: chosen here, none the paper's."
)


def system(modes: int) -> SpinPhonon:
    """The spin with one, two or three modes.

    Args:
        modes: How many.
    """
    return SpinPhonon(frequencies=FREQUENCIES[:modes], couplings=(COUPLINGS[modes],) * modes, cutoffs=CUTOFFS[modes])


def relaxation(context: Context) -> Figure:
    """<Z> along time, with its average over all times."""
    times = np.linspace(0, 40, 401)
    panels = []
    for modes in PENS:
        one = system(modes)
        seen = expectation(one.hamiltonian, one.start, one.spin, times)
        settled, thermal = _settled(modes).mean, canonical(one.hamiltonian, one.start, one.spin)[0]
        panels.append(
            Panel(
                name=f"modes-{modes}",
                title=f"{modes} mode{'s' * (modes > 1)}",
                label="<Z>",
                column="Z",
                curves=(
                    Curve(name=f"Z-{modes}", label="<Z>", x=times, y=seen, pen=ANOMALOUS),
                    _level(f"mean-{modes}", "average over all times", times, settled, UNCORRELATED),
                    _level(f"canonical-{modes}", "canonical, of the same energy", times, thermal, COLD),
                ),
            )
        )
    lines = [
        Comparison(
            quantity=f"{modes} mode{'s' * (modes > 1)}: <Z> over all times",
            ours=_settled(modes).mean,
            reference=texts[0],
            source=REFERENCE,
            status=_known(modes, "mean"),
        )
        for modes, texts in PRINTED.items()
    ]
    return Figure(
        name="relaxation",
        title="A spin relaxes among phonons",
        caption="A spin that starts up, coupled to one, two and three thermal modes, w_1 the frequency of the first. "
        "It falls to an average that is the same ever after, and fluctuates about it the less the more modes there "
        "are. Nothing is lost: all of it is one unitary evolution. The average is not yet that of a thermal state of "
        "the same energy.",
        abscissa="time [1/w_1]",
        level=True,
        column="time [1/w_1]",
        panels=(tuple(panels),),
        comparisons=tuple(lines),
        inferred=("The Hamiltonian's form is from memory, cut-offs and parameters were found by a search.",),
        notes=(SAID, _canonical()),
    )


def fluctuations(context: Context) -> Figure:
    """Variance over all times against the effective dimension."""
    spins = [_settled(modes) for modes in PENS]
    uniform, engineered = ([_chain(N, profile) for N in CHAINS] for profile in ("uniform", "engineered"))
    dimensions = np.geomspace(1.9, 25, 57)
    curves = (
        Curve(name="bound", label="1/d_eff", x=dimensions, y=1 / dimensions, pen=UNCORRELATED),
        _curve("spin", "spin, 1 to 3 modes", spins, 1, ANOMALOUS),
        _curve("uniform", "uniform chain, N = 2 to 20", uniform, 4, COLD),
        _curve("engineered", "engineered chain", engineered, 4, THIRD),
    )
    lines = [
        Comparison(
            quantity=f"{modes} mode{'s' * (modes > 1)}: {what}",
            ours=value,
            reference=text,
            source=REFERENCE,
            status=_known(modes, field),
        )
        for modes, texts in PRINTED.items()
        for what, field, value, text in (
            ("variance of Z over all times", "variance", _settled(modes).variance, texts[1]),
            ("effective dimension", "effective_dimension", _settled(modes).effective_dimension, texts[2]),
        )
    ]
    lines += [
        Comparison(
            quantity=f"uniform chain of {N}: effective dimension",
            ours=_chain(N, "uniform").effective_dimension,
            reference=text,
            source="2 (N + 1)/3, the closed form",
        )
        for N, text in ((4, "3.33333"), (8, "6.00000"))
    ]
    return Figure(
        name="fluctuations",
        title="Why larger systems are quieter",
        caption="Variance over all times of Z of the spin, and of Z of the first site of a chain, against the number "
        "of energies that the state takes part in. Where no energy gap occurs twice the variance "
        "is below 1/d_eff. In a chain gaps do: energies come in pairs +-E or are equally spaced, and fluctuations "
        "may be larger, the engineered chain's are: it revives for ever.",
        abscissa="effective dimension d_eff",
        column="d_eff",
        logarithmic=True,
        panels=(
            (Panel(name="fluctuations", title="", label="variance of Z over all times", column="variance",
                   curves=curves, zero=False, logarithmic=True),),
        ),
        comparisons=tuple(lines),
        inferred=("The Hamiltonian's form is from memory, cut-offs and parameters were found by a search.",),
        notes=(SAID, "Cut-offs: 12 number states; 10 and 8; 7, 6 and 5. One more in every mode changes a number by "
               "what stands beside it."),
    )  # fmt: skip


def _level(name: str, label: str, times: Array, value: float, pen: Pen) -> Curve:
    return Curve(name=name, label=label, x=times, y=np.full_like(times, value), pen=pen)


def _curve(name: str, label: str, found: list[LongTime], factor: float, pen: Pen) -> Curve:
    """Z = 1 - 2 n has four times the variance of a population."""
    x = np.array([one.effective_dimension for one in found])
    y = np.array([factor * one.variance for one in found])
    return Curve(name=name, label=label, x=x, y=y, pen=pen, dots=True)


@cache
def _settled(modes: int) -> LongTime:
    one = system(modes)
    return long_time(one.hamiltonian, one.start, one.spin)


@cache
def _deeper(modes: int) -> LongTime:
    one = system(modes).deeper()
    return long_time(one.hamiltonian, one.start, one.spin)


def _known(modes: int, field: str) -> str:
    """What one number state more in every mode changes."""
    change = abs(getattr(_deeper(modes), field) - getattr(_settled(modes), field))
    return f"exact at its cut-offs; deeper ones change it by {change:.1g}"


@cache
def _chain(sites: int, profile: str) -> LongTime:
    first = np.zeros((sites, sites))
    first[0, 0] = 1
    return long_time(chain.hopping(couplings(sites, profile)), first, first)


def _canonical() -> str:
    found = []
    for modes in PENS:
        one = system(modes)
        seen, beta = canonical(one.hamiltonian, one.start, one.spin)
        found.append(f"{seen:.3f} at T = {1 / beta:.2f} ({modes})")
    return (
        f"A canonical state of the same energy and cut-offs has <Z> = {', '.join(found)}: so few modes relax, but not "
        "to thermal averages."
    )
