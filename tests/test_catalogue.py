"""One conformance test over every protocol of the catalogue: theory against circuit, at random parameters."""

import inspect

import numpy as np
import pytest
from circuit_probabilities import outcome_probabilities_of
from conftest import examples, full_size
from hypothesis import given
from hypothesis import strategies as st
from protocol_conformance import complaints, drawn_fields, options_of, preparations, small
from qiskit.quantum_info import DensityMatrix, partial_trace

from protocols import RequestError, Sample, compile, load, names
from protocols.pauli import outcome_probabilities
from protocols.program import parameters

deterministic = examples(25)

profiles = st.sampled_from(["uniform", "engineered"])

# Legal, asymmetric random fields; a protocol without a line here is checked near its defaults, at a small size.
DRAWS = {
    "coherent-engine": st.fixed_dictionaries(
        {
            "angle": st.floats(-3, 3),
            "drive": st.floats(-7, 7),
            "excitation": st.floats(0, 1),
            "stroke": st.sampled_from([0, 1, [0, 1]]),
        }
    ),
    "landauer-erasure": st.fixed_dictionaries(
        {
            "T": st.floats(0.1, 5),
            "final_excitation": st.floats(0.01, 0.49),
            "steps": st.sampled_from([1, 2, [1, 2]]),
        }
    ),
    "heat-bridge": st.fixed_dictionaries(
        {
            "T_h": st.floats(0.2, 5),
            "T_c": st.floats(0.2, 5),
            "angle": st.floats(-3, 3),
            "rounds": st.sampled_from([0, 1]),
        }
    ),
    "heat-exchange": st.one_of(
        st.fixed_dictionaries(
            {
                "T_A": st.floats(0.2, 5),
                "T_B": st.floats(0.2, 5),
                "coupling": st.floats(0.02, 2),
                "coupling_phase": st.floats(-4, 4),
                "strength": st.one_of(st.just(1.0), st.floats(0, 1)),
                "correlation_phase": st.floats(-4, 4),
                "dephasing": st.one_of(st.just(0.0), st.floats(0, 1)),
                "time": st.floats(0, 40),
            }
        ),
        st.fixed_dictionaries(
            {
                "T_A": st.floats(0.5, 5),
                "T_B": st.floats(0.5, 5),
                "coupling_phase": st.floats(-4, 4),
                "correlation": st.just("coherent"),
                # |alpha| <= sqrt(lambda_2 lambda_3) >= 0.1 at temperatures of 0.5 and more
                "alpha": st.floats(-0.1, 0.1),
                "correlation_phase": st.floats(-4, 4),
                "time": st.floats(0, 40),
            }
        ),
    ),
    "coherence-reversal": st.fixed_dictionaries(
        {
            "T_S": st.floats(0.2, 5),
            "T_B": st.floats(0.2, 5),
            "coherence": st.floats(-1, 1),
            "coherence_phase": st.floats(-4, 4),
            "angle": st.floats(-3, 3),
            "collisions": st.sampled_from([0, 1, 2, [1, 2]]),
            "contact": st.sampled_from(["cascade", "star"]),
        }
    ),
    "algorithmic-cooling": st.one_of(
        st.fixed_dictionaries(
            {
                "method": st.sampled_from(["hbac", "ppa", "overhauser"]),
                "polarisation": st.floats(0.01, 0.99),
                "rounds": st.sampled_from([0, 1, [0, 2]]),
            }
        ),
        st.fixed_dictionaries(
            {"method": st.just("teleport"), "interaction": st.floats(0.1, 3), "turn": st.floats(-2, 2)}
        ),
    ),
    "two-stroke-engine": st.fixed_dictionaries(
        {
            "T_h": st.floats(0.2, 3),
            "T_c": st.floats(0.2, 3),
            "gap_c": st.floats(0.2, 2),
            "heat_angle": st.floats(-3, 3),
            "work_angle": st.floats(-3, 3),
            "cycles": st.just(1),
            "stroke": st.sampled_from([1, 2]),
        }
    ),
    "chain-exchange": st.one_of(
        st.fixed_dictionaries(
            {
                "coupling": st.floats(0.02, 2),
                "T_1": st.floats(0.2, 1),
                "T_2": st.floats(0.2, 1.5),
                "T_3": st.floats(0.2, 1),
                "phase_2": st.floats(-4, 4),
                "time": st.floats(0, 20),
            }
        ),
        st.fixed_dictionaries(
            {
                "sites": st.integers(2, 3),
                "correlation": st.sampled_from(["bonds", "none"]),
                "evolution": st.just("strang"),
                "steps": st.integers(1, 2),
                "excitation_1": st.floats(0.1, 0.9),
                "T_2": st.floats(0.2, 5),
                "time": st.floats(0, 20),
            }
        ),
    ),
    "chain-revival": st.one_of(
        st.fixed_dictionaries({"sites": st.integers(2, 4), "profile": profiles, "time": st.floats(0, 20)}),
        st.fixed_dictionaries(
            {
                "sites": st.integers(2, 4),
                "coupling": st.floats(0.1, 3),
                "profile": profiles,
                "evolution": st.just("strang"),
                "steps": st.integers(1, 3),
                "time": st.floats(0, 20),
            }
        ),
    ),
    # one step: a second one takes density matrices of 10 qubits; test_open_exchange.py has two
    "open-exchange": st.fixed_dictionaries(
        {
            "T_A": st.floats(0.2, 5),
            "T_B": st.floats(0.2, 5),
            "coupling_phase": st.floats(-4, 4),
            "correlation_phase": st.floats(-4, 4),
            "rate_A": st.floats(0, 1),
            "rate_B": st.floats(0, 1),
            "time": st.floats(0, 40),
        }
    ).flatmap(lambda one: st.sampled_from([{**one, "steps": 1}, {**one, "route": "exact"}])),
    # one cycle: a second one takes density matrices of 14 qubits; test_collisions.py has two
    "heat-pump": st.fixed_dictionaries(
        {
            "T_A": st.floats(0.2, 5),
            "T_B": st.floats(0.2, 5),
            "coupling_phase": st.floats(-4, 4),
            "strength": st.one_of(st.just(1.0), st.floats(0, 1)),
            "correlation_phase": st.floats(-4, 4),
            "stroke": st.one_of(st.none(), st.floats(0, 40)),
            "relaxation": st.sampled_from([0, 1]),
            "angle": st.floats(-3, 3),
            "cycles": st.sampled_from([0, 1, [0, 1]]),
        }
    ),
    # one round: a second one takes density matrices of 10 qubits; test_thermophoresis.py has two
    "thermophoresis": st.fixed_dictionaries(
        {
            "T_L": st.floats(0.2, 5),
            "T_R": st.floats(0.2, 5),
            "bias": st.floats(-1, 1.5),
            "angle": st.floats(-3, 3),
            "start": st.sampled_from(["halves", "L", "e", "R"]),
            "rounds": st.sampled_from([0, 1, [0, 1]]),
        }
    ),
}


