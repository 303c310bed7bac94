"""A Sampler job that somebody submitted without hotward: fetched once, kept, and imported as it was measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import Call
from fake_ibm import LocalPlatform
from qiskit import QuantumCircuit, transpile

from devices.ibm import Cloud, HardwareOptions, open_cloud, send
from devices.remote import clock

BASES = ("ZZ", "XX")


def posted(cloud: Cloud, sampler: str) -> str:
    """A is excited and B is not, twice; bit 0 reads A."""
    backend = cloud.backend("ibm_manila")
    circuits = []
    for basis in BASES:
        circuit = QuantumCircuit(2, 2, name="without a name")
        circuit.x(0)
        if basis == "XX":
            circuit.h([0, 1])
        circuit.measure([0, 1], [0, 1])
        circuits.append(transpile(circuit, backend=backend, optimization_level=0))
    options = HardwareOptions(sampler=sampler)
    return cloud.submit(lambda mode: send(mode, circuits, 400, options, ["colleague"], 60), backend)


def finished(cloud: Cloud, identifier: str) -> None:
    for _ in range(600):
        if cloud.look(identifier).state == "DONE":
            return
        clock.SYSTEM.sleep(0.1)
    raise AssertionError("the local platform did not finish")


@pytest.mark.parametrize("sampler", ["executor", "legacy"])
def test_a_job_of_one_s_own_is_fetched_kept_and_imported(
    platform: LocalPlatform, tmp_path: Path, call: Call, sampler: str
) -> None:
    cloud = open_cloud()
    identifier = posted(cloud, sampler)
    finished(cloud, identifier)
    layout, runs = tmp_path / "layout.csv", tmp_path / "runs"
    layout.write_text("basis\n" + "\n".join(BASES) + "\n")
    words = ("collect", "--job", identifier, "--runs", runs, "--draws", 2)
    unnamed = call(*words)
    assert unnamed.status == 2
    assert "--layout FILE" in unnamed.err
    assert str(runs / f"job-{identifier}.json") in unnamed.err, "what was fetched is not lost"
    asked = len(platform.requests) if hasattr(platform, "requests") else None
    said = call(*words, "--layout", layout)
    assert said.status == 0, said.err
    if asked is not None:
        assert len(platform.requests) == asked, "nothing is fetched twice"
    assert len(platform.jobs) == 1
    found = (
        pd.read_csv(said.run / "derived" / "table.csv").query("observable == 'energy'").set_index("subject")["value"]
    )
    assert found["A"] > 0.85, "A is bit 0, the last character"
    assert found["B"] < 0.15
    assert (said.run / "raw" / "imported.json").read_bytes() == (runs / f"job-{identifier}.json").read_bytes()
    again = call("import", runs / f"job-{identifier}.json", "--layout", layout, "--runs", runs, "--draws", 2)
    assert again.status == 0, again.err
    assert (again.run / "counts.csv").read_bytes() == (said.run / "counts.csv").read_bytes()
    unequal = call(*words, "--layout", layout, "--gaps", "A=0.5,B=1")
    energies = pd.read_csv(unequal.run / "derived" / "table.csv").query("observable == 'energy' and subject == 'A'")
    assert energies["value"].iloc[0] == found["A"] / 2
    assert set(energies["unit"]) == {"gap_B"}
    counts = pd.read_csv(said.run / "counts.csv").groupby("basis")["count"].sum()
    np.testing.assert_array_equal(counts[list(BASES)], [400, 400])


def test_what_is_no_job_is_refused(platform: LocalPlatform, tmp_path: Path, call: Call) -> None:
    runs = tmp_path / "runs"
    for words, status, named in (
        (("--job", "../x"), 2, "`job` must be the id"),
        (("--job", "d1k2abcdefgh"), 1, "d1k2abcdefgh"),
        (("some-run", "--job", "d1k2abcdefgh"), 2, "Give one of them"),
        ((), 2, "`run` must be the directory of a run"),
        (("some-run", "--layout", "x.csv"), 2, "--job ID"),
    ):
        said = call("collect", *words, "--runs", runs)
        assert (said.status, said.out) == (status, ""), said.err
        assert named in said.err
    assert not runs.exists()
