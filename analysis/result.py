"""What an analysis of a run says."""

from __future__ import annotations

import typing
from dataclasses import dataclass

from analysis.consistency.goodness import Goodness
from analysis.consistency.scaling import Scale
from analysis.copies import Copies
from analysis.data.reading import DataSet
from analysis.estimate_arrays import Estimates
from analysis.intervals.cells import Cells
from analysis.intervals.methods import Methods
from analysis.mitigation import Folded, Mitigated
from analysis.sweeps.fits import DriveCheck, SweepFit
from analysis.verdict.check import Check
from analysis.verdict.verdict import Verdict, headline
from analysis.verdict.wording.mitigated import MitigatedHeat, fold_in_words
from devices import RunRecord
from protocols import Array, Observable
from protocols.pair import READING
from protocols.program import Goal, Machine
from protocols.units import GAP

if typing.TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False)
class Analysis:
    """What a run says."""

    record: RunRecord
    data: DataSet
    """What was measured, as arrays."""
    estimates: Estimates
    """What was found of every observable at every point, as arrays."""
    table: pd.DataFrame
    """The same as a tidy table, with the numbers of the fits; see README."""
    verdicts: tuple[Verdict, ...]
    """One for every combination of the swept parameters other than the axis."""
    fits: tuple[SweepFit, ...]
    """An oscillation through the energies of every sweep and arm, where the points determine one."""
    observables: tuple[Observable, ...]
    """Those of the table."""
    own: tuple[Observable, ...]
    """Those that the protocol brings."""
    view: Cells
    """Its cells."""
    sides: tuple[str, ...] | None
    """Two subjects between which heat flows; None: there are none."""
    drives: tuple[DriveCheck, ...]
    """Tomography against the motion of the energies."""
    curves: Estimates | None
    """The exact prediction on a fine grid along the axis; None without a protocol."""
    prediction: Estimates | None
    """What the device's noise model predicts at the points (`ideal`), where it is known exactly."""
    ideal_states: Array | None
    """Exact states, (arms, points, d, d); None without a protocol."""
    assumption: str
    """"full", "x-state", "minimal" or "none": what the settings leave to assume."""
    readout_corrected: bool
    methods: Methods
    """How quantities were estimated."""
    scale: Scale | None = None
    """By how much error bars were widened; None: that was not asked for."""

    machine: Machine | None = None
    """Where the rows of a machine between two baths are; None: it is none."""
    goal: Goal | None = None
    """What the protocol sets out to show; None: nothing, or which way heat flows."""
    goodness: Goodness | None = None
    """Whether the counts of each ensemble member are those of some state; None where that cannot be told."""
    checks: tuple[Check, ...] = ()
    """What a referee asks of the run."""
    mitigated: Mitigated | None = None
    """The rows with errors of gates removed that were asked for, which are in the table too; None: there are none."""
    both: Mitigated | None = None
    """Energies by symmetry and survival, for the line beside the verdict; None where members do not allow it."""
    mitigated_heats: tuple[MitigatedHeat, ...] = ()
    """That line for every verdict."""
    folded: tuple[Folded, ...] = ()
    """What folded arms extrapolate to, beside each of them; none where there are no such arms."""
    copies: Copies | None = None
    """Every copy by itself, where there are several: all of the above is their mean then, `data` their sum."""
    left_out: str = ""
    """Which quantities were not estimated because they were not asked for, in words; empty where that is none."""
    warnings: tuple[str, ...] = ()
    """What the verdict has to be read with; none where every check of it passed."""

    @property
    def states(self) -> Array | None:
        """Estimated states, (arms, points, d, d); None where the settings determine none."""
        return self.estimates.states

    @property
    def gap(self) -> float | None:
        """Largest proven likelihood gap of these states [nat]; None for other estimators."""
        return self.estimates.gap

    @property
    def verdict(self) -> Verdict:
        """The verdict of the first sweep: the only one unless other parameters than the axis are swept."""
        return self.verdicts[0]

    @property
    def regime(self) -> str | list[str] | None:
        """What a machine is; of several sweeps each, in the order of the verdicts; None where no machine is judged."""
        regimes = [verdict.regime for verdict in self.verdicts if verdict.regime is not None]
        return (regimes[0] if len(regimes) == 1 else regimes) if regimes else None

    @property
    def closed(self) -> bool:
        """Whether heat flows between the two qubits of the system and nowhere else."""
        return self.sides == tuple(self.record.start["qubits"]) and not {*self.record.registers} - {READING}

    @property
    def energy_unit(self) -> str:
        """Of all energies: "gap", or another one where gaps are unequal."""
        return self.record.gaps.unit if self.record.gaps else GAP

    @property
    def noisy(self) -> bool:
        """Whether the device has errors of its own that theory leaves out; imports are held to what is said of them."""
        return bool(self.record.start["device"]["noisy"]) and not self.record.start.get("imported")

    @property
    def beside(self) -> tuple[str, ...]:
        """Lines beside the verdicts: the heat with errors of gates removed, and its check by folded arms."""
        checked = [fold_in_words(heat, one) for heat, one in zip(self.mitigated_heats, self.folded, strict=False)]
        over = ""
        if self.copies is not None:
            over = f"mean of {len(self.copies.mitigated)} {self.copies.noun}: "
        return (*(over + heat.text for heat in self.mitigated_heats), *checked)

    @property
    def headline(self) -> str:
        """One sentence over all sweeps."""
        return headline(self.verdicts)
