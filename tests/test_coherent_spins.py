"""coherence-reversal of three and four spins: matrices written here, the closed form, circuits by operators, runs."""

import functools
import itertools

import numpy as np
import pandas as pd
import pytest
from circuit_probabilities import outcome_probabilities_of
from conftest import Call, examples, slow
from hypothesis import given
from hypothesis import strategies as st
from predictions import exact
from qiskit import transpile
from qiskit.quantum_info import Statevector
from scipy.linalg import expm

from analysis import analyse
from analysis.mitigation import totals_of
from devices import execute, open_device
from devices.imports import import_file
from protocols import RequestError, compile
from protocols.coherence_reversal import CoherenceReversal
from protocols.program import build

LOWER = np.array([[0, 1], [0, 0]])


def excited(T):
    return 1 / (1 + np.exp(1 / T))


def on(wire, matrix, wires):
    return functools.reduce(np.kron, [matrix if i == wire else np.eye(2) for i in range(wires)])


def one_excited(k, size):
    """|1_k>, the first spin leftmost."""
    return np.eye(2**size)[2 ** (size - 1 - k)]


def spins_of(size, T_S, coherence, phase):
    """Thermal spins with x e^{i a (k-j)} between |1_k> and |1_j>, at most what positivity allows."""
    p = excited(T_S)
    rho = functools.reduce(np.kron, [np.diag([1 - p, p])] * size).astype(complex)
    x = p * (1 - p) ** (size - 1) * (coherence if coherence > 0 else coherence / (size - 1))
    for k, j in itertools.permutations(range(size), 2):
        rho += x * np.exp(1j * phase * (k - j)) * np.outer(one_excited(k, size), one_excited(j, size))
    assert np.linalg.eigvalsh(rho).min() > -1e-15
    return rho


def by_matrices(size, T_S, T_B, coherence, coherence_phase, angle, collisions):
    """Heat into the spins, C before and the spins after: every contact is an exponential in the whole space."""
    rho, p_B, wires = spins_of(size, T_S, coherence, coherence_phase), excited(T_B), size + 1
    number = np.diag([float(bin(k).count("1")) for k in range(2**size)])
    raised = [on(k, LOWER.T, size) for k in range(size)]
    C = sum(np.trace(rho @ a @ b.T).real for a, b in itertools.permutations(raised, 2))
    before = np.trace(rho @ number).real
    for _ in range(collisions):
        joint = np.kron(rho, np.diag([1 - p_B, p_B]))
        for spin in range(size):
            hop = on(spin, LOWER.T, wires) @ on(size, LOWER, wires)
            U = expm(-1j * angle * (hop + hop.T))
            joint = U @ joint @ U.conj().T
        rho = np.trace(joint.reshape(2**size, 2, 2**size, 2), axis1=1, axis2=3)
    return np.trace(rho @ number).real - before, C, rho


temperatures = st.one_of(st.floats(0.2, 5), st.sampled_from([np.inf, -1.5]))
fields = st.fixed_dictionaries(
    {
        "size": st.sampled_from([3, 4]),
        "T_S": temperatures,
        "T_B": temperatures,
        "coherence": st.floats(-1, 1),
        "coherence_phase": st.floats(-4, 4),
        "angle": st.floats(-3, 3),
        "collisions": st.integers(0, 3),
    }
)


@given(fields)
@examples(40, fast=4)
def test_states_and_heat_are_those_of_the_matrix_exponential(f):
    heat, _, rho = by_matrices(**f)
    experiment = CoherenceReversal(**f)
    points = experiment.points({}, "nominal")
    np.testing.assert_allclose(experiment.state(points)[0], rho, atol=1e-12)
    assert exact(experiment, "heat", "spins")[0] == pytest.approx(heat, abs=1e-12)
    assert exact(experiment, "heat", "bath")[0] == pytest.approx(-heat, abs=1e-12)
    _, C, _ = by_matrices(**{**f, "collisions": 0})
    before = CoherenceReversal(**{**f, "angle": 0.0})
    assert exact(before, "coherence", "spins")[0] == pytest.approx(C, abs=1e-12)
    for spin in experiment.qubits:
        assert exact(before, "energy", spin)[0] == pytest.approx(excited(f["T_S"]), abs=1e-12)


