"""The founding experiment on a noisy device: a sweep on the stored calibration of ibm_fez.

One run, seed fixed: of the acceptance size, the default sweep, in the slow tier, of nine times in the fast one. The
exact noisy prediction is the density matrix of the same executed templates under the same noise model, without readout
error.
"""

import numpy as np
import pytest
from conftest import slow

from analysis import analyse
from devices import execute, open_device
from devices.simulators.aer import Aer
from protocols import compile
from protocols.heat_exchange import HeatExchange

SEED = 17


@pytest.fixture(scope="module", params=["nine times", slow("default sweep")])
def flown(request, tmp_path_factory):
    experiment = HeatExchange(time=np.linspace(0, 28, 9)) if request.param == "nine times" else HeatExchange()
    device = open_device("aer:fake_fez")
    assert isinstance(device, Aer)
    program = compile(experiment, experiment.points({"control": "none"}), shots=4096, calibration_shots=4096)
    record = execute(program, device, runs=tmp_path_factory.mktemp("runs"), seed=SEED)
    return record, predicted_energies(device, program), analyse(record, draws=2)


def predicted_energies(device, program):
    plan = device.prepare(program, SEED)
    energies = {}
    for index, block in enumerate(program.blocks):
        if block.setting.basis == "ZZ" and not block.prepared:
            p = device.probabilities_before_readout(plan, [index])[0]
            for qubit, excited in (("A", p[:, 2] + p[:, 3]), ("B", p[:, 1] + p[:, 3])):
                key = block.setting.arm, qubit
                energies[key] = energies.get(key, 0) + block.weight * excited
    return energies


def series(result, observable, subject, arm="main"):
    table = result.table
    chosen = (table["observable"] == observable) & (table["subject"] == subject) & (table["arm"] == arm)
    return table[chosen].sort_values("point")


def test_the_reversal_is_seen_beyond_any_doubt(flown):
    _, _, result = flown
    heat = series(result, "heat", "A")
    best = heat.loc[heat["value"].idxmax()]
    assert best["value"] > 0.25
    assert best["value"] / best["stderr"] > 40
    assert result.verdict.reversed is True


def test_the_control_flows_the_ordinary_way(flown):
    _, _, result = flown
    heat = series(result, "heat", "A", "none")
    assert (heat["value"] / heat["stderr"]).min() < -8


def test_energies_and_heat_are_those_of_the_noise_model(flown):
    """132 energies and 128 heats in the default sweep; |z| > 4.5 in any of 260 has a chance of 1 in 500."""
    _, predicted, result = flown
    for (arm, qubit), energies in predicted.items():
        for observable, expected in (("energy", energies), ("heat", energies - energies[0])):
            rows = series(result, observable, qubit, arm)
            z = (rows["value"] - expected) / rows["stderr"]
            assert np.abs(z).max() < 4.5


def test_readout_correction_brings_the_energies_nearer_to_the_ideal(flown):
    record, _, corrected = flown
    rms = []
    for result in (corrected, analyse(record, draws=2, readout_correction=False)):
        rows = result.table
        energy = rows[(rows["observable"] == "energy") & (rows["role"] == "point")]
        rms.append(np.sqrt(((energy["value"] - energy["ideal"]) ** 2).mean()))
    assert rms[0] < rms[1]


def test_the_record_says_which_qubits_and_why(flown):
    record, _, _ = flown
    device = record.start["device"]
    (placement,) = device["placements"]
    assert set(placement["physical"]) == {"A", "B"}
    assert 0.9 < placement["score"] < 1
    assert 0 < device["calibration"]["couplers"]["A-B"]["error"] < 0.02
    gates = {(c["arm"], c["member"]): c["two_qubit_gates"] for c in device["circuits"]}
    assert gates == {("main", 0): 2, ("main", 1): 3, ("none", 0): 2, ("none", 1): 3, ("none", 2): 3, ("none", 3): 2}
