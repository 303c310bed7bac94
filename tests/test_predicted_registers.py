"""Energies of ancillas in the noise model: by hand from the density matrix of all wires, and as they are measured."""

from __future__ import annotations

import numpy as np
import pytest
from test_idling import by_hand, made, placed, traced

from analysis import analyse
from analysis.verdict import Question
from devices import execute
from devices.record import RunRecord, exact_at

BRIDGE = {"T_c": [0.3, 0.6]}


def energies_by_hand(device, plan) -> dict[str, float]:
    """Of the first point in arm 0, from circuits read at their end: gap times excited population, by register."""
    program, target = plan.program, placed(plan, device)
    found: dict[str, float] = {}
    for block, circuit in zip(program.blocks, plan.executed, strict=True):
        if block.prepared or block.setting.arm != program.points.arms[0] or not block.setting.basis.startswith("Z"):
            continue
        row = block.point.tolist().index(0)
        rho = by_hand(circuit.assign_parameters(dict(zip(block.names, block.values[row], strict=True))), target)
        read = {one.clbits[0]: circuit.find_bit(one.qubits[0]).index for one in circuit.data if one.name == "measure"}
        for bit, outcome in zip(circuit.cregs[0], block.setting.outcomes, strict=True):
            if outcome.register:
                excited = traced(rho, [read[bit]])[1, 1].real
                found[outcome.register] = found.get(outcome.register, 0) + block.weight[row] * outcome.gap * excited
    return found


def test_energies_of_ancillas_are_those_of_the_outcomes():
    """The same from the probabilities of all bits together, block by block."""
    device, plan = made("heat-bridge", {"control": "off"}, T_c=[0.3])
    due = {"hot": 0.0, "cold": 0.0}
    for index, block in enumerate(plan.program.blocks):
        if block.setting.arm == plan.program.points.arms[0] and not block.prepared:
            outcomes = block.setting.outcomes
            p = device.probabilities_before_readout(plan, [index])[0][0].reshape((2,) * len(outcomes))
            for axis, outcome in enumerate(outcomes):
                if outcome.register:
                    due[outcome.register] += block.weight[0] * outcome.gap * np.moveaxis(p, axis, 0)[1].sum()
    known = device.predicted(plan)
    assert due == {name: pytest.approx(known[f"register_{name}"][0, 0], abs=1e-12) for name in due}


@pytest.mark.slow
def test_energies_of_ancillas_are_those_of_the_density_matrix_by_hand():
    device, plan = made("heat-bridge", {"control": "none"}, T_c=[0.3])
    known = device.predicted(plan)
    due = energies_by_hand(device, plan)
    assert set(due) == {"hot", "cold"}
    for name, energy in due.items():
        # Aer loses 5e-10 of the trace at every noisy gate
        assert known[f"register_{name}"][0, 0] == pytest.approx(energy, abs=1e-8)
        ideal = exact_at(plan.program.experiment, plan.program.points)[f"register_{name}"][0, 0]
        assert abs(energy - ideal) > 1e-3, "noise would not show"


@pytest.mark.slow
def test_energies_of_several_ancillas_have_a_gap_of_their_own_at_every_point():
    """One wire is read and reset in two collisions; in the noise model of nothing it is what the protocol says."""
    device, plan = made("landauer-erasure", {"control": "none"}, steps=2)
    ideal, known = exact_at(plan.program.experiment, plan.program.points), device.predicted(plan)
    names = [name for name in ideal if name.startswith("register_")]
    assert len(names) == 2
    for name in names:
        # errors of two gates and of one wait
        np.testing.assert_allclose(known[name], ideal[name], atol=0.01)
        assert np.abs(known[name] - ideal[name]).max() > 1e-6


@pytest.fixture(scope="module")
def bridge(tmp_path_factory):
    device, plan = made("heat-bridge", {"control": "off"}, shots=20_000, calibration=20_000, **BRIDGE)
    record = execute(plan.program, device, runs=tmp_path_factory.mktemp("runs"), seed=2)
    return record, analyse(record, draws=2)


@pytest.mark.slow
def test_what_is_measured_of_ancillas_is_what_the_noise_model_says(bridge):
    """20 values of two points and two arms: 4 standard errors in any have a chance of 1 in 800."""
    record, found = bridge
    model = found.prediction.quantities
    rows = [key for key, one in model.items() if {*one.observable.reads} & {*record.registers}]
    assert {("energy", "hot"), ("energy", "cold"), ("heat", "hot"), ("heat", "cold")} <= {*rows}
    for key in rows:
        measured = found.estimates.quantities[key]
        assert (np.abs(measured.value - model[key].ideal) < 4 * measured.stderr).all(), key
    (check,) = [one for one in found.checks if one.question is Question.NOISE_MODEL]
    assert check.passed
    assert check.finding.dof == 6, "energies of system and both baths at two points"


@pytest.mark.slow
def test_energies_that_only_errors_make_are_predicted(bridge):
    """All parts together gain 0.01 of a gap by errors of gates, which the exchange itself cannot give."""
    _, found = bridge
    whole = found.prediction.quantities["heat", "hotbridgecold"]
    assert (whole.ideal > 0.005).all()
    with np.errstate(invalid="ignore"):
        pulls = (found.estimates.quantities["heat", "hotbridgecold"].value - whole.ideal) / 0.0016
    assert np.abs(pulls).max() < 4


@pytest.mark.slow
def test_runs_of_before_have_no_prediction_of_ancillas(bridge, tmp_path):
    record, found = bridge
    without = {name: value for name, value in record.ideal().items() if not name.startswith("device_register_")}

    class Before(RunRecord):
        def ideal(self):
            return without

    old = Before(**{name: getattr(record, name) for name in record.__dataclass_fields__})
    rows = analyse(old, draws=2).prediction.quantities
    assert ("energy", "hot") not in rows
    assert ("energy", "bridge") in rows
    assert found.prediction.quantities["energy", "hot"].ideal.shape == (2, 2)
