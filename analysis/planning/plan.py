"""A plan: what a run will show, where it shows most, what that takes and what would be better, before any shot."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from analysis.planning.allocation import allocate
from analysis.planning.comparison import SettingsRow, compare_settings
from analysis.planning.effect import Effect, effects
from analysis.planning.expectation import Expectation, expect
from analysis.planning.freedom import Freedom, freedoms
from analysis.planning.machines import Naming, Tuning, namings, tunings
from analysis.planning.power import Power, asked_power, fewest_shots, missing_in_words, power_in_words, taken
from analysis.planning.program import at, for_hardware, without_controls
from analysis.planning.proposal import ENOUGH, LEVELS, PROMISED, SEEN, Proposal, propose
from analysis.planning.sweep import OperatingPoint, operating_points, period_table, reversal_of, sweep_table
from analysis.planning.target import check_target, qubit_word
from analysis.verdict import Verdict, headline, pm
from devices import Device
from devices.gain import Gain, fractional_gain
from devices.record import swept_parameters
from devices.remote import Duration
from protocols import Program, RequestError
from protocols.program import machine_of

if typing.TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 64
"""Combinations of swept fields that are planned at once."""
MOST_SIMULATED = 8
"""Of them, for the power of the run as it was asked for."""
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True, eq=False)
class Planned:
    """The plan of a request."""

    program: Program
    device: Device
    target: str | None
    effects: tuple[Effect, ...]
    """Of every combination; empty where no best point is searched."""
    without: tuple[tuple[Effect, tuple[Freedom, ...]], ...]
    """Combinations that have none, with what freeing something would give."""
    proposals: tuple[Proposal, ...]
    """Of those that have an effect."""
    asked: Expectation
    """The run as it was asked for."""
    asked_duration: Duration
    asked_power: tuple[Power, ...]
    """How often the run as it was asked for says "reversed", for every effect; empty where that was not simulated."""
    sweep: pd.DataFrame
    """Along the axis; see `period_table` and `sweep_table`."""
    settings: tuple[SettingsRow, ...]
    """Sets of settings for the first proposal; empty without one."""
    warnings: tuple[str, ...]
    namings: tuple[Naming, ...] = ()
    """Of a machine between two baths: how often every sweep of it will be named."""
    tunings: tuple[tuple[Tuning, ...], ...] = ()
    """Where a cycle of each gives most."""
    fractional: Gain | None = None
    """What gates of any angle would gain; None where the device has none."""

    @property
    def copies(self) -> int:
        """Of the experiment, measured side by side."""
        return self.asked.copies

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Of the run as it was asked for."""
        return self.asked.verdicts

    @property
    def headline(self) -> str:
        """What the run as asked for will say."""
        return headline(self.verdicts)

    @property
    def operating_points(self) -> tuple[OperatingPoint, ...]:
        """Of a protocol that has a goal, or two sides: the best of the points that were set."""
        program = self.program
        goal = program.experiment.goal(program.points) or reversal_of(self.asked)
        return () if self.effects else operating_points(self.sweep, goal, program.shots, fewest_shots(self.asked))

    @property
    def swept(self) -> tuple[str, ...]:
        """Fields other than the axis that take several values."""
        return others_of(self.program)


def plan(
    program: Program,
    device: Device,
    *,
    target: str | None = None,
    calibration_follows: bool = True,
    progress: Progress = lambda what, done, of: None,
) -> Planned:
    """Plans a run.

    Args:
        program: As it would run, with even shots.
        device: Where.
        target: For which shots are allocated; None: evenly.
        calibration_follows: Whether the shots of the calibration follow those of the rest.
        progress: Called between the steps.

    Raises:
        RequestError: If the device cannot run the program or does not know its probabilities, the target does not
            apply, or too many combinations are swept.
    """
    found = _plannable_effects(program, target)
    progress("planning what was asked for", 0, 1)
    wanted = program if target is None else allocate(program, device, target)
    asked = expect(wanted, device)
    swept = others_of(program)
    proposals: list[Proposal] = []
    tables: list[pd.DataFrame] = []
    for effect in found:
        progress(f"planning {len(proposals) + 1} of {len(found)}", 0, 1)
        if effect.available:
            proposals.append(
                propose(program, device, effect, swept=swept, target=target, calibration_follows=calibration_follows)
            )
            tables.append(period_table(program, device, proposals[-1]))
    return Planned(
        program=program,
        device=device,
        target=target,
        effects=found,
        without=tuple((e, freedoms(program.experiment, e)) for e in found if not e.available),
        proposals=tuple(proposals),
        asked=asked,
        asked_duration=taken(asked, device, for_hardware(program)),
        fractional=fractional_gain(program, device),
        asked_power=asked_power(asked, found, LEVELS) if len(found) <= MOST_SIMULATED and asked.copies == 1 else (),
        sweep=_one_table(tables) if tables else sweep_table(asked),
        settings=_settings(program, device, proposals),
        warnings=_warnings(program, found, proposals),
        **_of_machine(asked),
    )


