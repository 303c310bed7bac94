"""Fig. 1 of Holdsworth and Kawai: closed evolution for three phases."""

from __future__ import annotations

import math

import numpy as np

from protocols import Array
from protocols.quantities import concurrence, entanglement_of_formation, mutual_information, negativity
from reproduce.drawing import PHASES, REFERENCE, Comparison, Context, Curve, Figure, Measure, Offer, Panel
from reproduce.pairs import closed

OMEGA = 0.1
PERIOD = math.pi / OMEGA
"""Of all energies and correlations [hbar/gap]."""
OBSERVABLES = {
    "energy-difference": ("energy_difference", "E_A - E_B (SED) [gap]", "energy_difference [gap]"),
    "concurrence": ("concurrence", "concurrence", "concurrence"),
    "mutual-information": ("mutual_information", "mutual information [nat]", "mutual_information [nat]"),
}
"""Panel -> observable of a run, label, column of the CSV."""
VALUES = {
    "energy-difference": closed.energy_difference,
    "concurrence": concurrence,
    "mutual-information": mutual_information,
}
TABLE = {
    "0": (".10860/.63730/.59545", ".07679/.64191/.60223", "0/.64648/.60898", "-.07679/.64191/.60223",
          "-.10860/.63730/.59545"),
    "+pi/2": (".10860/.63730/.59545", "-.37384/.52743/.44157", "-.63730/.10860/.03204", "-.52743/.37384/.25402",
              "-.10860/.63730/.59545"),
    "-pi/2": (".10860/.63730/.59545", ".52743/.37384/.25402", ".63730/.10860/.03204", ".37384/.52743/.44157",
              "-.10860/.63730/.59545"),
}  # fmt: skip
"""SED/concurrence/mutual information at multiples of pi/(8 Omega), for T_A = 2 and T_B = 1."""


def grid(*more: float) -> Array:
    """Times of a period, multiples of pi/(8 Omega) and others among them."""
    return np.union1d(np.linspace(0, PERIOD, 161), more)


def curves(panel: str, times: Array, T_A: float, T_B: float, stem: str = "") -> tuple[Curve, ...]:
    """One quantity for every phase.

    Args:
        panel: Name of the quantity, see `VALUES`.
        times: Shape (times,) [hbar/gap].
        T_A: Temperature of A [gap/k_B].
        T_B: Temperature of B.
        stem: What the names of the curves start with.
    """
    return tuple(
        Curve(
            name=f"{stem}{panel}-delta-{_spelled(delta)}",
            label=f"delta = {delta}",
            x=times,
            y=VALUES[panel](closed.states(closed.holdsworth(T_A, T_B, phase), times)),
            pen=PHASES[delta],
        )
        for delta, phase in closed.DELTAS.items()
    )


def measures(panel: str, T_A: float, T_B: float, place: str) -> tuple[Measure, ...]:
    """What of a run belongs to these curves.

    Args:
        panel: Name of the quantity, see `OBSERVABLES`.
        T_A: Temperature of A [gap/k_B].
        T_B: Temperature of B.
        place: Name of the panel that shows them.
    """
    return tuple(
        Measure(
            panel=place,
            observable=OBSERVABLES[panel][0],
            subject="AB",
            experiment=closed.holdsworth(T_A, T_B, phase),
            pen=PHASES[delta],
            label=f"delta = {delta}",
        )
        for delta, phase in closed.DELTAS.items()
    )


def make(context: Context) -> Figure:
    """The figure and its numbers."""
    anomalous = closed.holdsworth()
    at, height = closed.extremum(anomalous, "energy_difference", "maximum", "AB")
    times = grid(at)
    panels = tuple(
        Panel(name=name, title="", label=label, column=column, curves=curves(name, times, 2.0, 1.0))
        for name, (_, label, column) in OBSERVABLES.items()
    )
    return Figure(
        name="1",
        title="Closed evolution for three phases",
        caption="Energy difference, concurrence and mutual information of two qubits without baths, T_A = 2, T_B = 1, "
        "Omega = 0.1, over a period pi/Omega. At delta = -pi/2 heat flows from cold to hot and correlations are "
        "consumed; at +pi/2 it flows the ordinary way; at 0 only the energies move, by little.",
        abscissa="time [hbar/gap]",
        column="time [hbar/gap]",
        panels=(panels,),
        comparisons=(*_tabled(), *_extremes(at, height)),
        printed=_printed(at),
        inferred=("That the figure shows delta = 0, +pi/2 and -pi/2 over one period is inferred from the text.",),
        measures=MEASURES,
    )


