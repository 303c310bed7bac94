"""Heat between two walls: closed forms, quadrature, Markov chains, Liouvillians written here, event Monte Carlo."""

import numpy as np
import pytest

from protocols import RequestError
from protocols.heat_bridge import HeatBridge
from protocols.machines import maxwell_wall_current
from theory import walls
from theory.walls import LAWS, Gas, box, bridge, fly, ladder, most, relaxation, stationary, steady

# ---- the classical gas ----


def by_quadrature(T_h, T_c, length):
    """Heat over time of one flight there and back, moments of the emission density by Gauss and Laguerre in v^2/2T."""
    x, w = np.polynomial.legendre.leggauss(200)
    u = 6 * (x + 1)  # v/sqrt(T) on 0..12
    density = 6 * w * u * np.exp(-(u**2) / 2)
    energy = [T * density @ u**2 / 2 for T in (T_h, T_c)]
    time = [length * density @ (1 / u) / np.sqrt(T) for T in (T_h, T_c)]
    return (energy[0] - energy[1]) / sum(time)


def by_chain(T_h, T_c, length, alpha):
    """Who thermalised a particle last, and which wall it leaves, as a Markov chain of four states."""
    states = [(wall, last) for wall in (0, 1) for last in (0, 1)]
    P = np.zeros((4, 4))
    for i, (wall, last) in enumerate(states):
        P[states.index((1 - wall, 1 - wall)), i] += alpha
        P[states.index((1 - wall, last)), i] += 1 - alpha
    values, vectors = np.linalg.eig(P)
    p = np.real(vectors[:, np.argmin(abs(values - 1))])
    p /= p.sum()
    T = (T_h, T_c)
    heat = sum(p[i] * alpha * (T[last] - T_c) for i, (wall, last) in enumerate(states) if wall == 0)
    time = sum(p[i] * length * np.sqrt(np.pi / 2 / T[last]) for i, (_, last) in enumerate(states))
    return heat / time


@pytest.mark.parametrize("seed", range(4))
def test_the_gas_agrees_with_quadrature_and_with_the_chain_of_thermalisations(seed):
    T_h, T_c, length, alpha = np.random.default_rng(seed).uniform(0.1, [3, 3, 2, 1])
    whole = maxwell_wall_current(T_h, T_c, length=length)
    assert whole == pytest.approx(by_quadrature(T_h, T_c, length), rel=1e-10)
    assert Gas(T_h=T_h, T_c=T_c, length=length, accommodation=alpha).current == pytest.approx(
        by_chain(T_h, T_c, length, alpha), rel=1e-10
    )


def test_the_numbers_of_the_gas():
    J = maxwell_wall_current(1.0, np.array([0.64, 0.25, 0.04, 1e-4]))
    assert list(J) == pytest.approx([0.127662, 0.199471, 0.127662, 0.007899], abs=5e-7)
    assert maxwell_wall_current(1.6, np.array([0.4, 0.1])) == pytest.approx([0.4037012, 0.3027759], abs=5e-8)
    r = np.linspace(0, 0.5, 11)
    assert maxwell_wall_current(1.0, (0.5 - r) ** 2) == pytest.approx(maxwell_wall_current(1.0, (0.5 + r) ** 2))
    assert maxwell_wall_current(1.0, 0.25, accommodation=0.5) == pytest.approx(J[1] / 3)


def pull(gas, seed, **sizes):
    found = fly(gas, seed=seed, **sizes)
    return (found.current - gas.current) / found.stderr


@pytest.mark.parametrize("gas", [Gas(), Gas(T_c=0.04, accommodation=0.4, length=1.7)])
def test_flights_have_the_current_of_the_closed_form_and_keep_energy(gas):
    """False-alarm rate 6e-5 of each current; energy to rounding, flight by flight."""
    found = fly(gas, walkers=8000, flights=12, seed=5)
    assert abs(found.current - gas.current) < 4 * found.stderr < 0.1 * gas.current
    assert np.abs(found.into_hot + found.into_cold + found.gained).max() < 1e-12


