"""What has to be known of the members of a run before their gate errors can be removed; refused where it is not."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.data import Counts, Data, LocalCounts
from analysis.mitigation.maps import sector
from protocols import Array, RequestError, load
from protocols.pauli import MANY
from protocols.program import members_of

if typing.TYPE_CHECKING:
    from devices import RunRecord

Mitigation = typing.Literal["none", "symmetry", "survival", "both"]
WAYS: tuple[Mitigation, ...] = typing.get_args(Mitigation)
"""How gate errors may be removed; see `analysis.mitigation.maps`."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Members:
    """The members of a run in the order of its counts."""

    numbers: tuple[int, ...]
    """As in the column `member`."""
    excitations: Array
    """(members,) int."""
    gates: Array
    """(cells, members) two-qubit gates of the circuit that was executed for it in that arm; equal where none was."""
    carriers: tuple[int | None, ...] = ()
    """(members,) the qubit on which its superposition is made; empty: of no member."""
    unmoved: int | None
    """The member in which every qubit is in the ground state of the device, so that nothing but errors of gates moves
    it: it shows the survival. None: there is none."""


def check_request(way: Mitigation, protocol: str | None, preparation: str, bases: Sequence[str] | None) -> None:
    """Refuses before anything is measured what could not be mitigated afterwards.

    Args:
        way: As asked for.
        protocol: Name of the protocol; None: none is given.
        preparation: How mixtures are made.
        bases: Settings of the system; None: not known yet.

    Raises:
        RequestError: With the reason.
    """
    if way == "none":
        return
    if protocol is None:
        raise refused(
            "needs the number of excitations of every member, which only a protocol knows. Import with --protocol "
            "heat-exchange, if that was carried out"
        )
    if preparation == "purified":
        raise refused(
            "needs members of an exact ensemble, but a purified pair is one state whose shots say nothing of members. "
            "Run it with --preparation ensemble"
        )
    if not members_of(load(protocol)) and way != "symmetry":
        raise refused(
            f"needs a member that stays where it is, which {protocol} does not declare; symmetry needs none, where the "
            "number of all that is read is kept"
        )
    if bases is not None and "Z" * len(bases[0]) not in bases:
        raise refused("needs a setting that reads every qubit in Z, where a shot shows its number. Add ZZ to --bases")


def members_of_run(record: RunRecord, data: Data) -> tuple[Members, Counts]:
    """The members of a run, and its counts.

    Args:
        record: The run.
        data: What was measured in it.

    Raises:
        RequestError: Where its members cannot be told, with the reason.
    """
    start = record.start
    options = start["points"]["options"]
    if isinstance(data, LocalCounts):
        raise refused(
            f"needs all outcomes of all qubits, which are kept of {MANY} at most, but this run has {len(data.bases[0])}"
        )
    if not isinstance(data, Counts):
        raise refused("needs the counts of every member of the ensemble, and this run has expectation values alone")
    if data.batch is not None:
        raise refused("needs members of an exact ensemble, but a random preparation draws them")
    check_request("both", start["protocol"], options.get("preparation", "ensemble"), data.bases)
    known = members_of(load(start["protocol"]))
    rows = record.counts()
    numbers = np.unique(rows.loc[rows["basis"] != "cal", "member"].to_numpy(dtype=int)).tolist()
    unknown = [number for number in numbers if number not in known]
    if unknown or len(numbers) == 1:
        raise refused(
            f"needs counts member by member, numbered {', '.join(map(str, known))} as in {start['protocol']}, but this "
            f"run has {f'member {unknown[0]}' if unknown else 'one member for all'}. Give the column `member`"
        )
    excitations = np.array([known[number].excitations for number in numbers])
    _check_numbers(data, excitations, numbers)
    # where the ground state was prepared as |1>, the member that the device cannot excite is the other end
    still = len(start["qubits"]) if start.get("ground") == "X" else 0
    found = np.flatnonzero(excitations == still)
    unmoved = int(found[0]) if len(found) else None
    gates = _gates(record, numbers)
    carriers = tuple(known[number].carrier for number in numbers)
    return Members(
        numbers=tuple(numbers), excitations=excitations, gates=gates, carriers=carriers, unmoved=unmoved
    ), data


def _check_numbers(data: Counts, excitations: Array, numbers: list[int]) -> None:
    """Refuses members that mostly have another number of excitations than theirs: their numbering is another one."""
    z = z_setting(data)
    read = data.observed[:, :, z].sum(axis=0)
    for index, number in enumerate(numbers):
        kept = read[index, sector(int(excitations[index]), read.shape[-1])].sum()
        if kept < read[index].sum() / 2:
            raise refused(
                f"needs members that keep their number of excitations, but member {number} has {excitations[index]} in "
                f"{kept} of {read[index].sum()} shots only. Number the members as the protocol does"
            )


def z_setting(data: Counts) -> int:
    """Index of the setting that reads every qubit in Z.

    Args:
        data: What was measured, that setting among others.
    """
    return data.bases.index("Z" * len(data.bases[0]))


def _gates(record: RunRecord, numbers: list[int]) -> Array:
    """Two-qubit gates, (cells, members): of the circuits that ran; of a file, of those that its protocol has on a chip.

    The exact device runs no circuits, and its white noise is the same for all members.
    """
    start = record.start
    sizes = start["device"].get("circuits") or ()
    executed = {(one["arm"], one["member"]): one.get("two_qubit_gates") for one in sizes}
    declared = members_of(load(start["protocol"]))
    alike = not sizes and not start.get("imported")
    gates = np.ones((len(start["arms"]), len(numbers)), dtype=int)
    for i, arm in enumerate(start["arms"]):
        for j, number in enumerate(numbers):
            ran = executed.get((arm, number))
            gates[i, j] = 1 if alike else declared[number].two_qubit_gates if ran is None else ran
    return np.repeat(gates, len(record.points), axis=0)


def chosen_way(text: str) -> Mitigation:
    """One of the ways by name.

    Raises:
        RequestError: For any other word.
    """
    for way in WAYS:
        if way == text:
            return way
    raise RequestError(f"Argument `mitigation` must be one of {', '.join(WAYS)}, but is {text!r}. none is the default.")


def refused(reason: str) -> RequestError:
    """The refusal of a mitigation.

    Args:
        reason: What it needs and does not have, and the way out.
    """
    return RequestError(f"Argument `mitigation` {reason}.")
