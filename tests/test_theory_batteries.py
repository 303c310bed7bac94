"""Batteries: printed numbers, whole spaces written here, closed forms, conservation laws, circuits, QuTiP."""

import functools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from protocols.quantum_battery import QuantumBattery
from theory.batteries import SINGLE, ChargerQubits, Dicke, TavisCummings

UP = np.array([[0, 0], [1, 0]])


def on(operator, place, dimensions):
    return functools.reduce(np.kron, [operator if i == place else np.eye(d) for i, d in enumerate(dimensions)])


def whole(cells, photons, coupling, time, *, cutoff, rotating, gap=1.0):
    """E(t) and all populations in 2^N x photons, the cavity in front, by an exponential; |1> is excited."""
    dimensions = [cutoff + 1, *[2] * cells]
    a = on(np.diag(np.sqrt(np.arange(1, cutoff + 1)), 1), 0, dimensions)
    raised = [on(UP, i + 1, dimensions) for i in range(cells)]
    excited = sum(one @ one.T for one in raised)
    J = sum(raised)
    H = gap * (a.T @ a + excited) + coupling * (a @ J + a.T @ J.T + (0 if rotating else 1) * (a.T @ J + a @ J.T))
    psi = np.zeros(len(H))
    psi[photons * 2**cells] = 1
    after = np.abs(expm(-1j * time * H) @ psi) ** 2
    return float(after @ excited.diagonal()), after


def test_printed_numbers_of_tavis_and_cummings():
    found = [TavisCummings(cells=N) for N in range(1, 7)]
    advantages = [one.advantage() for one in found]
    assert advantages == pytest.approx([1, 1.223650, 1.454641, 1.658379, 1.841111, 2.007883], abs=5e-7)
    assert [one.most_power().time for one in found[:3]] == pytest.approx([1.165561, 0.763586, 0.618941], abs=5e-7)
    assert found[0].most_power().value == pytest.approx(0.724611, abs=5e-7)
    slope = np.polyfit(np.log([3, 4, 5, 6]), np.log(advantages[2:]), 1)[0]
    assert slope == pytest.approx(0.465, abs=5e-4)
    assert [one.first_full().value / one.cells for one in found[:3]] == pytest.approx([1, 8 / 9, 0.86254], abs=5e-6)
    # towards sqrt N
    large = [TavisCummings(cells=N).advantage() / math.sqrt(N) for N in (40, 80)]
    assert large == pytest.approx([0.8055] * 2, abs=1e-3)


def test_printed_numbers_of_dicke():
    batteries = [Dicke(cells=N, coupling=0.05, cutoff=2 * N + 12) for N in (1, 2, 3)]
    assert [one.most_power().value / 0.05 for one in batteries] == pytest.approx(
        [0.723086, 1.770503, 3.159031], rel=3e-4
    )
    assert max(one.leaked(np.linspace(0, 40, 50)) for one in batteries) < 1e-20


def test_printed_numbers_of_charger_qubits():
    advantages = [ChargerQubits(cells=N).advantage() for N in (2, 3, 4)]
    assert advantages == pytest.approx([1.414214, 1.774159, 2.119272], abs=5e-7)
    full = [ChargerQubits(cells=N).first_full().value / N for N in (3, 4)]
    assert full == pytest.approx([0.970759, 0.961484], abs=5e-7)
    pair = ChargerQubits(cells=2)
    assert pair.stored([0.4, 0.7, 1.0]) == pytest.approx([0.5745804, 1.3977862, 1.9513631], abs=5e-8)
    alone = ChargerQubits(cells=1)
    assert 2 * alone.stored([0.4, 0.7, 1.0]) == pytest.approx([0.303293, 0.830033, 1.416147], abs=5e-7)
    assert 2 * alone.stored([math.pi / math.sqrt(8)])[0] == pytest.approx(1.605700, abs=5e-7)
    assert alone.most_power().value == pytest.approx(SINGLE, abs=1e-12)
    assert pair.first_full().time == pytest.approx(math.pi / math.sqrt(8), abs=1e-7)


@given(st.floats(0, 6), st.floats(0.2, 2))
@settings(max_examples=10)
def test_closed_forms(time, g):
    x = math.sqrt(6) * g * time
    one, two = (TavisCummings(cells=N, coupling=g).stored([time])[0] for N in (1, 2))
    assert one == pytest.approx(math.sin(g * time) ** 2, abs=1e-12)
    assert two == pytest.approx(2 / 3 * math.sin(x) ** 2 + 4 / 9 * (1 - math.cos(x)) ** 2, abs=1e-12)
    assert ChargerQubits(cells=2, coupling=g).stored([time])[0] == pytest.approx(
        2 * math.sin(2**0.5 * g * time) ** 2, abs=1e-12
    )
    for N in (2, 5):
        shared = ChargerQubits(cells=N, chargers=1, coupling=g).stored([time])[0]
        assert shared == pytest.approx(math.sin(N**0.5 * g * time) ** 2, abs=1e-12)
        many = TavisCummings(cells=1, photons=N, coupling=g).stored([time])[0]
        assert many == pytest.approx(math.sin(N**0.5 * g * time) ** 2, abs=1e-12)