def every_field(name):
    """Experiments with the fields that are drawn; where they do not go together, one with the defaults."""

    def made(fields):
        try:
            return load(name)(**fields)
        except RequestError:
            return load(name)(**small(name))

    return (DRAWS[name] if name in DRAWS else drawn_fields(name)).map(made)


def of_each_preparation():
    return [(name, word) for name in names() for word in preparations(load(name))]


def circuit_state(experiment, setting, points, point):
    """Density matrix of the named qubits that a bound template prepares before its readout, first qubit left."""
    circuit = experiment.template(setting)
    circuit.remove_final_measurements()
    angles = experiment.angles(setting, points)
    bound = circuit.assign_parameters({p: angles[p.name][point] for p in circuit.parameters})
    state = DensityMatrix(bound)
    ancillas = list(range(len(experiment.qubits), bound.num_qubits))
    kept = partial_trace(state, ancillas) if ancillas else state
    return kept.reverse_qargs().data


@pytest.mark.parametrize(("name", "preparation"), of_each_preparation())
def test_every_circuit_prepares_the_exact_state_of_its_arm(name, preparation):
    @given(every_field(name))
    @deterministic
    def check(experiment):
        controls = ",".join(experiment.controls)
        points = experiment.points(options_of(experiment, preparation, controls))
        unrotated = "Z" * len(experiment.qubits)
        for arm in points.arms:
            total = np.zeros(experiment.state(points, arm).shape, dtype=complex)
            for setting in experiment.settings(points, [unrotated]):
                if setting.arm == arm:
                    where = np.flatnonzero(experiment.applies(setting, points))
                    own = points.at(where)
                    for i, w in zip(where, experiment.weights(setting, own), strict=True):
                        total[i] += w * circuit_state(experiment, setting, points, i)
            np.testing.assert_allclose(total, experiment.state(points, arm), atol=1e-12)

    check()