@pytest.mark.slow
def test_errors_of_flights_cover():
    """160 pulls of a unit normal: their mean square is within 1 +- 0.45 but for 6e-5."""
    pulls = [
        pull(Gas(T_h=1.6, T_c=T_c, accommodation=alpha), seed, walkers=2000, flights=20)
        for seed in range(40)
        for T_c, alpha in ((0.1, 1.0), (0.4, 0.5), (1.2, 0.2), (0.01, 1.0))
    ]
    assert 0.55 < np.mean(np.square(pulls)) < 1.45
    assert abs(np.mean(pulls)) < 4 / np.sqrt(len(pulls))


# ---- levels ----


def contacts(levels, d):
    """Matrix elements of both edges of the box, by quadrature over wave functions."""
    x, w = np.polynomial.legendre.leggauss(200)
    x, w = d * (x + 1) / 2, d * w / 2
    k = np.arange(1, levels + 1)[:, None]
    left, right = (np.sqrt(2) * np.sin(k * np.pi * y) for y in (x, 1 - x))
    return (left * w) @ left.T, (right * w) @ right.T


GAIN = {
    "bosonic": lambda w, T: 1 / np.expm1(w / T) if w > 0 else 1 + 1 / np.expm1(-w / T),
    "ohmic": lambda w, T: w / np.expm1(w / T),
    "metropolis": lambda w, T: min(1.0, np.exp(-w / T)),
    "fermi": lambda w, T: 1 / (1 + np.exp(w / T)),
}


def by_liouvillian(E, contact, law, T_h, T_c):
    """Secular Lindblad equation of a system with wall operators S: one jump operator per frequency, not per pair."""
    n = len(E)
    W = np.round(E[:, None] - E[None, :], 9)
    H, one = np.diag(E), np.eye(n)
    parts = []
    for S, T in zip(contact, (T_h, T_c), strict=True):
        D = np.zeros((n * n, n * n))
        for w in np.unique(W[W != 0]):
            A = np.where(w == W, S, 0) * np.sqrt(GAIN[law](w, T))
            M = A.T @ A
            D += np.kron(A, A) - (np.kron(M, one) + np.kron(one, M)) / 2
        parts.append(D)
    L = sum(parts) - 1j * (np.kron(H, one) - np.kron(one, H))
    L[0] = np.eye(n).ravel()
    rho = np.linalg.solve(L, np.eye(n * n)[0])
    return rho.reshape(n, n), *(-np.real(H.ravel() @ (D @ rho)) for D in parts)


@pytest.mark.parametrize("law", LAWS)
def test_the_box_agrees_with_a_liouvillian_of_wave_functions(law):
    T_h, T_c, d = np.random.default_rng(LAWS.index(law)).uniform([4, 0.8, 0.1], [9, 3, 0.5])
    contact = contacts(5, d)
    rho, hot, cold = by_liouvillian(np.arange(1, 6.0) ** 2, contact, law, T_h, T_c)
    found = steady(box(5, d, law=law), T_h, T_c)
    assert found.populations == pytest.approx(np.diag(rho).real, abs=1e-12)
    assert np.abs(rho - np.diag(np.diag(rho))).max() < 1e-12
    assert (found.into_hot, found.into_cold) == pytest.approx((hot, cold), abs=1e-10)
    assert box(5, d).overlaps == pytest.approx(contact[1] ** 2, abs=1e-13)


@pytest.mark.slow
@pytest.mark.parametrize(("conductor", "T_h"), [(bridge(1.3), 1.1), (ladder(4), 6.0), (box(10, 0.3), 6.0)])
@pytest.mark.parametrize("T_c", [0.1, 0.8])
def test_qutip_has_the_same_steady_state(conductor, T_h, T_c):
    rho, found = walls.lindblad.steady(conductor, T_h, T_c)
    ours = steady(conductor, T_h, T_c)
    assert np.abs(rho - np.diag(ours.populations)).max() < 1e-10
    assert found.into_cold == pytest.approx(float(ours.into_cold), abs=1e-10)
    assert found.into_hot == pytest.approx(float(ours.into_hot), abs=1e-10)