@given(st.integers(1, 3), st.integers(0, 4), st.floats(0.2, 1.5), st.floats(0, 4))
@settings(max_examples=12)
def test_the_symmetric_sector_is_the_whole_space(cells, photons, g, time):
    one = TavisCummings(cells=cells, photons=photons, coupling=g)
    energy, _ = whole(cells, photons, g, time, cutoff=photons + 1, rotating=True, gap=1.7)
    assert one.stored([time])[0] == pytest.approx(energy, abs=1e-10)
    assert one.populations([time]).sum() == pytest.approx(1, abs=1e-12)
    assert 0 <= one.stored([time])[0] <= min(cells, photons) + 1e-12
    small = 1e-4
    assert one.stored([small])[0] == pytest.approx(cells * photons * (g * small) ** 2, rel=1e-5, abs=1e-18)


@given(st.integers(1, 2), st.integers(0, 2), st.floats(0.05, 0.6), st.floats(0, 4))
@settings(max_examples=8)
def test_dicke_is_the_whole_space_and_keeps_parity(cells, photons, coupling, time):
    one = Dicke(cells=cells, photons=photons, coupling=coupling, cutoff=14)
    energy, _ = whole(cells, photons, coupling, time, cutoff=14, rotating=False)
    assert one.stored([time])[0] == pytest.approx(energy, abs=1e-10)
    kept = one.populations([time]).reshape(cells + 1, 15)
    odd = np.add.outer(np.arange(cells + 1), np.arange(15)) % 2
    assert kept[odd != photons % 2].sum() == pytest.approx(0, abs=1e-12)


@given(st.integers(1, 3), st.integers(1, 3), st.floats(0.2, 1.5), st.floats(0, 4))
@settings(max_examples=10)
def test_charger_qubits_are_all_qubits(chargers, cells, g, time):
    dimensions = [2] * (chargers + cells)
    raised = [on(UP, i, dimensions) for i in range(chargers + cells)]
    B, C = sum(raised[:chargers]), sum(raised[chargers:])
    psi = np.zeros(len(B))
    psi[(2**chargers - 1) * 2**cells] = 1
    after = np.abs(expm(-1j * time * g * (B @ C.T + B.T @ C)) @ psi) ** 2
    excited = sum(one @ one.T for one in raised[chargers:]).diagonal()
    one = ChargerQubits(cells=cells, chargers=chargers, coupling=g)
    assert one.stored([time])[0] == pytest.approx(float(after @ excited), abs=1e-10)


def test_many_steps_of_the_circuit_are_the_charger_qubits():
    flown = QuantumBattery(coupling=0.8, time=[0.5, 1.1], steps=60)
    rho = np.diagonal(flown.state(flown.points({}, "nominal")), axis1=1, axis2=2).real
    cells = np.array([(i >> 1 & 1) + (i >> 2 & 1) for i in range(16)])
    assert rho @ cells == pytest.approx(ChargerQubits(cells=2, coupling=0.8).stored([0.5, 1.1]), abs=2e-4)


def test_weak_dicke_is_tavis_and_cummings_and_strong_dicke_is_not():
    times = np.linspace(0, 1.5, 7)
    weak, strong = Dicke(cells=3, coupling=2e-3, cutoff=12), Dicke(cells=3, coupling=0.5, cutoff=50)
    exchange = TavisCummings(cells=3).stored(times)
    assert weak.stored(times / 2e-3) == pytest.approx(exchange, abs=1e-4)
    assert np.abs(strong.stored(times / 0.5) - exchange).max() > 0.3
    assert strong.leaked(times / 0.5) < 1e-12


def test_power_is_searched_to_its_end_and_scales_with_the_coupling():
    """Against a fine grid over a long time, and another coupling."""
    for battery in (TavisCummings(cells=4), ChargerQubits(cells=3), TavisCummings(cells=5, photons=2)):
        times = np.linspace(1e-3, 12, 20_000)
        assert battery.most_power().value == pytest.approx(battery.power(times).max(), rel=1e-6)
    slow, fast = TavisCummings(cells=3, coupling=0.3), TavisCummings(cells=3, coupling=2.4)
    assert slow.advantage() == pytest.approx(fast.advantage(), abs=1e-10)
    assert TavisCummings(cells=2).power([0.0, 1.0])[0] == 0


@pytest.mark.slow
def test_qutip_agrees():
    import qutip

    times = np.linspace(0, 4, 5)
    for N, coupling in ((2, 0.3), (4, 0.15)):
        j, m = N / 2, 30
        a, J = (
            qutip.tensor(qutip.qeye(N + 1), qutip.destroy(m + 1)),
            [qutip.tensor(qutip.jmat(j, s), qutip.qeye(m + 1)) for s in "xz"],
        )
        H = a.dag() * a + J[1] + 2 * coupling * J[0] * (a + a.dag())
        psi = qutip.tensor(qutip.basis(N + 1, N), qutip.fock(m + 1, N))
        options = {"atol": 1e-12, "rtol": 1e-10, "nsteps": 100_000, "progress_bar": ""}
        found = qutip.sesolve(H, psi, times, e_ops=[J[1]], options=options).expect[0]
        mine = Dicke(cells=N, coupling=coupling, cutoff=m).stored(times)
        assert mine == pytest.approx(found - found[0], abs=1e-8)


def test_a_cut_off_below_the_start_is_refused():
    with pytest.raises(ValueError, match="`cutoff` is 5"):
        Dicke(cells=4, cutoff=5)
    with pytest.raises(ValueError, match="nothing to charge with"):
        TavisCummings(cells=2, photons=0).most_power()
