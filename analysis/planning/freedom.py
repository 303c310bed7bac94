"""What setting other parameters of a correlated pair free would gain: the phase, the strength, the family."""

from __future__ import annotations

import cmath
import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.planning.effect import Effect, effects
from protocols import Experiment
from protocols.heat_exchange import HeatExchange


@dataclass(frozen=True, kw_only=True)
class Freedom:
    """The best that freeing something gives."""

    what: str
    """"phase", "strength", "family" or "everything"."""
    change: Mapping[str, str]
    """What to type after --set."""
    effect: Effect


def freedoms(experiment: Experiment, effect: Effect) -> tuple[Freedom, ...]:
    """What freeing the correlation phase, the strength up to its limit, the family, or all of them would give.

    Args:
        experiment: The protocol; nothing is known of others than heat-exchange.
        effect: Of one combination of its fields.
    """
    if not isinstance(experiment, HeatExchange):
        return ()
    now = _alone(experiment, effect)
    correlated = now.correlation != "none"
    found = [("phase", _phases(now)), ("strength", _strongest(now))] if correlated else []
    others = [family for family in ("entangled", "coherent") if family != now.correlation]
    found += [("family", [c for family in others for c in _families(now, family)])]
    every = [c for family in ("entangled", "coherent") for c in _families(now, family)]
    found += [("everything", [{**c, **p} for c in every for p in _phases(_changed(now, c))])]
    best = [_best(now, what, changes) for what, changes in found]
    return tuple(one for one in best if one is not None)


def _alone(experiment: HeatExchange, effect: Effect) -> HeatExchange:
    """The protocol at one combination of its fields."""
    fields = {f.name for f in dataclasses.fields(experiment)}
    given = {name: value for name, value in effect.where.items() if name in fields}
    return dataclasses.replace(experiment, **given, time=0.0)


def _changed(experiment: HeatExchange, change: Mapping[str, str]) -> HeatExchange:
    from protocols.program import build

    own = {f.name: getattr(experiment, f.name) for f in dataclasses.fields(experiment)}
    text = {name: _text(value) for name, value in own.items() if value is not None}
    merged = {**text, **change}
    return build(HeatExchange, {name: value for name, value in merged.items() if value != "auto"})


def _phases(experiment: HeatExchange) -> list[dict[str, str]]:
    """Both phases of the correlation at which all of it drives energy, delta = +-pi/2."""
    negative = experiment.alpha is not None and float(np.asarray(experiment.alpha)) < 0
    axis = float(np.asarray(experiment.coupling_phase)) + (math.pi if negative else 0.0)
    return [{"correlation_phase": turn(axis + side * math.pi / 2)} for side in (1, -1)]


def _strongest(experiment: HeatExchange) -> list[dict[str, str]]:
    """The limit of the family that is set."""
    if experiment.correlation == "entangled":
        return [{"strength": "1"}]
    sign = -1.0 if float(np.asarray(experiment.alpha)) < 0 else 1.0
    return [{"alpha": _text(sign * _bound(experiment))}]


def _families(experiment: HeatExchange, family: str) -> list[dict[str, str]]:
    """A family at its limit, with the phase of the coherence that is set; with the best one where there is none."""
    axis, phase = float(np.asarray(experiment.coupling_phase)), _phase(experiment)
    phases = [axis + math.pi / 2, axis - math.pi / 2] if phase is None else [phase]
    limit = {"strength": "1", "alpha": "auto"}
    if family == "coherent":
        limit = {"alpha": _text(_bound(experiment)), "strength": "auto"}
    return [{"correlation": family, **limit, "correlation_phase": turn(one)} for one in phases]


def _phase(experiment: HeatExchange) -> float | None:
    """Of rho_{01,10}; None without one."""
    points = experiment.points({}, "nominal")
    states = experiment.state(points)
    coherence = complex(states[0, 1, 2])
    return cmath.phase(coherence) if abs(coherence) > 1e-12 else None


def _bound(experiment: HeatExchange) -> float:
    """sqrt(lambda_2 lambda_3), rounded down to 9 digits after the point."""
    beta = 1 / float(np.asarray(experiment.T_A)) + 1 / float(np.asarray(experiment.T_B))
    Z = math.prod(1 + math.exp(-1 / float(np.asarray(T))) for T in (experiment.T_A, experiment.T_B))
    return math.floor(math.exp(-beta / 2) / Z * 1e9) / 1e9


def _best(now: HeatExchange, what: str, changes: list[dict[str, str]]) -> Freedom | None:
    """The change with the largest effect; of equal ones that which has it first."""
    found: list[Freedom] = []
    for change in changes:
        changed = _changed(now, change)
        (effect,) = effects(changed, changed.points({}, "nominal"))
        found.append(Freedom(what=what, change=change, effect=effect))
    return max(found, key=lambda f: (round(f.effect.available, 9), -f.effect.time), default=None)


def turn(angle: float) -> str:
    """An angle as typed after --set, within -pi .. pi, as a fraction of pi where it is one.

    Examples:
        >>> turn(math.pi / 2), turn(5 * math.pi / 4), turn(0.3)
        ('pi/2', '-3*pi/4', '0.3')
    """
    angle = math.remainder(angle, 2 * math.pi)
    for denominator in (1, 2, 3, 4, 6, 8):
        number = angle * denominator / math.pi
        if abs(number - round(number)) < 1e-12:
            over = round(number)
            if not over:
                return "0"
            if denominator == 1:
                return "pi"  # -pi is the same
            head = {1: "pi", -1: "-pi"}.get(over, f"{over}*pi")
            return f"{head}/{denominator}"
    return f"{angle:.12g}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else repr(float(np.asarray(value)))