def test_the_bridge_has_its_closed_form():
    gap, T_h, T_c, rate = 0.7, 1.3, np.array([0.05, 0.4, 1.0]), 2.0
    n_h, n_c = 1 / np.expm1(gap / T_h), 1 / np.expm1(gap / T_c)
    J = rate * gap * (n_h - n_c) / (2 * (1 + n_h + n_c))
    assert steady(bridge(gap, rate=rate), T_h, T_c).into_cold == pytest.approx(J, rel=1e-12)


def test_weak_collisions_are_the_fermi_law():
    """s (p_h - p_c)/(2 - s) a round, over s: the heat of a run of heat-bridge, for a partial swap that goes to 0."""
    T_c, phi = np.array([0.2, 0.7]), 1e-4
    one = HeatBridge(T_h=1.6, T_c=T_c, angle=phi)
    points = one.points({})
    heat = one.registers(points)["cold"] - one.reference_registers(points)["cold"]
    J = steady(bridge(law="fermi"), 1.6, T_c).into_cold
    assert heat / np.sin(phi) ** 2 == pytest.approx(J, rel=1e-7)


def test_the_numbers_of_the_levels():
    assert steady(bridge(), 1.0, np.array([0.64, 0.25, 0.0])).into_cold == pytest.approx(
        [0.085746, 0.175968, np.exp(-1) / 2], abs=5e-7
    )
    assert steady(bridge(), 1.6, np.array([0.1, 0.0])).into_cold == pytest.approx([0.2676145, 0.2676307], abs=5e-8)
    assert steady(box(10, 0.3), 6.0, np.array([5, 0.1])).into_cold == pytest.approx([0.029220, 0.129369], abs=5e-7)
    assert steady(box(4, 0.3), 6.0, 0.1).into_cold == pytest.approx(0.127285, abs=5e-7)
    assert steady(ladder(4), 6.0, 0.1).into_cold == pytest.approx(1.308929, abs=5e-7)
    cold = np.array([3, 1, 0.1])
    ten, more = (steady(box(K, 0.35), 5.0, cold).into_cold for K in (10, 14))
    assert ten == pytest.approx([0.0693304, 0.1269455, 0.1314096], abs=5e-8)
    assert more == pytest.approx(ten, abs=1e-9)
    assert abs(steady(box(10, 0.3), 6.0, 0.1).into_cold - steady(box(14, 0.3), 6.0, 0.1).into_cold) < 3e-8


@pytest.mark.parametrize("law", LAWS)
def test_levels_keep_nothing_and_one_temperature_is_that_of_gibbs(law):
    conductor = box(8, 0.23, law=law)
    found = steady(conductor, 7.0, np.linspace(0, 7, 9))
    assert found.into_hot + found.into_cold == pytest.approx(np.zeros(9), abs=1e-13)
    assert abs(found.into_cold[-1]) < 1e-14
    weights = np.exp(-conductor.energies / 7)
    assert found.populations[-1] == pytest.approx(weights / weights.sum(), rel=1e-12)
    # more heat leaves over T_h than over T_c, and exchanged walls carry the opposite current
    assert (found.into_hot[1:] / 7 + found.into_cold[1:] / np.linspace(0, 7, 9)[1:] >= -1e-15).all()
    assert steady(conductor, 2.0, 7.0).into_cold == pytest.approx(-steady(conductor, 7.0, 2.0).into_cold, rel=1e-12)
    assert steady(conductor, 0.0, 0.0).populations == pytest.approx(np.eye(8)[0])
    up, down = conductor.rates(0.9)[1, 0], conductor.rates(0.9)[0, 1]
    assert up / down == pytest.approx(np.exp(-3 / 0.9), rel=1e-12)


def test_tiny_populations_keep_their_digits():
    conductor = box(6, 0.3)
    weights = np.exp(-(conductor.energies - 1) / 0.2)
    assert stationary(conductor.rates(0.2)) == pytest.approx(weights / weights.sum(), rel=1e-10, abs=0)