def _of_machine(asked: Expectation) -> dict[str, typing.Any]:
    """How often a machine will be named, and where it gives most; nothing for what is none."""
    experiment = asked.program.experiment
    machine = machine_of(experiment)
    if machine is None or len(asked.verdicts) > MOST_SIMULATED:
        return {}
    named = namings(asked, machine)
    return {
        "namings": named,
        "tunings": tuple(tunings(experiment, machine, one.where, one.regime) for one in named),
    }


def _plannable_effects(program: Program, target: str | None) -> tuple[Effect, ...]:
    """The effect of every combination, refused where the target does not apply or there are too many of them."""
    if target is not None:
        check_target(program.experiment, target)
    found = effects(program.experiment, program.points)
    if len(found) > MOST_ROWS:
        raise RequestError(
            f"Argument `set` must give at most {MOST_ROWS} combinations to plan, but gives {len(found)}. Sweep fewer "
            "values."
        )
    return found


def others_of(program: Program) -> tuple[str, ...]:
    """Fields other than the axis that take several values."""
    axis = program.experiment.axis
    return tuple(name for name in swept_parameters(program.points, axis) if name != axis)


def _settings(program: Program, device: Device, proposals: list[Proposal]) -> tuple[SettingsRow, ...]:
    if not proposals:
        return ()
    first = proposals[0]
    alone = without_controls(at(program, {**first.where, program.experiment.axis: first.time}))
    return compare_settings(alone, device, qubit_word(program.experiment, first.effect.subject))


def _one_table(tables: list[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    return pd.concat(tables, ignore_index=True)


def _warnings(program: Program, found: tuple[Effect, ...], proposals: list[Proposal]) -> tuple[str, ...]:
    """Each sentence once, with the combination it is about where there are several."""
    swept = others_of(program)
    said: list[str] = []
    for effect in found:
        if not effect.available:
            said.append(_prefix({name: effect.where[name] for name in swept}) + _nothing_to_see(effect))
    for proposal in proposals:
        said += [_prefix(proposal.where) + text for text in _warnings_of_proposal(proposal, program)]
    return tuple(dict.fromkeys(said))


def _prefix(where: typing.Mapping[str, float]) -> str:
    named = ", ".join(f"{name} = {value:.6g}" for name, value in where.items())
    return f"{named}: " if named else ""


def _warnings_of_proposal(proposal: Proposal, program: Program) -> tuple[str, ...]:
    """All of one proposal.

    Args:
        proposal: One combination of the swept fields.
        program: What was asked for.
    """
    return (*_warn_of_time(proposal), *_warn_of_shots(proposal, program), *_warn_of_device(proposal))


def _nothing_to_see(effect: Effect) -> str:
    """Said where no time heats the hot qubit."""
    which = f"the hot qubit {effect.subject}" if effect.directed else "either qubit"
    return (
        f"no time heats {which}: nothing correlates the qubits, or their coherence has no part "
        "that drives energy, Im e^(-i coupling_phase) rho_01,10 = 0"
    )


def _warn_of_time(proposal: Proposal) -> Iterator[str]:
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


def _warn_of_shots(proposal: Proposal, program: Program) -> Iterator[str]:
    """Shots of which less than 90 % come to a verdict; those of equal temperatures are warned of by themselves."""
    low = next((sigma for sigma in LEVELS if proposal.power.verdict[sigma] < PROMISED), None)
    if low is None or not proposal.effect.directed:
        return
    hot, cold = proposal.effect.subject, proposal.cold
    needed = proposal.shots[low]
    if needed is None:
        why = missing_in_words(proposal.power.limited_by(low) or "direction", hot, cold)
        why = why if proposal.missing is None else missing_in_words(proposal.missing, hot, cold)
        yield f"{power_in_words(proposal.power, low, hot, cold)}; no number of shots is enough: {why}"
    else:
        yield f"{power_in_words(proposal.power, low, hot, cold)}; with {needed} shots at least 90 % do"


def _warn_of_device(proposal: Proposal) -> Iterator[str]:
    available = proposal.effect.available
    if proposal.heat < ENOUGH * available:
        yield (
            f"the device leaves {pm(proposal.heat, proposal.stderr)} of {available:.6g} gap, "
            f"{100 * proposal.heat / available:.0f} %"
        )
    for arm, (heat, stderr) in proposal.controls.items():
        if heat > SEEN * stderr:
            yield f"the control {arm} is heated too, by {pm(heat, stderr)} gap: the device alone looks like the effect"
