"""What a planner should not overlook, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.planning.effect import Effect
from analysis.planning.proposal import CLAIMED, ENOUGH, SEEN, Proposal
from analysis.verdict.wording.numbers import pm
from protocols import Program


def warnings_of(proposal: Proposal, program: Program) -> tuple[str, ...]:
    """All of one proposal."""
    return (*_time(proposal), *_budget(proposal, program), *_device(proposal))


def nothing_to_see(effect: Effect) -> str:
    """Said where no time heats the hot qubit."""
    which = f"the hot qubit {effect.subject}" if effect.directed else "either qubit"
    return (
        f"no time heats {which}: nothing correlates the qubits, or their coherence has no part "
        "that drives energy, Im e^(-i coupling_phase) rho_01,10 = 0"
    )


def _time(proposal: Proposal) -> Iterator[str]:
    effect, best = proposal.effect, proposal.best_asked
    if best is not None and best[1] < ENOUGH:
        yield (
            f"time {best[0]:.6g}, the best of those set, reaches {100 * best[1]:.1f} % of the available effect; "
            f"{proposal.time:.9g} reaches all of it"
        )
    if effect.forward_until is not None:
        better = next((f for f in proposal.freedoms if f.what == "phase"), None)
        said = f"the flow goes forward first: net heat out of the hot qubit until time {effect.forward_until:.6g}"
        if better is not None and better.effect.forward_until is None:
            phase = better.change["correlation_phase"]
            said += f"; correlation_phase={phase} turns it at once and has its best time at {better.effect.time:.6g}"
        yield said
    if not effect.directed:
        yield (
            "equal temperatures: no qubit is the hot one, and there is no direction to reverse; the plan is for the "
            f"qubit that gains first, {effect.subject}"
        )


def _budget(proposal: Proposal, program: Program) -> Iterator[str]:
    if proposal.sigma < SEEN:
        needed = proposal.shots[SEEN]
        how = f"{needed} shots would" if needed is not None else "no number of shots does"
        yield f"{program.shots} shots do not reach {SEEN:g} sigma but {max(proposal.sigma, 0):.2f}: {how}"
    elif proposal.sigma < CLAIMED:
        needed = proposal.shots[CLAIMED]
        how = f"{needed} shots would" if needed is not None else "no number of shots does"
        yield f"{program.shots} shots reach {proposal.sigma:.2f} sigma, not {CLAIMED:g}: {how}"
    if proposal.effect.directed and proposal.direction < SEEN:
        factor = (SEEN / max(proposal.direction, 1e-9)) ** 2
        yield (
            f"the temperatures are told apart by {proposal.direction:.1f} sigma at time 0, below {SEEN:g}: the verdict "
            f"will have no direction; about {float(f'{program.shots * factor:.2g}'):.0f} shots tell them apart"
        )


def _device(proposal: Proposal) -> Iterator[str]:
    available = proposal.effect.available
    if proposal.heat < ENOUGH * available:
        yield (
            f"the device leaves {pm(proposal.heat, proposal.stderr)} of {available:.6g} gap, "
            f"{100 * proposal.heat / available:.0f} %"
        )
    for arm, (heat, stderr) in proposal.controls.items():
        if heat > SEEN * stderr:
            yield f"the control {arm} is heated too, by {pm(heat, stderr)} gap: the device alone looks like the effect"
