"""What is read of a circuit, and what makes a template of its own: structure, never a real number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Basis = Literal["X", "Y", "Z"]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One 0/1 column of counts.csv: a named qubit read at a moment."""

    qubit: str
    """Name of the qubit: "A", "bath_A"."""
    moment: int | None = None
    """None: end of the circuit; k: just before this wire's k-th reset."""
    basis: Basis = "Z"
    gap: float | str = 1.0
    """Energy gap of the qubit [gap]; the name of one among the protocol's values where it depends on the point."""
    register: str = ""
    """The stream of ancillas it belongs to ("bath"); empty for a qubit of the system."""
    label: str = ""
    """Of the column, where a wire belongs to another register in every template and its own name says too little."""

    as_read: bool = False
    """Whether the bit counts as it was read: something acted on it, errors of reading included."""

    @property
    def column(self) -> str:
        """Name of the column: "A" at the end, "bath_A.2" at moment 2."""
        return self.label or (self.qubit if self.moment is None else f"{self.qubit}.{self.moment}")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Everything that makes a separate circuit template: structure, never a real number."""

    arm: str = "main"
    """"main" or the name of a control: "none", "dephased"."""
    member: int = 0
    """One pure preparation of the ensemble."""
    structure: tuple[tuple[str, int], ...] = ()
    """(("merged", 1),) or (("cycles", 3), ("stop", 2))."""
    outcomes: tuple[Outcome, ...] = ()
    """Classical bit i is outcomes[i]."""

    @property
    def basis(self) -> str:
        """One letter per outcome: "XY" is X on the first, Y on the second."""
        return "".join(outcome.basis for outcome in self.outcomes)
