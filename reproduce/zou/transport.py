"""The current against the temperature of the cold wall: classical particle, qubit, particle in a box."""

from __future__ import annotations

import numpy as np

from analysis.figures import Pen
from protocols import Array
from protocols.machines import maxwell_wall_current
from reproduce.drawing import Comparison, Context, Curve, Figure, Panel
from reproduce.zou.pens import BOX, CLASSICAL, LADDER, NARROW, OWN, QUBIT, REFLECTING
from theory.walls import Conductor, Gas, box, bridge, fly, ladder, most, steady

SHARES = np.linspace(0, 1, 201)
"""T_c/T_h."""
FLOWN = np.array([0.01, 0.04, 0.1, 0.25, 0.4, 0.64, 0.85])
"""T_c/T_h of the Monte Carlo."""
T_BRIDGE, T_BOX = 1.0, 6.0
"""Temperatures of the hot wall [gap; ground-state energy of the box]."""
LEVELS = 10
CHOSEN = "temperatures, contact and law of the rates are chosen here"


def currents(context: Context) -> Figure:
    """Three systems, each in its own unit."""
    return Figure(
        name="currents",
        title="Heat current against the temperature of the cold wall",
        caption=(
            "One particle carries heat from a hot to a cold wall. On the left it is classical and flies from wall to "
            "wall: once the cold wall is below a quarter of the hot one's temperature, the particle that leaves it is "
            "so slow that less heat is carried, and at T_c = 0 none. Reflections at half of the arrivals divide the "
            "current by three and leave its maximum where it is. Points are flights simulated one by one; their "
            "standard errors, at most 0.002, are smaller than the marks. In the middle a qubit, on the right a "
            "quantum particle in a box: no flight, no delay, and the current grows all the way down."
        ),
        abscissa="T$_c$/T$_h$",
        column="T_c/T_h",
        panels=((_classical(), _bridge(), _box()),),
        comparisons=(*_gas_numbers(), *_flight_numbers(), *_level_numbers()),
        inferred=(f"All curves: {CHOSEN}; the paper's are not known.",),
        notes=(
            "Units: mass 1, length 1 and T_h = 1 (classical); gap 1 and rate 1 (qubit, T_h = 1); ground-state energy "
            "of the box 1 and rate 1 (T_h = 6, ten levels, contact d = 0.3 at each end).",
            "Monte Carlo: 4000 particles with 40 flights each, seeds fixed; the quotient of mean heat and mean time.",
        ),
    )


def relative(context: Context) -> Figure:
    """All in units of their largest current, on a logarithmic axis."""
    shares = np.geomspace(1e-3, 1, 161)
    gas = maxwell_wall_current(1.0, shares)
    conductors: dict[str, tuple[Conductor, float, Pen]] = {
        "qubit": (bridge(), T_BRIDGE, QUBIT),
        "ladder of four levels": (ladder(4), T_BOX, LADDER),
        "box, contact 0.3": (box(LEVELS, 0.3), T_BOX, BOX),
        "box, contact 0.1, fermi": (box(LEVELS, 0.1, law="fermi"), T_BOX, NARROW),
    }
    curves = [_curve("classical", "classical particle", shares, gas / maxwell_wall_current(1.0, 0.25), CLASSICAL)]
    for label, (conductor, T_h, pen) in conductors.items():
        J = steady(conductor, T_h, shares * T_h).into_cold / most(conductor, T_h).current
        curves.append(_curve(label.replace(",", "").replace(" ", "-"), label, shares, J, pen))
    left = most(box(LEVELS, 0.1, law="fermi"), T_BOX)
    return Figure(
        name="relative",
        title="What is left of the current at a very cold wall",
        caption=(
            "Each current over its own maximum. The classical one has it at T_c = T_h/4 and dies as the square root "
            "of T_c. The quantum ones go to a constant: below the first gap a colder wall changes nothing any more. "
            "With a narrow contact and rates of the fermi law the maximum lies at T_c > 0, and 97 % of it are left."
        ),
        abscissa="T$_c$/T$_h$",
        column="T_c/T_h",
        logarithmic=True,
        panels=((Panel(name="relative", title="", label="J / largest J", column="J/J_max", curves=tuple(curves)),),),
        comparisons=(
            Comparison(quantity="classical, T_c of the maximum over T_h", ours=_peak(), reference="0.25", source=OWN),
            Comparison(
                quantity="box, contact 0.1, fermi: what is left at T_c = 0, share of the maximum",
                ours=left.limit / left.current,
                reference="0.96..1",
                source=OWN,
            ),
        ),
        inferred=(f"All curves: {CHOSEN}; the paper's are not known.",),
    )


