"""Z counts of a chain measured elsewhere: sites by their columns, energies as counted, the exact curve beside them.

Counts are made from matrices of the whole space, not by hotward.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from devices import RunRecord
from devices.imports import import_counts, import_file
from protocols import RequestError
from protocols.chain_exchange import ChainExchange

HOT = (0.4, 0.3, 0.2, 0.35, 0.15, 0.1)
TIMES = (0.0, 3.0, 6.0)
COUPLING = 0.1


def probabilities(excited, times) -> np.ndarray:
    """Of every outcome in Z of a product that evolved under H = J sum (s+ s- + h.c.), (times, 2**N)."""
    sites = len(excited)

    def at(matrix, site):
        return np.kron(np.kron(np.eye(2**site), matrix), np.eye(2 ** (sites - site - 1)))

    raising = np.array([[0, 0], [1, 0]])
    hops = [COUPLING * at(raising, i) @ at(raising.T, i + 1) for i in range(sites - 1)]
    energies, modes = np.linalg.eigh(sum(hops) + sum(hops).T)
    start = np.ones(1)
    for p in excited:
        start = np.kron(start, [1 - p, p])
    found = []
    for time in times:
        u = (modes * np.exp(-1j * energies * time)) @ modes.T
        found.append(np.abs(u) ** 2 @ start)
    return np.array(found)


def written(path: Path, excited, times, shots=8192, names=None, seed=3) -> np.ndarray:
    """A file of sampled counts; energies as counted, (times, N)."""
    sites, generator = len(excited), np.random.default_rng(seed)
    names = names or [f"q{i + 1}" for i in range(sites)]
    order = [int(name[1:]) - 1 for name in names]
    bits = (np.arange(2**sites)[:, None] >> np.arange(sites)[::-1]) & 1
    counted = []
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["time", "basis", *names, "count"])
        for time, p in zip(times, probabilities(excited, times), strict=True):
            counts = generator.multinomial(shots, p / p.sum())
            counted.append(counts @ bits / shots)
            table.writerows([time, "Z" * sites, *bits[k, order], n] for k, n in enumerate(counts) if n)
    return np.array(counted)


def imported(call, path: Path, *values: str) -> RunRecord:
    words = [word for value in values for word in ("--set", value)]
    said = call("import", path, "--protocol", "chain-exchange", *words, "--runs", path.parent)
    assert said.status == 0, said.err
    return RunRecord.open(said.run)


def rows(record, observable):
    from analysis import analyse

    table = analyse(record).table
    return table[table["observable"] == observable]


def test_energies_are_as_counted_beside_the_evolution_of_those_of_time_0(call, tmp_path) -> None:
    counted = written(tmp_path / "chain.csv", HOT[:4], TIMES, names=["q2", "q1", "q3", "q4"])
    record = imported(call, tmp_path / "chain.csv")
    notes = " ".join(record.start["notes"])
    assert "C diagonal" in notes
    assert "columns stand in the order q2, q1, q3, q4" in notes
    energy = rows(record, "energy")
    ideal = probabilities(counted[0], TIMES)
    bits = (np.arange(16)[:, None] >> np.arange(4)[::-1]) & 1
    for i in range(4):
        mine = energy[energy["subject"] == f"q{i + 1}"].sort_values("time")
        assert mine["value"].to_numpy() == pytest.approx(counted[:, i], abs=1e-12)
        assert mine["ideal"].to_numpy() == pytest.approx(ideal @ bits[:, i], abs=1e-10)
    passed = rows(record, "transferred_energy")
    last = passed[(passed["subject"] == "q2q3") & (passed["time"] == 6)]["value"].item()
    assert last == pytest.approx((counted[0] - counted[2])[:2].sum(), abs=1e-12)


def test_declared_excitations_are_where_the_curve_starts(call, tmp_path) -> None:
    written(tmp_path / "chain.csv", HOT[:3], TIMES)
    record = imported(call, tmp_path / "chain.csv", *(f"excitation_{i + 1}={HOT[i]}" for i in range(3)))
    first = rows(record, "energy").query("time == 0")["ideal"].to_numpy()
    assert first == pytest.approx(HOT[:3], abs=1e-12)
    declared = imported(call, tmp_path / "chain.csv", "T_1=1", "T_2=2")
    assert declared.start["fields"]["correlation"] == "shared"
    # of more sites than there are by default, whose populations sum to more than a shared excitation has
    written(tmp_path / "five.csv", HOT[:5], TIMES)
    record = imported(call, tmp_path / "five.csv", *(f"excitation_{i + 1}={HOT[i]}" for i in range(5)))
    assert rows(record, "energy").query("time == 0")["ideal"].to_numpy() == pytest.approx(HOT[:5], abs=1e-12)
    again = import_counts(
        {"time": [0, 0], "basis": ["ZZZ"] * 2, "q1": [1, 0], "q2": [0, 0], "q3": [0, 1], "count": [3, 5]},
        experiment=ChainExchange(),
        runs=tmp_path,
    )
    assert rows(again, "energy")["ideal"].to_numpy() == pytest.approx([0.375, 0, 0.625], abs=1e-12)


def test_a_start_without_correlation_is_that_of_the_counts_but_for_a_run_of_hotwards(call, tmp_path) -> None:
    """correlation=none alone declares no temperatures: whoever made a run with it took the protocol's."""
    counted = written(tmp_path / "chain.csv", HOT[:4], TIMES)
    found = rows(imported(call, tmp_path / "chain.csv", "correlation=none"), "energy").query("time == 0")
    assert found["ideal"].to_numpy() == pytest.approx(counted[0], abs=1e-12)
    head, *lines = (tmp_path / "chain.csv").read_text().splitlines()
    own_columns = [f"role,pass,{head}", *(f"point,0,{line}" for line in lines)]
    (tmp_path / "own.csv").write_text("\n".join(own_columns) + "\n")
    own = rows(imported(call, tmp_path / "own.csv", "correlation=none"), "energy").query("time == 0")
    (start,) = ChainExchange(sites=4, correlation="none", time=[0.0]).points().parameters["T_1"]
    assert own["ideal"].to_numpy()[0] == pytest.approx(1 / (1 + np.exp(1 / start)), abs=1e-12)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("T_6=0.5", "it has the columns q1..q5, but chain-exchange was declared with 6 sites. Set sites=5"),
        ("excitation_1=0.3", "`excitation_2` must be given where the exact curve starts from declared populations"),
    ],
)
def test_sites_are_declared_all_or_none(call, tmp_path, value, says) -> None:
    written(tmp_path / "chain.csv", HOT[:5], TIMES)
    said = call("import", tmp_path / "chain.csv", "--protocol", "chain-exchange", "--set", value, "--runs", tmp_path)
    assert said.status == 2
    assert says in said.err