@given(fields.map(lambda f: {**f, "T_S": abs(f["T_S"]), "T_B": abs(f["T_B"]), "collisions": 1}))
@examples(30, fast=4)
def test_heat_turns_at_the_threshold(f):
    size, p = f["size"], excited(f["T_S"])
    threshold = exact(CoherenceReversal(**f), "reversal_threshold", "spins")[0]
    if not np.isfinite(threshold):
        assert np.cos(f["angle"]) <= 1e-9 or abs(np.sin(f["angle"])) < 1e-6 or np.isinf(f["T_B"])
        return
    # any matrix with this C, positive or not: heat is affine in x
    heats = [by_matrices(**{**f, "coherence": c})[:2] for c in (0.0, 0.5)]
    (none, _), (some, C) = heats
    if abs(C) > 1e-3 * p * (1 - p) ** (size - 1):
        assert none + (some - none) * threshold / C == pytest.approx(0, abs=1e-10 * max(1, abs(threshold / C)))


def test_numbers_of_three_spins():
    """family.md S01: half of the coherence, angle 0.3."""
    found = exact(CoherenceReversal(size=3, coherence=[0.0, 0.5], angle=0.3), "heat", "spins")
    np.testing.assert_allclose(found, (0.0098512, -0.0038658), atol=5.1e-8)


@pytest.mark.parametrize("size", [2, 3, 4])
def test_weak_contacts_turn_where_a_collective_master_equation_does(size):
    subject = "pair" if size == 2 else "spins"
    p, p_B = excited(1.0), excited(1.25)
    found = exact(CoherenceReversal(size=size, angle=1e-4), "reversal_threshold", subject)[0]
    assert found == pytest.approx(size * (p_B - p) / (1 - 2 * p_B), abs=1e-7)
    if size > 2:
        assert exact(CoherenceReversal(size=size), "weak_reversal_threshold", "spins")[0] == pytest.approx(
            size * (p_B - p) / (1 - 2 * p_B), abs=1e-12
        )


@pytest.mark.parametrize("size", [3, 4])
def test_the_largest_bath_that_all_of_the_coherence_heats(size):
    largest = exact(CoherenceReversal(size=size), "largest_reversible_temperature", "bath")[0]
    heats = [by_matrices(size, 1.0, T_B, 1.0, 0.0, CoherenceReversal().angle, 1)[0] for T_B in (largest, largest + 0.1)]
    assert heats[0] == pytest.approx(0, abs=1e-12)
    assert heats[1] > 1e-3
    assert np.isnan(exact(CoherenceReversal(size=size, T_B=0.5), "largest_reversible_temperature", "bath")[0])
    assert np.isnan(exact(CoherenceReversal(size=size, collisions=2), "reversal_threshold", "spins")[0])


@pytest.mark.parametrize(("preset", "most"), [("three-spins", -0.0868489), slow("four-spins", -0.1192330)])
def test_presets_have_the_angle_that_heats_the_bath_most(preset, most):
    fields = CoherenceReversal.presets[preset].values
    angle = float(fields["angle"])
    found = exact(build(CoherenceReversal, {**fields, "angle": "0.8:1:201"}), "heat", "spins")
    assert angle == pytest.approx(np.linspace(0.8, 1, 201)[np.argmin(found)], abs=1e-3)
    assert found.min() == pytest.approx(most, abs=1e-7)


def test_heat_follows_the_phase_of_every_distance():
    """Of two spins a cosine; of three also the second neighbours', twice the phase."""
    experiment = build(CoherenceReversal, {**CoherenceReversal.presets["phase"].values, "size": "3"})
    found = exact(experiment, "heat", "spins")
    phase = np.linspace(0, 2 * np.pi, 13)
    waves = np.stack([np.cos(phase * k) for k in range(3)], axis=1)
    parts, residual, *_ = np.linalg.lstsq(waves, found, rcond=None)
    assert residual[0] < 1e-20
    assert (parts[1:] < -0.01).all()
    pair = exact(build(CoherenceReversal, CoherenceReversal.presets["phase"].values), "heat", "pair")
    np.testing.assert_allclose(pair, 0.0365192 - (0.0365192 + 0.0209868) * np.cos(phase), atol=2e-7)


# ---- circuits ----


def templates(experiment, options, basis):
    points = experiment.points({"preparation": "ensemble", **options}, "nominal")
    for setting in experiment.settings(points, [basis]):
        circuit, angles = experiment.template(setting), experiment.angles(setting, points)
        yield setting, circuit.assign_parameters({p: angles[p.name][0] for p in circuit.parameters})