MEASURES = tuple(m for panel in OBSERVABLES for m in measures(panel, 2.0, 1.0, panel))
OFFER = Offer(make=make, measures=MEASURES)


def _tabled() -> list[Comparison]:
    """Three quantities at five times for each phase."""
    times = np.arange(5) * PERIOD / 8
    rows = []
    for delta, texts in TABLE.items():
        rho = closed.states(closed.holdsworth(delta=closed.DELTAS[delta]), times)
        values = [VALUES[name](rho) for name in OBSERVABLES]
        for k, text in enumerate(texts):
            for name, value, printed in zip(OBSERVABLES, values, text.split("/"), strict=True):
                what = f"{name.replace('-', ' ')}, delta = {delta}, t = {k} pi/(8 Omega)"
                rows.append(Comparison(quantity=what, ours=float(value[k]), reference=printed, source=REFERENCE))
    return rows


def _extremes(at: float, height: float) -> list[Comparison]:
    rho = closed.initial(closed.holdsworth())
    known = float(mutual_information(rho))
    _, gained = closed.extremum(closed.holdsworth(), "heat", "maximum", "A")
    lines = (
        ("largest SED, delta = -pi/2", height, ".646482"),
        ("time of the largest SED", at, "7.010056"),
        ("period pi/Omega", PERIOD, "31.415927"),
        ("SED at time 0", float(closed.energy_difference(rho)), ".108599"),
        ("concurrence at time 0", float(concurrence(rho)), ".637295"),
        ("mutual information at time 0 [nat]", known, ".595453"),
        ("mutual information at time 0 [bit]", known / math.log(2), ".859057"),
        ("negativity at time 0", float(negativity(rho)), ".187631"),
        ("entanglement of formation at time 0 [ebit]", float(entanglement_of_formation(rho)), ".513903"),
        ("largest heat into A", gained, ".268941"),
        ("largest efficiency of the isolated pair Q_B/(T_A I_0)", gained / (2.0 * known), ".225829"),
    )
    return [Comparison(quantity=q, ours=v, reference=r, source=REFERENCE) for q, v, r in lines]


def _printed(at: float) -> tuple[str, ...]:
    l1, l2, l3, l4 = np.real(np.diag(closed.initial(closed.holdsworth(delta=None))))
    C0 = 2 * math.sqrt(l4)
    return (
        f"App. B: rho_11(t) = lambda_1 - lambda_4 = {l1 - l4:.6f}; printed is lambda_1 - lambda_2 = {l1 - l2:.6f}.",
        "(B2c): the sine term of Delta_AB(0) has the sign + inside the braces, -i {sin(delta) C_0 cos x + D_0 sin x}.",
        "(B3): E_A, E_B = [lambda_4 - lambda_1 +- D_0 cos x -+ sin(delta) C_0 sin x]/2; the printed constant and "
        "signs of "
        f"D_0 would let the energy difference start at {l2 - l3:.6f} instead of {l3 - l2:.6f}.",
        "Second conserved quantity: e^(i phi) rho_32 + e^(-i phi) rho_23 = 0 without the further conjugate.",
        f"The period pi/Omega = {PERIOD:.6f} is not where the SED first peaks ({at:.6f}).",
        f"At delta = 0 the interaction has <V> = Omega C_0 cos(delta) = {OMEGA * C0:.6f}: that switching costs nothing "
        "holds only at delta = +-pi/2.",
    )


def _spelled(delta: str) -> str:
    """delta in a file name: minus-pi-2, 0, plus-pi-2."""
    return delta.replace("-", "minus-").replace("+", "plus-").replace("/", "-")
