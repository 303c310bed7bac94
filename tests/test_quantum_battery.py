"""quantum-battery: matrices of the whole space written here, closed forms, circuits by operators, runs."""

import functools

import numpy as np
import pandas as pd
import pytest
from conftest import Call, examples
from hypothesis import given
from hypothesis import strategies as st
from predictions import read_off
from qiskit.quantum_info import Statevector
from scipy.linalg import expm

from analysis import analyse, predict
from devices import execute, open_device
from devices.imports import import_file
from protocols import compile, load
from protocols.program import build
from protocols.quantum_battery import FULL, SINGLE, QuantumBattery

LOWER = np.array([[0, 1], [0, 0]])
b1, c1, c2, b2 = range(4)


def on(wire, matrix):
    return functools.reduce(np.kron, [matrix if i == wire else np.eye(2) for i in range(4)])


def coupled(*pairs):
    """Sum of s+ s- + h.c."""
    hops = [on(a, LOWER.T) @ on(b, LOWER) for a, b in pairs]
    return sum(hop + hop.T for hop in hops)


A, B = coupled((b1, c1), (c2, b2)), coupled((b1, c2), (c1, b2))
NUMBER = np.diag([0.0, 1.0])
CHARGED = on(b1, LOWER.T) @ on(b2, LOWER.T) @ np.eye(16)[0]


def stored(psi):
    return (np.abs(psi) ** 2 @ np.diag(on(c1, NUMBER) + on(c2, NUMBER))).real


def strang(x, steps):
    """The charged state after so many symmetric steps of g t = x in all."""
    a = x / steps
    step = expm(-0.5j * a * A) @ expm(-1j * a * B) @ expm(-0.5j * a * A)
    return np.linalg.matrix_power(step, steps) @ CHARGED


fields = st.fixed_dictionaries(
    {"coupling": st.floats(0.1, 3), "time": st.floats(0, 4), "steps": st.sampled_from([1, 2, 3, 5])}
)


@given(fields)
@examples(40, fast=4)
def test_energies_are_those_of_matrices(f):
    x = f["coupling"] * f["time"]
    table = predict(QuantumBattery(**f), {"control": "parallel"})
    found = functools.partial(read_off, table)
    psi = strang(x, f["steps"])
    assert found("stored_energy", "cells")[0] == pytest.approx(stored(psi), abs=1e-11)
    assert found("energy", "chargers")[0] == pytest.approx(2 - stored(psi), abs=1e-11)
    assert found("total_energy", "battery")[0] == pytest.approx(2, abs=1e-11)
    np.testing.assert_allclose(
        [found("energy", name)[0] for name in ("b1", "c1", "c2", "b2")],
        [(np.abs(psi) ** 2 @ np.diag(on(wire, NUMBER))).real for wire in range(4)],
        atol=1e-11,
    )
    whole = stored(expm(-1j * x * (A + B)) @ CHARGED)
    assert found("stored_energy_continuous", "cells")[0] == pytest.approx(whole, abs=1e-11)
    apart = stored(expm(-1j * x * A) @ CHARGED)
    assert found("stored_energy_parallel", "cells")[0] == pytest.approx(apart, abs=1e-11)
    assert found("stored_energy", "cells", "parallel")[0] == pytest.approx(apart, abs=1e-11)
    if f["time"] > 0:
        power = stored(psi) / f["time"]
        assert found("power", "cells")[0] == pytest.approx(power, abs=1e-10 * max(1, 1 / f["time"]))
        assert found("power_advantage", "cells")[0] == pytest.approx(
            power / (2 * SINGLE * f["coupling"]), abs=1e-10 * max(1, 1 / f["time"])
        )


TIMES = [0.4, 0.7, 1.0, FULL]


def at_times(name, arm="main", **more):
    return read_off(predict(QuantumBattery(time=TIMES, **more), {"control": "parallel"}), name, "cells", arm)


def test_printed_numbers():
    """frontier.md E6."""
    np.testing.assert_allclose(at_times("stored_energy"), (0.5605932, 1.3155884, 1.8295578, 1.922264), atol=6e-7)
    np.testing.assert_allclose(
        at_times("stored_energy", steps=2), (0.5711466, 1.3787577, 1.9306103, 1.996372), atol=6e-7
    )
    np.testing.assert_allclose(at_times("stored_energy_continuous"), (0.5745804, 1.3977862, 1.9513631, 2), atol=6e-8)
    apart = (0.303293, 0.830033, 1.416147, 1.605700)
    np.testing.assert_allclose(at_times("stored_energy", "parallel"), apart, atol=6e-7)
    np.testing.assert_allclose(at_times("stored_energy_parallel"), apart, atol=6e-7)


def test_the_advantage_is_that_of_the_best_times():
    """P_1 = sin^2(x)/x at tan x = 2x; together sqrt2 of two of them, with one Strang step 1.319."""
    x = np.linspace(0.01, 3, 300001)
    assert pytest.approx((np.sin(x) ** 2 / x).max(), abs=1e-10) == SINGLE
    together = 2 * np.sin(np.sqrt(2) * x) ** 2 / x
    assert together.max() / (2 * SINGLE) == pytest.approx(np.sqrt(2), abs=1e-9)
    table = predict(QuantumBattery(time=np.linspace(0, 1.5, 151), coupling=0.7), {})
    assert read_off(table, "power_advantage_limit", "cells")[0] == pytest.approx(np.sqrt(2), abs=1e-12)
    found = read_off(predict(QuantumBattery(time=np.linspace(0, 1.5, 151)), {}), "power_advantage", "cells")
    assert np.isnan(found[0])
    once = [stored(strang(x, 1)) / x for x in np.linspace(0, 1.5, 151)[1:]]
    assert np.nanmax(found) == pytest.approx(max(once) / (2 * SINGLE), abs=1e-12)
    assert np.nanmax(found) == pytest.approx(1.3187, abs=1e-4)
    steps = read_off(predict(QuantumBattery(time=np.linspace(0, 1.5, 151), steps=8), {}), "power_advantage", "cells")
    assert np.nanmax(steps) == pytest.approx(np.sqrt(2), abs=2e-3)


