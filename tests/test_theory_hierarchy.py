"""Two qubits in two baths: truth from closed forms, perturbation theory, energy balance and QuTiP's own integrator."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import slow
from scipy.integrate import quad

from protocols import RequestError
from protocols.heat_exchange import HeatExchange
from theory import Bath, Expansion, OpenPair, converge, hierarchy, weak_coupling
from theory.generator import generator, heom_solver
from theory.propagation import Generator, propagate

GROUND, EXCITED = np.diag([1.0, 0.0]), np.diag([0.0, 1.0])
PLUS = np.full((2, 2), 0.5)


def fuel(**given):
    experiment = HeatExchange(time=[0.0], **given)
    return experiment.state(experiment.points({}, reference="nominal"))[0]


def pair(kappa_A=0.01, kappa_B=0.02, cutoff=0.8, T=(2.0, 1.0), depth=3, terms=1, **given):
    baths = [Bath(temperature=t, coupling=k, cutoff=cutoff) for t, k in zip(T, (kappa_A, kappa_B), strict=True)]
    return OpenPair(bath_A=baths[0], bath_B=baths[1], expansion=Expansion(depth=depth, terms=terms), **given)


def correlation(bath, t):
    """C(t) by quadrature over the spectrum, which knows no exponents."""

    def real(w):
        return bath.spectral_density(w) / np.tanh(w / (2 * bath.temperature)) if w > 0 else 0.0

    even = quad(real, 0, np.inf, weight="cos", wvar=t)[0]
    return even / np.pi - 1j * bath.reorganisation * bath.cutoff * np.exp(-bath.cutoff * t)


@pytest.mark.parametrize("phase", [0.7, slow(0.0), slow(-np.pi / 2)])
def test_without_baths_it_is_the_closed_evolution(phase):
    times = np.linspace(0, 40, 41)
    experiment = HeatExchange(T_A=1.3, T_B=0.6, coupling=0.17, coupling_phase=0.4, correlation_phase=phase, time=times)
    exact = experiment.state(experiment.points({}, reference="nominal"))
    alone = pair(0.0, 0.0, T=(1.3, 0.6), coupling=0.17, coupling_phase=0.4)
    found = hierarchy.evolve(alone, exact[0], times)
    np.testing.assert_allclose(found.states, exact, atol=1e-7)
    np.testing.assert_allclose(found.heat_bath, 0, atol=1e-9)


def test_pure_dephasing_is_that_of_independent_bosons():
    """|rho_01| falls by exp(-4 g), g = (1/pi) int J coth (1 - cos wt)/w^2; the bath gains 2 lambda (1 - e^-gamma t)."""
    bath = Bath(temperature=0.9, coupling=0.05, cutoff=0.7, operator="Z")
    still = replace(bath, coupling=0.0)
    open_pair = OpenPair(bath_A=bath, bath_B=still, coupling=0.0, expansion=Expansion(depth=7, terms=3))
    times = np.array([0.0, 0.5, 1.5, 4.0, 9.0])
    found = hierarchy.evolve(open_pair, np.kron(PLUS, GROUND), times)

    def exponent(t):
        def spectrum(w):
            return bath.spectral_density(w) / np.tanh(w / (2 * bath.temperature)) * (1 - np.cos(w * t)) / w**2

        return 4 / np.pi * sum(quad(spectrum, a, b, limit=400)[0] for a, b in ((1e-9, 1), (1, 20), (20, 400)))

    expected = 0.5 * np.exp([-exponent(t) for t in times])
    np.testing.assert_allclose(np.abs(found.states[:, 0, 2]), expected, rtol=2e-4)
    gained = 2 * bath.reorganisation * (1 - np.exp(-bath.cutoff * times))
    np.testing.assert_allclose(-found.heat_bath[:, 0], gained, atol=1e-7)
    np.testing.assert_allclose(found.heat_system, 0, atol=1e-12)


def test_the_coupling_energy_is_that_of_perturbation_theory():
    """<X B>(t) = 2 Im int_0^t C(s) <X X(-s)> ds to first order in lambda, C by quadrature."""
    bath = Bath(temperature=0.8, coupling=1e-6, cutoff=0.9)
    weak = OpenPair(
        bath_A=bath, bath_B=replace(bath, coupling=0.0), coupling=0.0, expansion=Expansion(depth=2, terms=4)
    )
    p, times = 0.3, np.array([0.0, 0.8, 2.5, 6.0])
    found = hierarchy.evolve(weak, np.kron((1 - p) * GROUND + p * EXCITED, GROUND), times)

    def rate(s):
        return 2 * (correlation(bath, s) * ((1 - p) * np.exp(-1j * s) + p * np.exp(1j * s))).imag

    expected = [quad(rate, 1e-6, t, limit=200)[0] if t else 0.0 for t in times]
    np.testing.assert_allclose(found.coupling_energy[:, 0] / 1e-6, np.array(expected) / 1e-6, atol=5e-3)


@pytest.mark.parametrize("exchange", [0.1, 0.6])
def test_energy_is_balanced_whatever_the_coupling(exchange):
    times = np.linspace(0, 25, 26)
    strong = pair(0.1, 0.25, cutoff=0.5, T=(0.7, 1.9), coupling=exchange, coupling_phase=0.9)
    found = hierarchy.evolve(strong, fuel(T_A=0.7, T_B=1.9), times)
    gained = found.system_energy - found.system_energy[0]
    np.testing.assert_allclose(found.heat_system.sum(axis=1), gained, atol=1e-7)
    stored = found.coupling_energy.sum(axis=1)
    np.testing.assert_allclose(found.heat_bath.sum(axis=1), gained + stored, atol=1e-7)


def test_states_and_heat_are_those_of_qutips_own_integrator():
    own = pair()
    times = np.linspace(0, 12, 241)
    found = hierarchy.evolve(own, fuel(), times)
    import qutip

    solver, _ = heom_solver(own)
    solver.options = {"progress_bar": "", "store_ados": True, "rtol": 1e-9, "atol": 1e-12, "nsteps": 100000}
    run = solver.run(qutip.Qobj(fuel(), dims=[[2, 2], [2, 2]]), times)
    np.testing.assert_allclose(found.states, [s.full() for s in run.states], atol=1e-7)
    # the change of A's energy and of V, taken apart from the current: with B's bath off all of it is A's heat
    alone = replace(own, bath_B=replace(own.bath_B, coupling=0.0))
    one = hierarchy.evolve(alone, fuel(), times)
    np.testing.assert_allclose(one.heat_system[:, 0], one.system_energy - one.system_energy[0], atol=1e-7)
    np.testing.assert_allclose(one.heat_system[:, 1], 0, atol=1e-12)


@pytest.mark.parametrize("until", [150, slow(600)])
def test_the_hierarchy_goes_over_into_the_lindblad_equation_for_weak_coupling(until):
    times = np.linspace(0, until, 61)
    apart = []
    for kappa in (4e-3, 1e-3):
        weak = pair(kappa, 2 * kappa, cutoff=2.0)
        exact, simple = hierarchy.evolve(weak, fuel(), times), weak_coupling.evolve(weak, fuel(), times)
        apart.append(np.abs(exact.heat_system - simple.heat_system).max())
        assert np.abs(exact.energies - simple.energies).max() < 6 * kappa
    assert apart[1] < apart[0] / 2
    assert apart[1] < 0.01


def test_a_qubit_relaxes_to_the_temperature_of_its_bath():
    weak = pair(4e-3, 8e-3, cutoff=2.0, T=(0.8, 1.7), coupling=0.0)
    relaxed = hierarchy.evolve(weak, np.kron(GROUND, EXCITED), np.array([0.0, 1200.0]))
    expected = 1 / (1 + np.exp(1 / weak.temperatures))
    np.testing.assert_allclose(relaxed.energies[-1], expected, atol=6e-3)


def test_both_expansions_of_the_bath_agree():
    times = np.linspace(0, 20, 11)
    own = pair(depth=3, terms=2)
    other = replace(own, expansion=Expansion(depth=3, terms=6, method="matsubara"))
    one, two = (hierarchy.evolve(p, fuel(), times) for p in (own, other))
    np.testing.assert_allclose(one.states, two.states, atol=2e-4)
    np.testing.assert_allclose(one.heat_bath, two.heat_bath, atol=5e-4)


def test_entropy_production_is_never_negative_and_its_parts_differ_by_the_correlation():
    found = hierarchy.evolve(pair(), fuel(), np.linspace(0, 60, 121))
    assert found.entropy_production("bath").min() > -1e-9
    change = found.mutual_information - found.mutual_information[0]
    difference = found.local_entropy_production() - found.entropy_production()
    np.testing.assert_allclose(difference, change, atol=1e-9)


def numbers(one):
    found = hierarchy.evolve(one, fuel(), np.linspace(0, 20, 21))
    return {"Q_B": float(found.heat_bath[-1, 1]), "SED": float(found.energy_difference[-1])}


def test_a_deep_enough_hierarchy_is_converged_and_a_shallow_one_is_refused():
    good = converge(numbers, pair(depth=3), tolerance=2e-3)
    assert good.converged
    assert good.required() == good.values
    bad = converge(numbers, pair(0.3, 0.5, cutoff=0.2, depth=1, terms=0), tolerance=2e-3)
    assert not bad.converged
    assert bad.worst[1] > 2e-3
    with pytest.raises(RequestError, match=r"`expansion` must be converged to 0.002.*Raise depth"):
        bad.required()


def test_a_number_that_appears_in_a_larger_hierarchy_only_is_not_converged():
    sizes = iter([np.nan, 1.0, np.nan])
    assert not converge(lambda one: {"revives": next(sizes)}, pair()).converged


def test_a_solution_that_does_not_stay_finite_is_refused():
    grows = Generator(matrix=np.diag([50.0] * 18), coupling_energy=np.zeros((2, 18)))
    with pytest.raises(RequestError, match="Raise depth"):
        propagate(grows, np.ones(18), np.linspace(0, 100, 3), 1e-6)


def test_parity_halves_the_equations():
    from theory.propagation import reachable

    equations = generator(pair())
    live = reachable(equations.matrix, equations.start(fuel()))
    assert len(live) == (equations.size - 2) / 2 + 2


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Bath(temperature=0, coupling=0.1, cutoff=1), "`temperature` must be a positive number, but is 0"),
        (lambda: Bath(temperature=1, coupling=-1, cutoff=1), "`coupling` must be a number >= 0, but is -1"),
        (lambda: Bath(temperature=1, coupling=0.1, cutoff=float("nan")), "`cutoff` must be a positive number"),
        (lambda: generator(pair(T=(1.0, 1.0), cutoff=2 * np.pi)), "`terms` must be large enough for the cut-off 6.28"),
        (lambda: generator(pair(T=(1.0, 1.0), cutoff=6.5)), "near a multiple of 2 pi T.*Raise terms"),
        (
            lambda: hierarchy.evolve(pair(cutoff=3000.0), np.eye(4) / 4, np.array([0.0, 1e6])),
            "`times` must be short beside the fastest rate",
        ),
        (lambda: Expansion(depth=0), "`depth` must be a whole number >= 1, but is 0"),
        (lambda: Expansion(terms=-1), "`terms` must be a whole number >= 0, but is -1"),
        (lambda: pair(coupling=float("inf")), "`coupling` must be a number >= 0"),
        (lambda: pair(tolerance=1.0), "`tolerance` must be within"),
        (lambda: hierarchy.evolve(pair(), np.eye(4), np.array([0.0, 1.0])), "`rho` must be a state"),
        (lambda: hierarchy.evolve(pair(), np.eye(2), np.array([0.0, 1.0])), r"`rho` must have shape \(4, 4\)"),
        (lambda: hierarchy.evolve(pair(), np.eye(4) / 4, np.array([1.0, 1.0])), "`times` must be two or more"),
        (lambda: converge(numbers, pair(), tolerance=0), "`tolerance` must be positive"),
    ],
)
def test_what_cannot_be_computed_is_refused(make, says):
    with pytest.raises(RequestError, match=says):
        make()