@pytest.mark.parametrize("size", [3, 4])
def test_members_are_the_fourier_states_and_the_computational_ones(size):
    """Up to a phase, by qiskit's own operators."""
    phase = 0.7
    experiment = CoherenceReversal(size=size, coherence=0.3, coherence_phase=phase, collisions=0)
    seen = set()
    for setting, circuit in templates(experiment, {}, "Z" * size):
        member, of_bath = divmod(setting.member, 2)
        if of_bath:
            continue
        bare = circuit.copy()
        bare.remove_final_measurements()
        found = Statevector(bare).reverse_qargs().data.reshape(2**size, -1)[:, 0]
        m = [2**k for k in range(size)].index(member) if member.bit_count() == 1 else None
        wanted = np.eye(2**size)[member].astype(complex)
        if m is not None:
            turn = phase + 2 * np.pi * m / size
            wanted = sum(np.exp(1j * turn * k) * one_excited(k, size) for k in range(size)) / np.sqrt(size)
        assert abs(np.vdot(wanted, found)) == pytest.approx(1, abs=1e-12)
        seen.add(member)
    assert seen == set(range(2**size))


MORE = list(itertools.product(("ensemble", "measured", "purified", "random"), ("fresh", "reset")))


@pytest.mark.parametrize(
    ("size", "preparation", "ancillas"),
    [
        (3, "measured", "reset"),
        *(slow(3, *pair) for pair in MORE if pair != ("measured", "reset")),
        slow(4, "ensemble", "fresh"),
        slow(4, "measured", "reset"),
    ],
)
def test_every_preparation_and_supply_gives_the_exact_probabilities(size, preparation, ancillas):
    collisions = 1 if (size, ancillas) == (4, "fresh") or preparation == "purified" else 2
    experiment = CoherenceReversal(
        size=size, T_S=0.9, T_B=1.7, coherence=-0.6, coherence_phase=0.4, angle=0.8, collisions=collisions
    )
    options = {"preparation": preparation, "ancillas": ancillas}
    program = compile(experiment, experiment.points(options, "nominal"), shots=4096)
    blocks = program.blocks
    for block in blocks[:: max(1, len(blocks) // 12)]:
        column = {name: float(value) for name, value in zip(block.names, block.values[0], strict=True)}
        np.testing.assert_allclose(outcome_probabilities_of(block.circuit, column), block.probabilities[0], atol=1e-12)


def entangling(circuit):
    """CZ gates where every two qubits are coupled."""
    made = transpile(circuit, basis_gates=["cz", "rz", "sx", "x"], optimization_level=1, seed_transpiler=1)
    return made.count_ops().get("cz", 0)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "prepared", "everywhere"), [(2, 1, 5), (3, 3, 9), (4, 5, 13)])
def test_the_cost_of_preparation_and_of_one_cascade(size, prepared, everywhere):
    for collisions, expected in ((0, prepared), (1, everywhere)):
        experiment = CoherenceReversal(size=size, collisions=collisions, coherence=0.3)
        found = [entangling(circuit) for _, circuit in templates(experiment, {}, "Z" * size)]
        assert max(found) == expected


@pytest.mark.slow
@pytest.mark.parametrize(("size", "most"), [(2, 6), (3, 11), (4, 16)])
def test_the_cost_where_a_run_routes_it_along_a_line(size, most, tmp_path):
    program = compile(CoherenceReversal(size=size), shots=64, bases="energies", calibration_shots=0)
    run = execute(program, open_device("aer:fake_fez"), runs=tmp_path, seed=1)
    assert max(circuit["two_qubit_gates"] for circuit in run.start["device"]["circuits"]) == most


# ---- runs ----


def test_what_cannot_be_prepared_is_refused_with_the_way_round_it(call: Call):
    for words, said in (
        (("size=3", "contact=star"), "Argument `contact` star must have two spins"),
        (("size=2:4:3",), "Argument `size` must be one number"),
        (("size=5",), "whole, 2..4"),
        (("size=3", "coherence=1.2"), "Argument `coherence` must be -1..1"),
    ):
        found = call("predict", "coherence-reversal", *(part for word in words for part in ("--set", word)))
        assert found.status == 2
        assert said in found.err


@pytest.mark.slow
def test_a_plan_names_the_best_angle_of_those_set(call: Call, tmp_path):
    """Heat into the hot bath at the angle where it is largest: that of the preset."""
    said = call("plan", "coherence-reversal", "--set", "size=3", "--set", "angle=0.724:1.124:5", "--device", "exact",
                "--out", tmp_path)  # fmt: skip
    assert said.status == 0, said.err
    assert "most significant and largest at angle = 0.924: heat bath 0.0868" in said.out