def test_relaxation_is_that_of_a_symmetric_matrix():
    """Detailed balance makes W symmetric between roots of Gibbs' weights: real eigenvalues, the first of them 0."""
    T, d, E = 2.3, 0.27, np.arange(1, 7.0) ** 2
    S = contacts(6, d)[0]
    W = np.array(
        [[0 if k == m else 2 * S[k, m] ** 2 * GAIN["ohmic"](E[k] - E[m], T) for m in range(6)] for k in range(6)]
    )
    root = np.exp(-E / (2 * T))
    decay = np.linalg.eigvalsh((np.diag(W.sum(axis=0)) - W) * root / root[:, None])
    assert decay[0] == pytest.approx(0, abs=1e-12)
    assert relaxation(box(6, d, law="ohmic"), T) == pytest.approx(decay[1], rel=1e-9)
    assert relaxation(bridge(1.0), 0.7) == pytest.approx(2 / np.tanh(1 / 1.4), rel=1e-12)
    # below the first gap nothing changes: the classical particle meets a wall ever more rarely instead
    assert relaxation(box(10, 0.3), 0.05) == pytest.approx(relaxation(box(10, 0.3), 0.0), rel=1e-6)
    assert relaxation(box(10, 0.3), 0.0) > 0.01


# ---- whether the current falls again ----


@pytest.mark.parametrize("conductor", [bridge(), ladder(4), *(box(10, 0.3, law=law) for law in LAWS), box(10, 0.4)])
def test_a_broad_contact_carries_more_the_colder_the_wall(conductor):
    T_c = np.linspace(0, 6, 121)
    J = steady(conductor, 6.0, T_c).into_cold
    assert (np.diff(J) <= 1e-15).all()
    assert most(conductor, 6.0).overshoot == 0


@pytest.mark.parametrize(
    ("law", "overshoot"), [("bosonic", 0.000523), ("ohmic", 0.00064), ("metropolis", 0.010686), ("fermi", 0.028177)]
)
def test_a_narrow_contact_overshoots_but_never_loses_its_current(law, overshoot):
    """Where the classical current is 0 the levels carry at least 96 % of their maximum."""
    found = most(box(10, 0.1, law=law), 6.0)
    assert found.overshoot == pytest.approx(overshoot, abs=1e-6)
    assert found.limit >= 0.96 * found.current > 0
    assert 0 < found.T_c < 2
    around = steady(box(10, 0.1, law=law), 6.0, found.T_c * np.array([0.95, 1, 1.05])).into_cold
    assert around[1] > max(around[0], around[2])


@pytest.mark.slow
@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("T_h", [3.0, 12.0, 50.0, 200.0])
def test_what_is_left_at_zero_is_at_least_93_percent_of_the_most(law, T_h):
    """The fermi law with the narrowest contact comes lowest, 1/1.071; from d = 0.1 on it is 96 %."""
    for d, least in ((0.005, 0.93), (0.02, 0.93), (0.1, 0.96), (0.2, 0.98), (0.4, 1.0)):
        found = most(box(40, d, law=law), T_h)
        assert found.limit >= least * found.current > 0


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: Gas(T_c=0.0), "T_c"),
        (lambda: Gas(accommodation=0.0), "accommodation"),
        (lambda: fly(Gas(), flights=3), "flights"),
        (lambda: box(1, 0.3), "levels"),
        (lambda: box(4, 0.6), "contact"),
        (lambda: bridge(-1.0), "gap"),
        (lambda: bridge(law="planck"), "law"),
        (lambda: bridge(rate=0.0), "rate"),
        (lambda: most(bridge(), 0.0), "T_h"),
        (lambda: steady(bridge(), 1.0, [0.1, -0.2]), "T"),
        (lambda: steady(bridge(), 1.0, np.nan), "T"),
    ],
)
def test_what_cannot_be_computed_is_refused(make, named):
    with pytest.raises(RequestError, match=f"`{named}`"):
        make()
