"""Outcome probabilities of a circuit with measurements and resets anywhere, by qiskit's own operators.

An independent route to `Experiment.exact`: every measurement branches, a discarded result is summed over.
"""

import numpy as np
from qiskit import QuantumCircuit
from qiskit.quantum_info import DensityMatrix, Operator


def outcome_probabilities_of(circuit, angles):
    """(2**outcomes,) in the order of the bits of register "c", first outcome most significant."""
    bound = circuit.assign_parameters({p: angles[p.name] for p in circuit.parameters})
    register = next(r for r in bound.cregs if r.name == "c")
    branches = [(("?",) * len(register), DensityMatrix.from_int(0, 2**bound.num_qubits).data)]
    n = bound.num_qubits
    for instruction in bound.data:
        places = [bound.find_bit(q).index for q in instruction.qubits]
        name = instruction.operation.name
        if name == "barrier":
            continue
        if name == "measure":
            bit = instruction.clbits[0]
            index = register.index(bit) if bit in list(register) else None
            branches = [b for known, rho in branches for b in _read(known, rho, places[0], index, n)]
        elif name == "reset":
            branches = [(known, _reset(rho, places[0], n)) for known, rho in branches]
        elif name == "if_else":
            bit, value = instruction.operation.condition
            body, index = instruction.operation.blocks[0], register.index(bit)
            assert [body.find_bit(q).index for q in body.qubits] == list(range(len(places)))
            acted = _unitary(body)
            branches = [
                (known, DensityMatrix(rho).evolve(acted, places).data if known[index] == str(int(value)) else rho)
                for known, rho in branches
            ]
        else:
            operator = Operator(instruction.operation)
            branches = [(known, DensityMatrix(rho).evolve(operator, places).data) for known, rho in branches]
    total = np.zeros(2 ** len(register))
    for known, rho in branches:
        total[int("".join(known), 2)] += np.trace(rho).real
    return total


def _unitary(body):
    """Of the gates of a block, whose classical bits none of them uses."""
    gates = QuantumCircuit(body.num_qubits)
    for instruction in body.data:
        gates.append(instruction.operation, [body.find_bit(q).index for q in instruction.qubits])
    return Operator(gates)


def _is_one(place, n):
    """(2**n,) whether a wire of each computational state is 1."""
    return np.arange(2**n) >> place & 1 == 1


def _read(known, rho, place, index, n):
    """P rho P for both projectors of a wire, entry by entry, where there is anything left."""
    one = _is_one(place, n)
    for value, kept in ((0, ~one), (1, one)):
        named = known if index is None else (*known[:index], str(value), *known[index + 1 :])
        left = rho * np.outer(kept, kept)
        if left.any():
            yield named, left


def _reset(rho, place, n):
    """What was 0 stays, what was 1 is lowered; nothing between the two is left."""
    one = _is_one(place, n)
    after = rho * np.outer(~one, ~one)
    after[np.ix_(~one, ~one)] += rho[np.ix_(one, one)]
    return after