@pytest.mark.slow
def test_a_file_of_more_spins_than_were_said_is_told_how_to_say_it(call: Call, tmp_path):
    record = executed(tmp_path / "runs", 3, shots=200)
    for words, status in (((), 2), (("--set", "size=3"), 0)):
        said = call("import", record.path / "counts.csv", "--protocol", "coherence-reversal", *words, "--draws", 5,
                    "--runs", tmp_path / "again")  # fmt: skip
        assert said.status == status
        assert ("the column `S3` is unknown. The qubits are S1, S2" in said.err) == (status == 2)
        assert ("--set size=3" in said.err) == (status == 2)


def executed(tmp_path, size, seed=3, shots=8000, **options):
    experiment = CoherenceReversal(size=size, coherence=0.8, coherence_phase=0.3)
    points = experiment.points({"control": "none", **options})
    return execute(compile(experiment, points, shots=shots), open_device("exact"), runs=tmp_path, seed=seed)


@pytest.mark.parametrize(("size", "options"), [(3, {}), slow(4, {"preparation": "measured", "ancillas": "reset"})])
def test_a_run_agrees_and_its_counts_come_back_to_the_identical_table(tmp_path, size, options):
    """Heats, energies and coherences within 5 standard errors (false alarm below 1e-4); the same after an import."""
    record = executed(tmp_path / "runs", size, **options)
    found = analyse(record, draws=20)
    linear = found.table[found.table["observable"].isin(["heat", "energy", "coherence", "energy_difference"])]
    pulls = ((linear["value"] - linear["ideal"]) / linear["stderr"]).dropna()
    assert len(pulls) > 30
    assert np.abs(pulls).max() < 5
    assert "pair" not in found.headline
    assert {"spins", "bath", "spinsbath"} <= set(linear["subject"])
    again = import_file(
        record.path / "counts.csv",
        protocol=CoherenceReversal,
        build=lambda columns: build(
            CoherenceReversal,
            {
                "size": str(size),
                "coherence": "0.8",
                "coherence_phase": "0.3",
                **{k: repr(v) for k, v in columns.items()},
            },
        ),
        runs=tmp_path / "again",
    )
    assert again.start["system"] == "spins"
    other = analyse(again, draws=20)
    pd.testing.assert_frame_equal(other.table, found.table, check_exact=True)
    assert other.headline == found.headline


@pytest.mark.slow
@pytest.mark.parametrize("size", [3, 4])
def test_symmetry_knows_the_number_of_every_member(tmp_path, size):
    experiment = CoherenceReversal(size=size, coherence=0.5)
    points = experiment.points({}, "nominal")
    members = sorted({setting.member for setting in experiment.settings(points, ("Z" * size,))})
    found = totals_of(experiment, points, ("Z" * size,), members)
    wanted = [bin(member // 2).count("1") + member % 2 for member in members]
    assert found.number[0].tolist() == wanted
    record = executed(tmp_path, size, shots=4000)
    table = analyse(record, mitigation="symmetry", draws=2).table
    rows = table[(table["observable"] == "heat") & (table["subject"] == "spins")]
    raw, clean = (rows[rows["mitigation"] == way]["value"].dropna().to_numpy() for way in ("none", "symmetry"))
    # without noise every shot has its number already
    np.testing.assert_allclose(clean, raw, atol=1e-12)
    with pytest.raises(RequestError, match="symmetry needs none"):
        analyse(record, mitigation="both", draws=2)


@pytest.mark.slow
def test_pulls_have_unit_variance(tmp_path):
    """Of 80 normal variables the variance is within 0.75..1.3 but for 1 in 12; the seeds are fixed."""
    experiment = CoherenceReversal(size=3, coherence=0.8, coherence_phase=0.3)
    program, device = compile(experiment, shots=2000), open_device("exact")
    pulls = {key: [] for key in (("heat", "spins"), ("heat", "bath"), ("energy", "S2"), ("coherence", "spins"))}
    for seed in range(80):
        table = analyse(execute(program, device, runs=tmp_path, seed=seed), draws=2).table
        for (name, subject), found in pulls.items():
            row = table[(table["observable"] == name) & (table["subject"] == subject)].iloc[0]
            found.append((row["value"] - row["ideal"]) / row["stderr"])
    for name, found in pulls.items():
        assert abs(np.mean(found)) < 4.5 / np.sqrt(len(found)), name
        assert 0.75 < np.var(found) < 1.3, name
