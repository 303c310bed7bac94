"""Outcome probabilities of a circuit with measurements and resets anywhere, by qiskit's own operators.

An independent route to `Experiment.exact`: every measurement branches, a discarded result is summed over.
"""

import numpy as np
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
        else:
            operator = Operator(instruction.operation)
            branches = [(known, DensityMatrix(rho).evolve(operator, places).data) for known, rho in branches]
    total = np.zeros(2 ** len(register))
    for known, rho in branches:
        total[int("".join(known), 2)] += np.trace(rho).real
    return total


def _projector(value, place, n):
    diagonal = np.array([(k >> place & 1) == value for k in range(2**n)], dtype=float)
    return np.diag(diagonal)


def _read(known, rho, place, index, n):
    for value in (0, 1):
        P = _projector(value, place, n)
        named = known if index is None else (*known[:index], str(value), *known[index + 1 :])
        yield named, P @ rho @ P


def _reset(rho, place, n):
    lower = np.zeros((2**n, 2**n))
    for k in range(2**n):
        if k >> place & 1:
            lower[k ^ (1 << place), k] = 1
    P = _projector(0, place, n)
    return P @ rho @ P + lower @ rho @ lower.T
