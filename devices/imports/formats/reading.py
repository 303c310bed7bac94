"""What a person says about measured data beside the data themselves: form, bit order, bits to read, shots, labels."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from devices.imports.points import declared
from protocols import RequestError

FORMS = ("auto", "csv", "qiskit", "runtime", "braket", "ionq", "states")
"""What --from may be. auto looks at the content."""
ORDERS = ("first", "last")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How measured data are to be read."""

    form: str = "auto"
    order: str | None = None
    """"first": the leftmost character of an outcome is the first qubit; "last": the last one is (Qiskit's
    `get_counts`); None: what the form fixes, if it does."""
    read: tuple[str, ...] = ()
    """Names of the measured bits that are the qubits, in the order of the qubits; none: all that were measured."""
    shots: int | None = None
    """Of each circuit, where data have probabilities; of each setting, where they are density matrices."""
    labels: Sequence[Mapping[str, str]] = ()
    """What each circuit measured, by column, in the order of the circuits; none: what the data say."""
    bases: str | None = None
    """As --bases; a list of settings names circuits that have no names, in their order."""
    qubits: tuple[str, ...] = ("A", "B")
    axis: str = "time"
    """The parameter that a number without a name is a value of."""
    arms: Collection[str] = ("main", "none", "dephased")
    typed: bool = True
    """Whether repairs are words of the command line; else they are arguments of `import_counts`."""

    def __post_init__(self) -> None:
        if self.form not in FORMS:
            said = f"must be one of {', '.join(FORMS)}, but is {self.form!r}"
            raise RequestError(f"Argument `{'from' if self.typed else 'form'}` {said}. auto looks at the content.")
        if self.order is not None and self.order not in ORDERS:
            raise RequestError(
                f"Argument `order` must be first (the leftmost character of an outcome is {self.qubits[0]}) or last "
                f"(the last one is, as in Qiskit's get_counts), but is {self.order!r}. Choose one."
            )
        if self.shots is not None and self.shots < 1:
            raise RequestError(f"Argument `shots` must be at least 1, but is {self.shots}. Give those of a circuit.")
        if self.read and (len(set(self.read)) < len(self.read) or len(self.read) != len(self.qubits)):
            raise RequestError(
                f"Argument `read` must name {len(self.qubits)} different measured bits, those of "
                f"{', '.join(self.qubits)}, but is {','.join(self.read)}. Name each once, such as "
                f"{self.option('read', ','.join(self.qubits))}."
            )

    @cached_property
    def parameters(self) -> Collection[str]:
        """Parameters of the catalogue, which labels and columns may name."""
        return declared(None).keys()

    def option(self, name: str, value: object) -> str:
        """An argument as the person would type it: `--order last`, or `order='last'` in Python."""
        return f"--{name} {value}" if self.typed else f"{name}={value!r}"
