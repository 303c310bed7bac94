"""One template of a collision protocol: what its Setting means, and its circuit."""

from __future__ import annotations

import typing
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from protocols.collisions.ancillas import PREPARATIONS, Coin, Renew, Thermal, strings, toss
from protocols.collisions.evolution import Step, coins_of
from protocols.collisions.feedback import Feedback
from protocols.collisions.operations import Operation
from protocols.program import Outcome, Setting, read, wires

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.circuit import Qubit


@dataclass(frozen=True, kw_only=True, eq=False)
class Template:
    """The collisions of a setting with everything that the setting decides."""

    setting: Setting
    qubits: tuple[str, ...]
    """The system."""
    collisions: tuple[tuple[Step, ...], ...]
    """One at least; idle where the setting has none."""
    idle: bool
    """Whether the ancillas of the one collision are prepared and read only."""

    @property
    def preparation(self) -> str:
        """How mixtures of ancillas are made."""
        return PREPARATIONS[dict(self.setting.structure)["preparation"]]

    @property
    def resets(self) -> bool:
        """Whether one wire serves all collisions."""
        return bool(dict(self.setting.structure)["reset"])

    @cached_property
    def coins(self) -> tuple[Coin, ...]:
        """Everything random, in time."""
        return tuple(coin for once in self.collisions for _, coin in coins_of(once))

    @property
    def pure(self) -> int:
        """Members of the ensemble, or batches, that share one initial state of the system."""
        if self.preparation == "ensemble":
            return 2 ** len(self.coins)
        return dict(self.setting.structure)["batches"] if self.preparation == "random" else 1

    @property
    def system_member(self) -> int:
        """The initial state of the system."""
        return self.setting.member // self.pure

    @property
    def batch(self) -> int:
        """String of bits, or batch, of this member."""
        return self.setting.member % self.pure

    @property
    def bits(self) -> tuple[int, ...]:
        """Of all coins of a member of an exact ensemble."""
        return strings(len(self.coins))[self.batch]

    @property
    def reads(self) -> tuple[Outcome, ...]:
        """What acted and the ancillas, collision by collision in time."""
        acted, ancillas = self.acted, self._ancillas
        return tuple(
            outcome
            for number in range(len(self.collisions))
            for outcome in (*(one for (at, _), one in acted.items() if at == number), *ancillas[number])
        )

    @cached_property
    def acted(self) -> Mapping[tuple[int, int], Outcome]:
        """The bits that feedback acts on, by collision and step: `M.1` is the first reading of M of the system.

        The bit of an ancilla has the name of its register, `record.1`. Where a wire of that name is read before resets
        its own reads are called so, and the bits `record_acted.1`.
        """
        found: dict[tuple[int, int], Outcome] = {}
        times: Counter[str] = Counter()
        reset = {step.served for once in self.collisions for step in once if isinstance(step, Thermal)}
        for number, once in enumerate(self.collisions):
            served = {step.register: self.wire(step.served, number) for step in once if isinstance(step, Thermal)}
            for index, step in enumerate(once):
                if isinstance(step, Feedback):
                    shown = step.register if step.wire in served else step.wire
                    shown += "_acted" if self.resets and shown in reset else ""
                    times[shown] += 1
                    found[number, index] = Outcome(
                        qubit=served.get(step.wire) or self.generations[number][step.wire],
                        moment=times[shown],
                        register=step.register,
                        label=f"{shown}.{times[shown]}",
                        as_read=True,
                    )
        return found

    @property
    def _ancillas(self) -> list[list[Outcome]]:
        """The reads of the ancillas of each collision."""
        last = len(self.collisions)
        return [
            [
                Outcome(
                    qubit=self.wire(step.served, number),
                    moment=number + 1 if self.resets and number + 1 < last else None,
                    gap=step.gap,
                    register=step.register,
                    label=f"{step.wire}.{number + 1}" if step.wire and self.resets else "",
                )
                for step in once
                if isinstance(step, Thermal)
            ]
            for number, once in enumerate(self.collisions)
        ]

    def wire(self, name: str, number: int) -> str:
        """Name of the wire that serves in a collision; without resets every collision has its own."""
        return name if self.resets else f"{name}_{number + 1}"

    @cached_property
    def generations(self) -> tuple[Mapping[str, str], ...]:
        """Qubit of the system -> its wire in each collision: the last one has the qubit's name."""
        renewals = [{step.wire for step in once if isinstance(step, Renew)} for once in self.collisions]
        found = []
        for number in range(len(renewals)):
            later = {name: sum(name in once for once in renewals[number + 1 :]) for name in self.qubits}
            # counted from the end, so that what is read there is on the wire that is calibrated
            found.append({q: q if self.resets or not later[q] else f"{q}_before_{later[q]}" for q in self.qubits})
        return tuple(found)

    def partner(self, coin: Coin, number: int) -> str:
        """Name of the wire that purifies a coin."""
        name = coin.served if isinstance(coin, Thermal) else f"{coin.wire}_dephased"
        return f"{self.wire(name, number)}_purifier"

    def circuit(self, prepare: Sequence[Operation], title: str) -> QuantumCircuit:
        """The system's preparation, the collisions one after the other, readout."""
        purified = self.preparation == "purified"
        tossed = [(number, coin) for number, once in enumerate(self.collisions) for _, coin in coins_of(once)]
        partners = dict.fromkeys(self.partner(coin, number) for number, coin in tossed if purified)
        earlier = {wire: None for now in self.generations for wire in now.values() if wire not in self.qubits}
        named = dict.fromkeys((*self.qubits, *earlier, *(outcome.qubit for outcome in self.reads), *partners))
        circuit = wires(tuple(named), len(self.setting.outcomes), title)
        for step in prepare:
            step.append(circuit, _finder(circuit, self.generations[0]))
        coin = 0
        for number, once in enumerate(self.collisions):
            place = {step.register: self.wire(step.served, number) for step in once if isinstance(step, Thermal)}
            find = _finder(circuit, {**self.generations[number], **place})
            if number and self.resets:
                self._append_resets(circuit, number, (*place.values(), *partners))
            for index, step in enumerate(once):
                if isinstance(step, Operation):
                    if not self.idle:
                        step.append(circuit, find)
                elif isinstance(step, Feedback):
                    bit = self.setting.outcomes.index(self.acted[number, index])
                    step.append(circuit, find, circuit.clbits[bit], idle=self.idle)
                elif isinstance(step, Renew):
                    if self.resets and not self.idle:
                        circuit.reset(find(step.wire))
                elif step.tossed:
                    self._append_coin(circuit, step, coin, number, find)
                    coin += 1
        read(circuit, self.setting.outcomes)
        return circuit

    def _append_coin(
        self, circuit: QuantumCircuit, coin: Coin, index: int, number: int, find: Callable[[str], Qubit]
    ) -> None:
        if self.idle and not isinstance(coin, Thermal):
            return
        toss(
            circuit,
            find(coin.register if isinstance(coin, Thermal) else coin.wire),
            coin,
            self.preparation,
            bit=self.bits[index] if self.preparation == "ensemble" else 0,
            flip=f"flip_{index}",
            partner=find(self.partner(coin, number)) if self.preparation == "purified" else None,
        )

    def _append_resets(self, circuit: QuantumCircuit, number: int, names: Sequence[str]) -> None:
        """Reads every ancilla of the last collision and resets it, with its purifier."""
        find = _finder(circuit, {})
        for bit, outcome in enumerate(self.setting.outcomes):
            if outcome.moment == number and not outcome.as_read:
                circuit.measure(find(outcome.qubit), bit)
        for name in names:
            circuit.reset(find(name))


def _finder(circuit: QuantumCircuit, place: Mapping[str, str]) -> Callable[[str], Qubit]:
    """Finds a wire by its name, or by the register that it serves now."""
    qubit = {register.name: register[0] for register in circuit.qregs}
    return lambda name: qubit[place.get(name, name)]