@pytest.mark.parametrize(("steps", "arm"), [(1, "main"), (3, "main"), (1, "parallel")])
def test_circuits_are_the_matrices(steps, arm):
    """Up to a phase, by qiskit's own operators."""
    experiment = QuantumBattery(steps=steps, time=0.83, coupling=1.3)
    points = experiment.points({"control": "parallel"}, "nominal")
    (setting,) = [one for one in experiment.settings(points, ["ZZZZ"]) if one.arm == arm]
    circuit, angles = experiment.template(setting), experiment.angles(setting, points)
    circuit.remove_final_measurements()
    bound = circuit.assign_parameters({p: angles[p.name][0] for p in circuit.parameters})
    found = Statevector(bound).reverse_qargs().data
    wanted = strang(0.83 * 1.3, steps) if arm == "main" else expm(-1j * 0.83 * 1.3 * A) @ CHARGED
    assert abs(np.vdot(wanted, found)) == pytest.approx(1, abs=1e-12)


# ---- runs ----


def executed(tmp_path, device="exact", seed=3, shots=4000, **fields):
    experiment = QuantumBattery(**{"time": [0.5, 1.0], **fields})
    program = compile(experiment, experiment.points({"control": "parallel"}), shots=shots)
    return execute(program, open_device(device), runs=tmp_path, seed=seed)


def test_a_run_agrees_and_its_counts_come_back_to_the_identical_table(tmp_path):
    """Within 5 standard errors (false alarm below 1e-4); the same after an import."""
    record = executed(tmp_path / "runs")
    found = analyse(record, draws=20)
    rows = found.table[found.table["value"].notna() & (found.table["stderr"] > 0)]
    pulls = (rows["value"] - rows["ideal"]) / rows["stderr"]
    assert len(pulls) > 30
    assert np.abs(pulls).max() < 5
    assert found.headline.startswith("charged together: two chargers and two cells")
    again = import_file(
        record.path / "counts.csv",
        protocol=QuantumBattery,
        build=lambda columns: build(QuantumBattery, {name: repr(value) for name, value in columns.items()}),
        runs=tmp_path / "again",
    )
    pd.testing.assert_frame_equal(analyse(again, draws=20).table, found.table, check_exact=True)


@pytest.mark.slow
def test_symmetry_keeps_two_excitations(tmp_path):
    """Without noise no shot has another number."""
    table = analyse(executed(tmp_path, shots=500), mitigation="symmetry", draws=2).table
    rows = table[(table["observable"] == "stored_energy")]
    raw, clean = (rows[rows["mitigation"] == way]["value"].dropna().to_numpy() for way in ("none", "symmetry"))
    np.testing.assert_allclose(clean, raw, atol=1e-12)


@pytest.mark.slow
def test_nothing_is_said_of_ancillas(call: Call, tmp_path):
    said = call("run", "quantum-battery", "--preset", "full", "--device", "exact", "--shots", 200, "--draws", 5,
                "--runs", tmp_path)  # fmt: skip
    assert said.status == 0, said.err
    assert "ancilla" not in said.out + said.err
    assert "charged together" in said.out


@pytest.mark.slow
@pytest.mark.parametrize(("steps", "gates"), [(1, 18), (2, 32)])
def test_on_a_noisy_line_it_is_above_separate_pairs(tmp_path, steps, gates):
    record = executed(tmp_path, "aer:fake_fez", shots=20_000, seed=1, steps=steps, time=[FULL])
    circuits = record.start["device"]["circuits"]
    assert {(one["arm"], one["two_qubit_gates"]) for one in circuits} == {("main", gates), ("parallel", 4)}
    table = analyse(record, draws=2).table
    rows = table[(table["observable"] == "stored_energy") & (table["time"] > 0)].set_index("arm")
    apart = rows.loc["main", "value"] - rows.loc["parallel", "value"]
    assert apart > 5 * np.hypot(*rows["stderr"])
    assert rows.loc["main", "value"] - 2 * np.sin(FULL) ** 2 > 5 * rows.loc["main", "stderr"]


@pytest.mark.slow
def test_pulls_have_unit_variance(tmp_path):
    """Of 80 normal variables the variance is within 0.75..1.3 but for 1 in 12; the seeds are fixed."""
    experiment = load("quantum-battery")(time=0.7)
    program, device = compile(experiment, shots=2000), open_device("exact")
    keys = [("stored_energy", "cells"), ("energy", "b1"), ("energy", "chargers"), ("power_advantage", "cells")]
    pulls = {key: [] for key in keys}
    for seed in range(80):
        table = analyse(execute(program, device, runs=tmp_path, seed=seed), draws=2).table
        for (name, subject), found in pulls.items():
            row = table[(table["observable"] == name) & (table["subject"] == subject)].iloc[0]
            found.append((row["value"] - row["ideal"]) / row["stderr"])
    for name, found in pulls.items():
        assert abs(np.mean(found)) < 4.5 / np.sqrt(len(found)), name
        assert 0.75 < np.var(found) < 1.3, name


def test_the_advantage_is_sought_while_pairs_charge():
    one = QuantumBattery(coupling=2.0, time=[0.0, 0.3, np.pi / 4, 0.9])
    assert one.goal(one.points()).where == (True, True, True, False)
