"""N sites with a bath each, under local and under band rates."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from reproduce.drawing import ANOMALOUS, COLD, SECOND, THIRD, Context, Curve, Figure, Offer, Panel, compared
from reproduce.thermophoresis.system import OWN
from theory.thermophoresis import Chain

FIELD = tuple(np.linspace(1.0, 0.5, 7))
"""Temperatures along seven sites."""
HOPS = np.linspace(0.002, 0.45, 113)
PENS = {0.05: SECOND, 0.2: THIRD, 0.45: COLD}
UNKNOWN = "The N-site Hamiltonian of the paper and how its baths couple."


def sites(context: Context) -> Figure:
    """P_i along a chain."""
    place = np.arange(1, len(FIELD) + 1)
    found = {J: Chain(temperatures=FIELD, hopping=J).under_band_rates().sites for J in PENS}
    local = Chain(temperatures=FIELD).sites
    curves = [Curve(name="local", label="local rates, any J: 1 + e^{1/T_i}", x=place, y=local, pen=ANOMALOUS)]
    curves += [
        Curve(name=f"band-{J:g}", label=f"band rates, J = {J:g}", x=place, y=y, pen=PENS[J], dots=True)
        for J, y in found.items()
    ]
    panel = Panel(
        name="sites", title="", label="probability of the site", column="population", curves=tuple(curves), zero=False
    )
    caption = (
        "A particle on seven sites with baths from 1 (left) to 0.5 (right), trapped at a site or mobile in a band "
        "above. Local rates give every site the weight 1 + e^{1/T_i}, whatever the hopping. Rates between sites and "
        "modes of the whole band know of delocalisation: the stronger the hopping J, the weaker the segregation."
    )
    two, three = Chain(temperatures=(1.0, 0.5)).sites, Chain(temperatures=(1.0, 0.75, 0.5)).sites
    texts = [(two, ("0.307110", "0.692890")), (three, ("0.220004", "0.283632", "0.496364"))]
    lines = [
        (f"{len(ours)} sites, local rates: P_{i + 1}", ours[i], text)
        for ours, printed in texts
        for i, text in enumerate(printed)
    ]
    return Figure(
        name="sites",
        title="A chain of sites",
        caption=caption,
        abscissa="site",
        column="site",
        panels=((panel,),),
        comparisons=compared(lines),
        inferred=(UNKNOWN,),
        notes=(OWN,),
    )


def hopping(context: Context) -> Figure:
    """Local against band rates, two sites, against J."""
    rest = [Chain(temperatures=(1.0, 0.5), hopping=J).under_band_rates() for J in HOPS]
    drift = np.array([one.sites[1] - one.sites[0] for one in rest])
    heat = np.array([one.heats[0] for one in rest])
    local = Chain(temperatures=(1.0, 0.5)).sites
    constant = np.full(len(HOPS), local[1] - local[0])
    panels = (
        Panel(
            name="drift", title="segregation", label="P_2 - P_1", column="displacement", zero=False,
            curves=(
                Curve(name="drift-band", label="band rates", x=HOPS, y=drift, pen=ANOMALOUS),
                Curve(name="drift-local", label="local rates", x=HOPS, y=constant, pen=SECOND),
            ),
        ),
        Panel(
            name="heat", title="heat from the hot bath", label="heat / time [gap x rate]", column="heat [gap x rate]",
            curves=(
                Curve(name="heat-band", label="band rates", x=HOPS, y=heat, pen=ANOMALOUS),
                Curve(name="heat-local", label="local rates", x=HOPS, y=0 * HOPS, pen=SECOND),
            ),
        ),
    )  # fmt: skip
    caption = (
        "Two sites at 1 and 0.5, against the hopping J of the mobile levels. Local rates know nothing of J and carry "
        "no heat; under band rates heat flows from hot to cold, and segregation goes down with it. They meet where J "
        "goes to zero. Which of them a device follows is a matter of J against the rates of its baths."
    )
    at = Chain(temperatures=(1.0, 0.5), hopping=0.2).under_band_rates()
    lines = (
        ("band rates, J = 0.2: P_1", at.sites[0], "0.321371"),
        ("band rates, J = 0.2: P_2", at.sites[1], "0.678629"),
        ("band rates, J = 0.2: heat from the hot bath", at.heats[0], "0.0021011"),
    )
    return Figure(
        name="hopping",
        title="Local against band rates",
        caption=caption,
        abscissa="hopping J [gap]",
        column="J [gap]",
        panels=(panels,),
        comparisons=compared(lines),
        inferred=(UNKNOWN,),
        notes=(OWN,),
    )


OFFERS: Mapping[str, Offer] = {
    "sites": Offer(make=sites, measures=()),
    "hopping": Offer(make=hopping, measures=()),
}