def test_more_sites_than_the_protocol_has_are_imported_without_it(tmp_path) -> None:
    names = [f"q{i + 1}" for i in range(21)]
    cells = {"time": [0, 0], "basis": ["Z" * 21] * 2, **{name: [0, 1] for name in names}, "count": [3, 5]}
    with pytest.raises(
        RequestError, match=r"columns q1..q21, but chain-exchange has 20 sites at most. Leave --protocol"
    ):
        import_counts(cells, experiment=ChainExchange(), runs=tmp_path)


def test_without_a_protocol_every_site_has_energies_and_no_pair_is_singled_out(tmp_path) -> None:
    from analysis import analyse

    counted = written(tmp_path / "chain.csv", HOT[:3], TIMES)
    found = analyse(import_file(tmp_path / "chain.csv", runs=tmp_path))
    change = found.table[(found.table["observable"] == "energy_change") & (found.table["time"] == 6)]
    assert change["value"].to_numpy() == pytest.approx(counted[2] - counted[0], abs=1e-12)
    assert found.verdicts[0].kind.value == "measured"
    assert not found.fits


@pytest.mark.parametrize(
    ("names", "values", "said"),
    [
        (["q1", "q2", "q4"], (), "the column `q3` is missing"),
        (["q1", "q2", "q3"], ("sites=4",), "q1..q3, but chain-exchange was declared with 4 sites"),
        (["q1", "q2", "q3"], ("sites=2",), "Set sites=3"),
    ],
)
def test_columns_that_are_no_chain_get_one_line(call, tmp_path, names, values, said) -> None:
    path = tmp_path / "chain.csv"
    path.write_text(f"time,basis,{','.join(names)},count\n0,{'Z' * len(names)},{','.join('0' * len(names))},8\n")
    words = [word for value in values for word in ("--set", value)]
    refused = call("import", path, "--protocol", "chain-exchange", *words, "--runs", tmp_path)
    assert refused.status != 0
    assert said in refused.err
    assert len(refused.err.strip().splitlines()) == 1


