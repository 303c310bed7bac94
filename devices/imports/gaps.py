"""What --gaps says of an import: read, refused where it cannot hold, and written into the record of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from protocols import RequestError
from protocols.program import gap_parameters
from protocols.units import Gaps

Given = Mapping[str, str | float] | None
"""Qubit -> its gap; None: nothing was said, so that they are equal."""


def gaps_of(given: Given, protocol: Any | None, qubits: Sequence[str]) -> Gaps | None:
    """The gaps of the qubits that were measured.

    Args:
        given: As the person said them.
        protocol: Class of the protocol, which has one gap for all of its qubits; None: nothing was declared.
        qubits: Names, where there is no protocol.

    Raises:
        RequestError: For what is no gap of each qubit, and for unequal ones or a scale beside a protocol.
    """
    if given is None:
        return None
    gaps = Gaps.given(given, protocol().qubits if protocol else qubits)
    if protocol and (gaps.scale or not gaps.equal):
        named = gap_parameters(protocol)
        if named:
            given_as = " ".join(f"--set {parameter}={gaps.of[qubit]:g}" for qubit, parameter in named.items())
            raise RequestError(
                f"Argument `gaps` belongs to a pair without a protocol: in {protocol.name} the gaps are parameters. "
                f"Give {given_as}."
            )
        repair = f"Give it as --set gap={gaps.scale}" if gaps.equal else "Import without a protocol"
        raise RequestError(
            f"Argument `gaps` belongs to a pair without a protocol: {protocol.name} has one gap, which its exact "
            f"states, heat and checks rest on. {repair}."
        )
    return gaps


def recorded(gaps: Gaps | None, columns: Mapping[str, str]) -> dict[str, Any]:
    """What start.json says of them: nothing where nothing was said.

    Args:
        gaps: Of the qubits.
        columns: Columns of the table -> what they mean, with the unit last, in brackets.

    Examples:
        >>> recorded(Gaps(of={"A": 1.0, "B": 0.75}), {"time": "interaction time [hbar/gap]"})
        {'gaps': {'A': 1.0, 'B': 0.75}, 'columns': {'time': 'interaction time [hbar/gap_A]'}}
    """
    if gaps is None:
        return {}
    parted = {name: meaning.rpartition("[") for name, meaning in columns.items()}
    meanings = {name: f"{text}{bracket}{gaps.unit_of(unit)}" for name, (text, bracket, unit) in parted.items()}
    return {"gaps": dict(gaps.of)} | ({} if gaps.equal else {"columns": meanings})