@pytest.mark.parametrize(("name", "preparation"), of_each_preparation())
def test_exact_outcome_probabilities_are_those_of_each_circuit_in_every_basis(name, preparation):
    @given(every_field(name), st.integers(0, 2**31))
    @examples(5, fast=2)
    def check(experiment, choice):
        program = compile(experiment, experiment.points({"preparation": preparation}), shots=4096)
        for block in program.blocks[:: max(1, len(program.blocks) // (40 if full_size() else 8))]:
            row = choice % len(block.point)
            column = {name: float(value) for name, value in zip(block.names, block.values[row], strict=True)}
            found = outcome_probabilities_of(block.circuit, column)
            np.testing.assert_allclose(found, block.probabilities[row], atol=1e-12)

    check()


@pytest.mark.parametrize("name", names())
def test_members_add_up_to_the_state_and_weights_to_one(name):
    @given(every_field(name))
    @deterministic
    def check(experiment):
        points = experiment.points({"control": ",".join(experiment.controls)})
        for arm in points.arms:
            qubits = len(experiment.qubits)
            for basis in (("XYX" * qubits)[:qubits], "Z" * qubits, ("YXZ" * qubits)[:qubits]):
                expected = outcome_probabilities(experiment.state(points, arm), basis)
                total, mixed = np.zeros(len(points)), np.zeros(expected.shape)
                for setting in experiment.settings(points, [basis]):
                    if setting.arm == arm:
                        where = np.flatnonzero(experiment.applies(setting, points))
                        weight = experiment.weights(setting, points.at(where))
                        joint = experiment.exact(setting, points.at(where))
                        total[where] += weight
                        # what ancillas read comes last
                        mixed[where] += weight[:, None] * joint.reshape(len(where), 2**qubits, -1).sum(axis=-1)
                np.testing.assert_allclose(total, 1, atol=1e-12)
                np.testing.assert_allclose(mixed, expected, atol=1e-12)

    check()


@pytest.mark.parametrize("name", names())
def test_every_setting_of_a_sweep_is_one_template_whose_parameters_are_angles(name):
    experiment = load(name)(**small(name))
    program = compile(experiment, shots=4096)
    for block in program.blocks:
        assert {p.name for p in block.circuit.parameters} <= set(block.names)
        assert block.values.shape == (len(block.point), len(block.names))
    fields = {spec.name for spec in parameters(experiment)}
    assert not any(set(block.names) & fields for block in program.blocks)


@pytest.mark.parametrize("name", names())
def test_every_linear_observable_is_affine_in_the_moments(name):
    from analysis.quantities import catalogue

    experiment = load(name)(**small(name))
    points = experiment.points()
    rng = np.random.default_rng(5)
    observables = catalogue(experiment.qubits, experiment.system, experiment.observables(points), experiment)
    linear = [o for o in observables if o.interval == "multinomial"]
    assert linear
    for observable in linear:

        def value(here, before, observable=observable):
            reference = Sample(parameters=points.parameters, moments=before)
            return observable.of(Sample(parameters=points.parameters, moments=here, reference=reference))

        def random():
            keys = {word for observable in linear for word in observable.reads}
            return {key: rng.normal(size=len(points)) for key in sorted(keys)}

        a, b, c, d = random(), random(), random(), random()
        mixed = value({w: 0.3 * a[w] + 0.7 * b[w] for w in a}, {w: 0.3 * c[w] + 0.7 * d[w] for w in c})
        np.testing.assert_allclose(mixed, 0.3 * value(a, c) + 0.7 * value(b, d), atol=1e-12)


@pytest.mark.parametrize("name", names())
def test_the_names_in_a_file_fit_together(name):
    """Those that a run would answer with missing rows, or not at all."""
    assert complaints(name) == []


@pytest.mark.parametrize("name", names())
def test_every_field_says_what_it_is(name):
    for spec in parameters(load(name)):
        assert spec.meaning
        assert spec.domain
    assert inspect.getdoc(load(name))
    for preset in load(name).presets.values():
        assert preset.source