def _classical() -> Panel:
    closed = (
        _curve("classical", "classical, closed form", SHARES, maxwell_wall_current(1.0, SHARES), CLASSICAL),
        _curve(
            "classical-reflecting",
            "half of the arrivals reflected",
            SHARES,
            maxwell_wall_current(1.0, SHARES, accommodation=0.5),
            REFLECTING,
        ),
    )
    flown = tuple(
        _curve(f"flights-{name}", label, FLOWN, _flown(alpha), pen, dots=True)
        for name, label, alpha, pen in (
            ("thermal", "flights", 1.0, CLASSICAL),
            ("reflecting", "", 0.5, REFLECTING),
        )
    )
    most = float(maxwell_wall_current(1.0, 0.25))
    mark = _curve("quarter", "T$_c$ = T$_h$/4", np.array([0.25, 0.25]), np.array([0.0, most]), CLASSICAL, faint=True)
    return _panel("classical", "classical particle", (*closed, *flown, mark))


def _bridge() -> Panel:
    J = steady(bridge(), T_BRIDGE, T_BRIDGE * SHARES).into_cold
    return _panel("qubit", "qubit, T$_h$ = 1 gap", (_curve("qubit", "qubit", SHARES, J, QUBIT),))


def _box() -> Panel:
    curves = tuple(
        _curve(
            f"box-{levels}",
            f"box, {levels} levels",
            SHARES,
            steady(box(levels, 0.3), T_BOX, T_BOX * SHARES).into_cold,
            pen,
        )
        for levels, pen in ((LEVELS, BOX), (4, LADDER))
    )
    return _panel("box", "box, T$_h$ = 6 ground-state energies", curves)


def _panel(name: str, title: str, curves: tuple[Curve, ...]) -> Panel:
    return Panel(name=name, title=title, label="heat current J", column="heat current J", curves=curves)


def _curve(name: str, label: str, x: Array, y: Array, pen: Pen, *, dots: bool = False, faint: bool = False) -> Curve:
    status = "sampled" if dots else "exact"
    return Curve(name=name, label=label, x=x, y=y, pen=pen, dots=dots, faint=faint, status=status, inferred=CHOSEN)


def _flown(alpha: float) -> Array:
    gases = [Gas(T_c=float(T_c), accommodation=alpha) for T_c in FLOWN]
    return np.array([fly(gas, walkers=4000, flights=40, seed=k).current for k, gas in enumerate(gases)])


def _peak() -> float:
    T_c = np.linspace(0, 1, 10001)
    return float(T_c[np.argmax(maxwell_wall_current(1.0, T_c))])


def _gas_numbers() -> list[Comparison]:
    rows = ((1.0, 0.64, "0.127662"), (1.0, 0.25, "0.199471"), (1.0, 0.04, "0.127662"), (1.0, 1e-4, "0.007899"),
            (1.6, 0.4, "0.4037012"), (1.6, 0.1, "0.3027759"))  # fmt: skip
    return [
        _compared(f"classical, T_h = {T_h}, T_c = {T_c}", Gas(T_h=T_h, T_c=T_c).current, said)
        for T_h, T_c, said in rows
    ]


def _flight_numbers() -> list[Comparison]:
    """Beside the closed form, within four standard errors; and beside a Monte Carlo of another hand, 0.3037(12)."""
    gas = Gas(T_h=1.6, T_c=0.1)
    found = fly(gas, walkers=8000, flights=50, seed=11)
    low, high = gas.current - 4 * found.stderr, gas.current + 4 * found.stderr
    title = "classical, flights one by one, T_h = 1.6, T_c = 0.1"
    closed = Comparison(
        quantity=title,
        ours=found.current,
        reference=f"{low:.4f}..{high:.4f}",
        source="the closed form",
        status="sampled",
    )
    other = Comparison(quantity=title, ours=found.current, reference="0.2985..0.3089", source=OWN, status="sampled")
    return [closed, other]


def _level_numbers() -> list[Comparison]:
    rows = (
        ("qubit", bridge(), 1.0, ((0.64, "0.085746"), (0.25, "0.175968"), (0.0, "0.183940"))),
        ("qubit", bridge(), 1.6, ((0.1, "0.2676145"), (0.0, "0.2676307"))),
        ("box, 10 levels, d = 0.3", box(10, 0.3), 6.0, ((5.0, "0.029220"), (0.1, "0.129369"))),
        ("box, 4 levels, d = 0.3", box(4, 0.3), 6.0, ((0.1, "0.127285"),)),
        ("ladder of 4 levels k^2", ladder(4), 6.0, ((0.1, "1.308929"),)),
        ("box, 10 levels, d = 0.35", box(10, 0.35), 5.0, ((3.0, "0.0693304"), (1.0, "0.1269455"), (0.1, "0.1314096"))),
    )
    return [
        _compared(f"{name}, T_h = {T_h:g}, T_c = {T_c:g}", float(steady(conductor, T_h, T_c).into_cold), said)
        for name, conductor, T_h, numbers in rows
        for T_c, said in numbers
    ]


def _compared(quantity: str, ours: float, reference: str) -> Comparison:
    return Comparison(quantity=quantity, ours=ours, reference=reference, source=OWN)