def test_without_time_0_the_start_is_asked_for(call, tmp_path) -> None:
    written(tmp_path / "chain.csv", HOT[:3], TIMES[1:])
    refused = call("import", tmp_path / "chain.csv", "--protocol", "chain-exchange", "--runs", tmp_path)
    assert refused.status != 0
    assert "no row at time = 0" in refused.err


def test_a_chain_too_long_for_states_has_its_exact_curve_too(call, tmp_path) -> None:
    excited = (0.4, 0.3, 0.2, 0.35, 0.15, 0.1, 0.25)
    counted = written(tmp_path / "chain.csv", excited, TIMES[:2], shots=500)
    energy = rows(imported(call, tmp_path / "chain.csv"), "energy").query("time == 3")
    bits = (np.arange(128)[:, None] >> np.arange(7)[::-1]) & 1
    assert energy["value"].to_numpy() == pytest.approx(counted[1], abs=1e-12)
    assert energy["ideal"].to_numpy() == pytest.approx(probabilities(counted[0], TIMES[1:2])[0] @ bits, abs=1e-10)


@pytest.mark.slow
def test_sixteen_sites_of_which_no_table_of_outcomes_could_be_made(call, tmp_path) -> None:
    """Counts of nothing in particular, read through errors that four patterns calibrate; 2^16 squared is no matrix."""
    sites, shots, generator = 16, 200, np.random.default_rng(8)
    names = [f"q{i + 1}" for i in range(sites)]
    wrong = generator.uniform(0.01, 0.08, (sites, 2))
    counted, rows = [], []
    for time in (0.0, 7.0):
        bits = (generator.random((shots, sites)) < generator.uniform(0.05, 0.5, sites)).astype(int)
        counted.append(bits.mean(axis=0))
        rows += [[time, "Z" * sites, "", *one, 1] for one in bits.tolist()]
    rates = []
    for bit in (0, 1):
        read = bit ^ (generator.random((1000, sites)) < wrong[:, bit])
        rates.append((read != bit).mean(axis=0))
        rows += [["", "cal", str(bit) * sites, *one, 1] for one in read.astype(int).tolist()]
    with (tmp_path / "chain.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["time", "basis", "prepared", *names, "count"], *rows])
    energy = rows_of_sites(imported(call, tmp_path / "chain.csv"), names)
    true = (np.array(counted) - rates[0]) / (1 - rates[0] - rates[1])  # each site by itself
    assert energy["value"] == pytest.approx(true, abs=1e-12)
    k = np.pi * np.arange(1, sites + 1) / (sites + 1)
    modes = np.sqrt(2 / (sites + 1)) * np.sin(np.outer(np.arange(1, sites + 1), k))
    u = (modes * np.exp(-2j * COUPLING * np.cos(k) * 7.0)) @ modes.T
    start = np.clip(true[0], 0, 1)
    assert energy["ideal"][0] == pytest.approx(start, abs=1e-12)
    assert energy["ideal"][1] == pytest.approx(np.abs(u) ** 2 @ start, abs=1e-10)
    # binomial noise, and that of both rates; two counts more in the variance
    e0, e1 = rates
    b = 1 - e0 - e1
    read = np.array(counted)
    noise = read * (1 - read) / (shots - 1) / b**2
    noise += (e0 * (1 - e0) * (1 - true) ** 2 + e1 * (1 - e1) * true**2) / 1000 / b**2
    assert energy["stderr"] ** 2 == pytest.approx(noise + 2 / shots**2 / b**2, rel=1e-6)


def rows_of_sites(record, names) -> dict[str, np.ndarray]:
    """Energies by time and site, (times, N)."""
    table = rows(record, "energy").pivot_table(index="time", columns="subject", values=["value", "ideal", "stderr"])
    return {kind: table[kind][names].to_numpy() for kind in ("value", "ideal", "stderr")}


@pytest.mark.slow
def test_six_sites_at_61_times_agree_with_their_exact_curve(call, tmp_path) -> None:
    from analysis import analyse

    counted = written(tmp_path / "chain.csv", HOT, np.linspace(0, 24, 61))
    found = analyse(imported(call, tmp_path / "chain.csv"))
    energy = found.table[(found.table["observable"] == "energy") & (found.table["role"] == "point")]
    assert energy["value"].to_numpy() == pytest.approx(counted.ravel(), abs=1e-12)
    # 61 times x 6 sites, each with the errors of the start beside its own: sqrt 2 of one at most
    pulls = ((energy["value"] - energy["ideal"]) / energy["stderr"]).to_numpy()
    assert np.abs(pulls).max() < 5 * np.sqrt(2)
    assert not any("as declared" in warning for warning in found.warnings)
