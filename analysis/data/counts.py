"""The counts of a run with all that is computed from them, each once: frequencies, moments, errors, draws."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from analysis.data.ancilla_energies import AncillaEnergies, ancilla_energies
from analysis.data.ancillas import tabulate_ancillas
from analysis.data.count_table import CountTable, matchable
from analysis.data.draws import draw_frequencies, drawn_from
from analysis.data.frequencies import Frequencies, measured_frequencies
from analysis.data.local_counts import LocalCounts, site_readout
from analysis.data.moments import LinearErrors, propagated_errors
from analysis.data.resolved import Columns, measured_resolved, tabulate_joint
from devices import RunError
from devices.readout import completed, every_state_prepared, misread, read_as_written
from protocols import Array
from protocols.program import ResolvedFrequencies

if typing.TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False)
class Counts(CountTable):
    """A data set of counts and its evidence; one that is changed by `replace` starts with nothing computed."""

    @cached_property
    def energies(self) -> AncillaEnergies | None:
        """Of the ancillas in every stratum; None where there are none."""
        return None if self.ancillas is None else ancilla_energies(self, self.ancillas)

    @cached_property
    def frequencies(self) -> Frequencies:
        """The weighted frequencies, what the estimators take.

        Raises:
            RunError: If the measured readout confusion cannot be inverted.
        """
        return measured_frequencies(self, self.energies)

    @property
    def reading(self) -> Frequencies:
        """The frequencies, under the name that all data have for what is estimated from."""
        return self.frequencies

    @property
    def confusion(self) -> Array:
        """(outcomes read, outcomes true) P(read | true); the identity without calibration."""
        return self.frequencies.confusion

    @property
    def moments(self) -> Mapping[str, Array]:
        """Expectation values of Pauli words and energies of registers, (cells,) each."""
        return self.frequencies.moments

    def linear_errors(self, over: Sequence[str]) -> LinearErrors:
        """First-order errors of moments, made once for every tuple of words.

        Args:
            over: Pauli words and registers.
        """
        words = tuple(over)
        if words not in self._errors:
            self._errors[words] = propagated_errors(self, self.frequencies, self.energies, words)
        return self._errors[words]

    @cached_property
    def _errors(self) -> dict[tuple[str, ...], LinearErrors]:
        return {}

    def resolved_frequencies(self, columns: Columns) -> ResolvedFrequencies:
        """The frequencies member by member.

        Args:
            columns: Ancillas whose joint bits are wanted beside the outcomes of the system; () for the system alone.
        """
        return measured_resolved(self, self.confusion, columns)

    def draw(
        self, seed: int, chunk: range, states: Array | None = None, resolved: Sequence[Columns] = ()
    ) -> Frequencies:
        """One block of bootstrap draws, along a leading axis; see `draw_frequencies`.

        Args:
            seed: Of all draws.
            chunk: Which of `chunks`.
            states: Estimated states that they are centred on, (cells, d, d).
            resolved: What is wanted member by member; see `resolved_frequencies`.
        """
        share = None if self.batch is not None else self._drawn_from(states)
        return draw_frequencies(self, self.frequencies, self.energies, seed, chunk, states, resolved, share)

    def _drawn_from(self, states: Array | None) -> Array:
        """That of the last states that were asked for, the same for all blocks."""
        last = self._centred.get("last")
        if last is None or last[0] is not states:
            last = self._centred["last"] = states, drawn_from(self, self.frequencies, states)
        return last[1]

    @cached_property
    def _centred(self) -> dict[str, tuple[Array | None, Array]]:
        return {}


def tabulate(
    counts: pd.DataFrame,
    *,
    qubits: Sequence[str],
    bases: Sequence[str],
    arms: Sequence[str],
    parameters: Mapping[str, Array],
    registers: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    batches: int = 0,
    joint: Sequence[Columns] = (),
) -> Counts:
    """Arrays from the rows of counts.csv: outcomes of the system, and the ancillas beside them.

    Args:
        counts: Rows as in runs/README.md.
        qubits: Names of the columns that hold bits of the system.
        bases: Settings of the system, in the order wanted.
        arms: Arms, in the order wanted.
        parameters: Swept parameters of the points; rows are matched by value.
        registers: Columns of each register of ancillas, as in start.json.
        batches: Independent draws of a random preparation; 0 where members are exact.
        joint: Columns of ancillas whose bits are to be counted jointly.

    Raises:
        RunError: For a row that belongs to no point, arm or setting.
    """
    (cell, member, setting), weight, members = _strata(counts, qubits, bases, arms, parameters)
    calibration = counts["basis"] == "cal"
    main, prepared = counts[~calibration], counts[calibration]
    _check_read_as_itself(prepared, qubits, registers or {})
    outcome = _outcome_number(main, qubits)
    observed = np.zeros((*weight.shape, len(bases), 2 ** len(qubits)), dtype=np.int64)
    np.add.at(observed, (cell, member, setting, outcome), main["count"].to_numpy(dtype=np.int64))
    stratum = (cell, member, setting, outcome)
    return Counts(
        bases=tuple(bases),
        observed=observed,
        weight=weight,
        calibration=_calibration_table(prepared, qubits),
        ancillas=tabulate_ancillas(main, prepared, registers or {}, stratum, observed.shape, qubits, arms),
        joint={columns: tabulate_joint(main, columns, stratum, observed.shape) for columns in joint if columns},
        batch=members % batches if batches else None,
        numbers=tuple(members.tolist()),
    )


def tabulate_observed(
    counts: pd.DataFrame,
    *,
    qubits: Sequence[str],
    bases: Sequence[str],
    arms: Sequence[str],
    parameters: Mapping[str, Array],
) -> LocalCounts:
    """The same of many qubits, of which only what was observed is kept.

    Args:
        counts: Rows as in runs/README.md.
        qubits: Names of the columns that hold bits.
        bases: Settings, in the order wanted.
        arms: Arms, in the order wanted.
        parameters: Swept parameters of the points; rows are matched by value.

    Raises:
        RunError: For a row that belongs to no point, arm or setting, or a calibration that cannot be used.
    """
    stratum, weight, members = _strata(counts, qubits, bases, arms, parameters)
    calibration = counts["basis"] == "cal"
    _check_read_as_itself(counts[calibration], qubits, {})
    order = np.lexsort(stratum[::-1])
    main = counts[~calibration].iloc[order]
    return LocalCounts(
        bases=tuple(bases),
        bits=main[list(qubits)].to_numpy(dtype=np.uint8, na_value=0),
        count=main["count"].to_numpy(dtype=np.int64),
        stratum=np.stack(stratum, axis=1)[order],
        weight=weight,
        readout=site_readout(counts[calibration], qubits) if calibration.any() else None,
        numbers=tuple(members.tolist()),
    )


def _strata(
    counts: pd.DataFrame,
    qubits: Sequence[str],
    bases: Sequence[str],
    arms: Sequence[str],
    parameters: Mapping[str, Array],
) -> tuple[tuple[Array, Array, Array], Array, Array]:
    """Cell, member and setting of every row that is no calibration; weights, (cells, members); the members' numbers."""
    swept = [name for name in parameters if name in counts.columns]
    points = {key: i for i, key in enumerate(zip(*(matchable(parameters[name]) for name in swept), strict=True))}
    main = counts[counts["basis"] != "cal"]
    try:
        point = np.array([points[key] for key in zip(*(matchable(main[n]) for n in swept), strict=True)], dtype=int)
        arm = np.array([list(arms).index(name) for name in main["arm"]], dtype=int)
        setting = np.array([list(bases).index(name[: len(qubits)]) for name in main["basis"]], dtype=int)
    except (KeyError, ValueError) as error:
        raise RunError(f"counts.csv has a row that belongs to no point, arm or basis of the run: {error}") from None
    members, member = np.unique(main["member"].to_numpy(), return_inverse=True)
    cell = arm * len(points) + point
    weight = np.zeros((len(arms) * len(points), len(members)))
    weight[cell, member] = main["weight"].to_numpy(dtype=float)
    return (cell, member, setting), weight, members


