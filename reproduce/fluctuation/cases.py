"""The five exchanges whose numbers are compared, and what `predict` says of each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from protocols import Array
from protocols.heat_exchange import HeatExchange
from protocols.pair import product

OWN = "this project's own numbers"
"""Their source: matrices of the whole Hilbert space and closed forms, by two people's routes; no paper's."""
HALF_WAY, BEST = 3.9269908, 7.010056
"""An eighth of the period, and the time of most heat [hbar/gap]."""
LATER = 5.0
"""Omega t = 0.5."""
ROWS = {
    "Q_A": "heat A",
    "two readings: P(+1)": "heat_probability +1 two-point",
    "two readings: P(-1)": "heat_probability -1 two-point",
    "two readings: P(+1)/P(-1)": "exchange_ratio AB",
    "<e^-sigma>": "fluctuation_average AB jarzynski-wojcik",
    "<e^-(sigma + I)>, classical": "fluctuation_average AB classical-correlation",
    "<e^-(sigma + I)>, quantum": "fluctuation_average AB quantum",
    "Re q(01->01)": "quasiprobability 01->01",
    "Re q(01->10)": "quasiprobability 01->10",
    "Re q(10->01)": "quasiprobability 10->01",
    "Re q(10->10)": "quasiprobability 10->10",
    "Var, Margenau-Hill": "heat_variance A margenau-hill",
    "Var, Bayesian": "heat_variance A bayesian",
    "Var/Q^2": "uncertainty_ratio AB",
    "2/|Sigma|": "uncertainty_bound AB steady-state",
}
"""Quantity -> observable, subject and scheme of a table."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One exchange with its numbers."""

    title: str
    experiment: HeatExchange
    printed: str
    """In the order of `ROWS`."""
    second: str
    """<q^2> of Margenau and Hill, and <sigma + I> = beta.Q + I_0, the mean of what the quantum theorem averages."""


def cases() -> Mapping[str, Case]:
    """By name, in the order of the page."""
    default = HeatExchange(time=HALF_WAY)
    p01, p10 = product(np.array([1.8]), np.array([0.9])).populations[0, 1:3]
    bound = math.sqrt(p01 * p10)
    cooler = HeatExchange(T_A=1.8, T_B=0.9, time=LATER)
    coherent = replace(cooler, correlation="coherent", alpha=0.9 * bound, correlation_phase=math.pi / 2)
    return {
        "half-way": Case(
            title="defaults, t = 3.9269908",
            experiment=default,
            printed="0.2094139 0.0393856 0.0552896 0.712351 1.0037955 0.8984637 0.7210589 0.1168969 0.1520445 "
            "-0.0573694 0.4349101 0.0508209 0.2350870 1.158861 19.10",
            second="0.0946751 0.4907463",
        ),
        "best": Case(
            title="defaults, t = 7.010056",
            experiment=replace(default, time=BEST),
            printed="0.2689414 0.1118817 0.1570598 0.712351 1.0107818 0.8984637 0.7310586 0.0000000 0.2689414 "
            "0.0000000 0.3775407 0.1966120 0.1966119 2.718282 14.87",
            second="0.2689414 0.4609825",
        ),
        "weaker": Case(
            title="strength 0.8, T = 1.8, 0.9, Omega t = 0.5",
            experiment=replace(cooler, strength=0.8),
            printed="0.1754086 0.0527745 0.0796468 0.662607 1.0052575 1 1 0.0756904 0.1539149 -0.0214937 0.3680116 "
            "0.1016531 0.1929506 3.303840 20.52",
            second="0.1324213 0.2151404",
        ),
        "coherent": Case(
            title="coherent at 0.9, T = 1.8, 0.9, Omega t = 0.5",
            experiment=coherent,
            printed="0.1304698 0.0361716 0.0630439 0.573753 1 1 1 0.0425287 0.1148427 -0.0156272 0.2899112 0.0821931 "
            "0.1367010 4.828534 27.59",
            second="0.0992155 0.1299642",
        ),
        "uncorrelated": Case(
            title="uncorrelated, T = 1.8, 0.9, Omega t = 0.5",
            experiment=replace(cooler, correlation="none"),
            printed="-0.0268722 0.0361716 0.0630439 0.573753 1 1 1 0.1211998 0.0361716 0.0630439 0.2112402 0.0984934 "
            "0.0984934 136.3953 133.967",
            second="0.0992155 0.0149290",
        ),
    }


@cache
def values(experiment: HeatExchange) -> Mapping[str, Array]:
    """What `predict` gives along time, by "observable subject scheme", (times,) each.

    Args:
        experiment: With one or several times.
    """
    from analysis.prediction import predict

    table = predict(experiment, {"control": "dephased"})
    main = table[table["arm"] == "main"] if "arm" in table else table
    names = main[["observable", "subject", "scheme"]].agg(" ".join, axis=1).str.strip()
    return {str(name): rows.to_numpy() for name, rows in main["ideal"].groupby(names, sort=False)}


def sums(experiment: HeatExchange) -> tuple[float, float]:
    """<q^2> of Margenau and Hill, and beta.Q + I_0, from rows of a table.

    Args:
        experiment: With one time.
    """
    found = values(experiment)
    second = sum(float(found[f"heat_probability {heat} margenau-hill"][0]) for heat in ("+1", "-1"))
    both = values(replace(experiment, time=[0.0, float(np.max(np.asarray(experiment.time)))]))
    return second, float(both["clausius_sum AB"][1] + both["mutual_information AB"][0])
