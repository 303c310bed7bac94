"""The same master equation on truncated number states, by QuTiP: the second route of every Gaussian number."""

from __future__ import annotations

import numpy as np

from protocols import RequestError
from theory.oscillators.model import CooledOscillator


def fock_occupation(system: CooledOscillator, levels: tuple[int, int] = (10, 6)) -> float:
    """<a^+a> in the long run.

    Args:
        system: Coupled, or with a bath of the target's own.
        levels: Number states kept of the target and of its partner; the error falls by about n/(n+1) a level.

    Raises:
        RequestError: For fewer than two levels.
    """
    if min(levels) < 2:
        raise RequestError(f"Argument `levels` must be two numbers >= 2, but is {levels}. Give e.g. (10, 6).")
    import qutip

    a = qutip.tensor(qutip.destroy(levels[0]), qutip.qeye(levels[1]))
    b = qutip.tensor(qutip.qeye(levels[0]), qutip.destroy(levels[1]))
    moved = a @ b.dag()
    coupling = moved + moved.dag()
    if system.pairs:
        pairs = a @ b
        coupling += pairs + pairs.dag()
    H = system.frequency * (a.dag() @ a) + system.resonance * (b.dag() @ b) + system.coupling * coupling
    N = system.bath_occupation
    jumps = [(system.damping, b), (system.bath_rate * (N + 1), a), (system.bath_rate * N, a.dag())]
    rho = qutip.steadystate(H, [rate**0.5 * jump for rate, jump in jumps if rate > 0])
    return float(np.real(qutip.expect(a.dag() @ a, rho)))