def _outcome_number(rows: pd.DataFrame, qubits: Sequence[str]) -> Array:
    columns = rows[list(qubits)]
    bits = (columns.fillna(0) if columns.isna().to_numpy().any() else columns).to_numpy(dtype=np.int64)  # not read: 0
    return bits @ (1 << np.arange(len(qubits))[::-1])


def _calibration_table(rows: pd.DataFrame, qubits: Sequence[str]) -> Array:
    size = 2 ** len(qubits)
    table = np.zeros((size, size), dtype=np.int64)
    if len(rows):
        prepared = np.array([int(bits[: len(qubits)], 2) for bits in rows["prepared"]])
        np.add.at(table, (prepared, _outcome_number(rows, qubits)), rows["count"].to_numpy(dtype=np.int64))
        if not every_state_prepared(table):
            raise RunError("counts.csv has calibration rows, but not of every qubit in both of its states.")
    return completed(table) if len(rows) else table


def _check_read_as_itself(
    rows: pd.DataFrame, qubits: Sequence[str], registers: Mapping[str, Sequence[Mapping[str, Any]]]
) -> None:
    """Refuses a calibration whose labels are not what was read: it would exchange qubits in every result."""
    if not len(rows):
        return
    wire = {column["column"]: column["qubit"] for columns in registers.values() for column in columns}
    # a qubit of the system that is read on the way is calibrated with the others
    columns = list(dict.fromkeys((*qubits, *(wire[name] for name in rows.columns if name in wire))))
    labels = read_as_written([str(label)[: len(columns)] for label in rows["prepared"]])
    wrong = misread(labels, rows[columns].to_numpy(dtype=np.int64), rows["count"].to_numpy(dtype=float), len(qubits))
    if wrong is None:
        return
    order = ", as bits in the other order are" if wrong.reversed else ""
    order += ", as bits with 0 and 1 exchanged are" if wrong.inverted else ""
    raise RunError(
        f"The readout calibration does not read every pattern mostly as itself: {wrong.fact}{order}. Neither it nor "
        "the counts can be trusted to belong to the qubits of their columns; raw/ has what was received."
    )
