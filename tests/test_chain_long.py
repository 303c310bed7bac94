"""Chains of more than six sites: moments of C, probabilities of one excitation, counts, and what is refused.

The route of long chains is compared, at sizes that both can do, with the layer's matrices and with the circuits.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import analyse, predict
from devices import execute, open_device
from protocols import RequestError, chain, compile
from protocols.chain_exchange import ChainExchange
from protocols.pauli import moments


def random_chain(seed: int, **fields) -> ChainExchange:
    generator, sites = np.random.default_rng(seed), fields["sites"]
    T = {f"T_{i + 1}": float(t) for i, t in enumerate(generator.uniform(0.2, 0.6, sites))}
    phases = {"bonds": sites - 1, "coherent": sites - 1, "none": 0}.get(fields.get("correlation", "shared"), sites)
    phase = {f"phase_{i + 1}": float(one) for i, one in enumerate(generator.uniform(-3, 3, phases))}
    return ChainExchange(time=[0.0, float(generator.uniform(1, 30))], **T, **phase, **fields)


@pytest.mark.parametrize("correlation", ["shared", "bonds"])
@pytest.mark.parametrize("evolution", ["exact", "strang"])
@given(seed=st.integers(0, 10**6))
def test_moments_of_neighbours_are_those_of_the_whole_state(correlation, evolution, seed) -> None:
    one = random_chain(seed, sites=4, correlation=correlation, evolution=evolution)
    points = one.points({}, "nominal")
    C = chain.start(points.parameters, correlation, 4)
    couplings = points.parameters["coupling"][:, None] * np.ones(3)
    found = chain.neighbour_moments(chain.evolved_start(C, couplings, points.parameters["time"], evolution, 4))
    for word, known in moments(one.state(points), list(found)).items():
        assert found[word] == pytest.approx(known, abs=1e-10), word


def exact_moments_of(one, points, arm, monkeypatch):
    """As of a long chain, and from the matrices of the layer."""
    known = one.state(points, arm)
    monkeypatch.setattr(chain.LongChain, "long", True)
    found = one.moments(points, arm)
    return found, moments(known, list(found))


@pytest.mark.parametrize(
    ("correlation", "arm"),
    [
        *(("coherent", arm) for arm in ("main", "none")),
        *(("shared", arm) for arm in ("main", "dephased", "none")),
        *(("bonds", arm) for arm in ("main", "dephased", "none")),
    ],
)
def test_moments_of_arms_and_of_a_form_that_is_not_gaussian(correlation, arm, monkeypatch) -> None:
    one = random_chain(23, sites=4, correlation=correlation)
    points = one.points({"control": arm} if arm != "main" else {}, "nominal")
    found, known = exact_moments_of(one, points, arm, monkeypatch)
    for word, value in known.items():
        assert found[word] == pytest.approx(value, abs=1e-10), word
    if (correlation, arm) in (
        ("coherent", "main"),
        ("shared", "dephased"),
        ("bonds", "dephased"),
    ):  # Wick's theorem is wrong of these
        C, _ = one.orbitals(points, arm)
        assert chain.neighbour_moments(C)["ZZII"][1] != pytest.approx(known["ZZII"][1], abs=1e-7)


@pytest.mark.parametrize("correlation", ["shared", "bonds", "coherent", "none"])
def test_what_neighbours_share_follows_from_their_moments(correlation, monkeypatch) -> None:
    one = random_chain(29, sites=4, correlation=correlation)
    known = predict(one, {})
    monkeypatch.setattr(chain.LongChain, "long", True)
    monkeypatch.setattr("protocols.chain.rows.MOST_WHOLE", 3)
    found = predict(one, {})
    key = ["observable", "subject", "time"]
    both = found.merge(known, on=key, suffixes=("", "_whole"))
    both = both[both["observable"].isin(["mutual_information", "concurrence", "energy", "bond_current"])]
    assert len(both) == 2 * (3 + 3 + 4 + 3)
    assert both["ideal"].to_numpy() == pytest.approx(both["ideal_whole"].to_numpy(), abs=1e-9)
    shared = both[(both["observable"] == "mutual_information") & (both["time"] == 0)]["ideal"]
    assert (shared > 1e-4).all() == (correlation != "none")


@pytest.mark.parametrize("basis", ["ZZZZ", "XXXX", "XYXY"])
@pytest.mark.parametrize("evolution", ["exact", "strang"])
def test_outcomes_of_one_excitation_are_those_of_the_layer(basis, evolution, monkeypatch) -> None:
    one = random_chain(7, sites=4, evolution=evolution)
    points = one.points({}, "nominal")
    settings = one.settings(points, (basis,))
    known = [one.exact(setting, points) for setting in settings]
    monkeypatch.setattr(chain.LongChain, "long", True)
    for setting, probabilities in zip(settings, known, strict=True):
        assert one.exact(setting, points) == pytest.approx(probabilities, abs=1e-12)


def test_circuits_of_seven_sites_have_these_probabilities() -> None:
    from qiskit.quantum_info import Statevector

    one = random_chain(11, sites=7)
    points = one.points({"control": "dephased"}, "nominal")
    settings = one.settings(points, ("Z" * 7, "XYXYXYX"))
    assert len(settings) == 2 * (2 + 8)  # two members, and nothing or one site alone
    excited = {arm: np.zeros(7) for arm in points.arms}
    for setting in settings:
        circuit = one.template(setting).remove_final_measurements(inplace=False)
        angles = one.angles(setting, points)
        bound = circuit.assign_parameters({p: angles[p.name][1] for p in circuit.parameters})
        found = Statevector(bound).probabilities(range(7)[::-1])
        assert found == pytest.approx(one.exact(setting, points)[1], abs=1e-12)
        if setting.basis == "Z" * 7:
            bits = (np.arange(128)[:, None] >> np.arange(7)[::-1]) & 1
            excited[setting.arm] += one.weights(setting, points)[1] * found @ bits
    for arm, energies in excited.items():
        known = one.moments(points, arm)
        each = [(1 - known["I" * i + "Z" + "I" * (6 - i)][1]) / 2 for i in range(7)]
        assert energies == pytest.approx(each, abs=1e-12), arm


def test_a_hundred_sites_are_one_matrix_of_a_hundred() -> None:
    p = np.linspace(0.01, 0.4, 100)
    C = np.broadcast_to(np.diag(p).astype(complex), (100, 100, 100))
    times = np.linspace(0, 100, 100)
    found = chain.neighbour_moments(chain.evolved_start(C, np.full((100, 99), 0.1), times, "exact", 1))
    total = np.sum([(1 - found["I" * i + "Z" + "I" * (99 - i)]) / 2 for i in range(100)], axis=0)
    assert total == pytest.approx(np.full(100, p.sum()), abs=1e-10)
    # the modes of an open line in closed form
    k = np.pi * np.arange(1, 101) / 101
    modes = np.sqrt(2 / 101) * np.sin(np.outer(np.arange(1, 101), k))
    u = (modes * np.exp(-0.2j * np.cos(k) * times[-1])) @ modes.T
    first = 1 - 2 * (np.abs(u) ** 2 @ p)[0]
    assert found["Z" + "I" * 99][-1] == pytest.approx(first, abs=1e-10)


@pytest.mark.parametrize("bases", ["energies", "conserving"])
def test_counts_of_a_long_chain_agree_with_the_exact_curve(bases, tmp_path) -> None:
    one = ChainExchange(sites=7, time=[0.0, 6.0])
    record = execute(compile(one, bases=bases, shots=4000), open_device("exact"), runs=tmp_path, seed=3)
    table = analyse(record).table
    judged = table[table["observable"].isin(["energy", "bond_current", "transferred_energy"]) & (table["stderr"] > 0)]
    pulls = (judged["value"] - judged["ideal"]) / judged["stderr"]
    assert len(judged) == {"energies": 7 * 2 + 6 * 2, "conserving": 7 * 2 + 6 * 4}[bases]
    assert np.abs(pulls).max() < 4  # 1 in 400 by chance
    assert {"heat"} < set(table["observable"])


def test_predict_has_twenty_sites() -> None:
    table = predict(ChainExchange(sites=20, time=[0.0, 5.0]), {})
    energy = table[table["observable"] == "energy"].groupby("time")["ideal"].sum()
    assert energy.iloc[1] == pytest.approx(energy.iloc[0], abs=1e-12)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"sites": 8, "correlation": "coherent"}, "2^8 members"),
    ],
)
def test_what_a_long_chain_cannot_run_is_refused_with_the_repair(fields, said) -> None:
    one = ChainExchange(**fields, time=5.0)
    with pytest.raises(RequestError) as refused:
        one.settings(one.points({}, "nominal"), ("Z" * fields["sites"],))
    assert said in str(refused.value)
    assert "Set" in str(refused.value)


def test_probabilities_of_all_outcomes_are_not_made_of_long_chains() -> None:
    program = compile(ChainExchange(sites=20, time=[0.0, 5.0]), bases="energies", shots=100)
    with pytest.raises(RequestError) as refused:
        open_device("exact").prepare(program, 1)
    assert "at most 18 reads" in str(refused.value)
    assert "--device aer" in str(refused.value)


@pytest.mark.slow
def test_noise_is_not_simulated_of_more_qubits_than_a_density_matrix_can_have() -> None:
    program = compile(ChainExchange(sites=13, time=[0.0, 5.0]), bases="energies", shots=100)
    with pytest.raises(RequestError) as refused:
        open_device("aer:fake_fez").prepare(program, 1)
    assert "at most 12 qubits in one circuit on aer:fake_fez" in str(refused.value)


@pytest.mark.slow
@pytest.mark.parametrize("bases", ["energies", "conserving"])
def test_counts_of_sixteen_sites_agree_with_the_gaussian_reference(bases, tmp_path) -> None:
    one = ChainExchange(sites=16, time=[0.0, 6.0])
    record = execute(compile(one, bases=bases, shots=4000), open_device("aer"), runs=tmp_path, seed=3)
    found = analyse(record)
    table = found.table
    judged = table[table["observable"].isin(["energy", "bond_current", "transferred_energy"]) & (table["stderr"] > 0)]
    assert len(judged) == {"energies": 16 * 2 + 15 * 2, "conserving": 16 * 2 + 15 * 4}[bases]
    assert np.abs((judged["value"] - judged["ideal"]) / judged["stderr"]).max() < 4.2  # 1 in 500 by chance
    assert "the state of 16 qubits is simulated by Aer's matrix_product_state" in record.start["notes"]
    counts = record.counts()
    z = counts[(counts["basis"] == "Z" * 16) & (counts["time"] == 6.0)]
    shared = z.groupby("member")[["weight", "count"]].agg({"weight": "first", "count": "sum"})
    by_hand = sum(
        shared.loc[m, "weight"] * (part["q8"] * part["count"]).sum() / shared.loc[m, "count"]
        for m, part in z.groupby("member")
    )
    energy = table[(table["observable"] == "energy") & (table["subject"] == "q8") & (table["time"] == 6.0)]
    assert energy["value"].item() == pytest.approx(by_hand, abs=1e-12)


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"sites": 21}, "2..20"), ({"T_4": 1.0}, "T_1..T_3"), ({"phase_3": 1.0, "correlation": "bonds"}, "2 bonds")],
)
def test_sites_and_bonds_that_are_not_there_are_refused(fields, said) -> None:
    with pytest.raises(RequestError) as refused:
        ChainExchange(**fields)
    assert said in str(refused.value)


@pytest.mark.parametrize("what", ["sites", "modes", "populations"])
def test_members_are_drawn_with_their_weights(what) -> None:
    """Chi-square of 8 states at two points, 7 degrees each: 1 in 10 000 by chance."""
    from scipy.stats import chi2

    one = random_chain(3, sites=3, correlation="bonds")
    C = chain.start(one.points({}, "nominal").parameters, "bonds", 3)
    p = np.real(np.diagonal(C, axis1=1, axis2=2))
    known = {
        "sites": chain.occupied(p),
        "modes": chain.occupied(chain.filled(C)[0]),
        "populations": chain.populations(C),
    }
    shots = np.array([20_000, 5_000])
    where, repeats, bits = chain.drawn_members(C, what, shots, [[1, 2], [1, 3]])
    assert set(repeats.tolist()) <= {1 << k for k in range(15)}
    drawn = np.zeros((2, 8))
    np.add.at(drawn, (where, bits @ np.array([4, 2, 1])), repeats)
    assert (drawn.sum(axis=1) == shots).all()
    due = known[what] * shots[:, None]
    seen = due > 0.5
    assert not drawn[~seen].any() or what != "modes"
    statistic = np.where(seen, (drawn - due) ** 2 / np.maximum(due, 0.5), 0.0).sum()
    assert statistic < chi2.isf(1e-4, 14)


@pytest.mark.parametrize(("correlation", "arm"), [("bonds", "main"), ("bonds", "dephased"), ("none", "main")])
def test_a_drawn_row_is_its_member_evolved(correlation, arm) -> None:
    from qiskit.quantum_info import Statevector

    one = random_chain(17, sites=7, correlation=correlation)
    points = one.points({"control": arm} if arm != "main" else {}, "nominal")
    program = compile(one, points, bases="energies", shots=40)
    block = next(block for block in program.blocks if block.setting.arm == arm)
    assert block.drawn
    assert np.bincount(block.point, block.repeats).tolist() == [40, 40]
    row = int(np.flatnonzero(block.point == 1)[-1])
    angles = dict(zip(block.names, block.values[row], strict=True))
    circuit = block.circuit.remove_final_measurements(inplace=False)
    bound = circuit.assign_parameters({p: angles[p.name] for p in circuit.parameters})
    outcomes = (np.arange(128)[:, None] >> np.arange(7)[::-1]) & 1
    found = Statevector(bound).probabilities(range(7)[::-1]) @ outcomes
    bits = np.array([angles[f"start_flip_{i}"] for i in range(7)]) / np.pi
    assert bits.any()
    known = points.parameters
    modes = chain.filled(chain.start(known, "bonds", 7))[1][1] if (correlation, arm) == ("bonds", "main") else np.eye(7)
    u = chain.moved(np.full((2, 6), 0.1), known["time"], "exact", 1)[1]
    assert found == pytest.approx(np.abs(u @ modes) ** 2 @ bits, abs=1e-12)


def test_draws_differ_between_points_settings_and_arms_and_follow_the_seed() -> None:
    one = ChainExchange(sites=8, correlation="none", time=[1.0, 2.0])
    bases = ("Z" * 8, "X" * 8)

    def rows(seed: str) -> list[tuple[int, bytes]]:
        program = compile(one, one.points({"flips": seed}, "nominal"), bases=bases, shots=200)
        return [(len(block.point), block.values.tobytes()) for block in program.blocks]

    assert rows("1") == rows("1")
    assert rows("1") != rows("2")
    assert rows("1")[0] != rows("1")[1]


def test_hardware_runs_no_drawn_members() -> None:
    with pytest.raises(RequestError, match="drawn shot by shot"):
        compile(ChainExchange(sites=8, correlation="none", time=5.0), shots=200, shots_per_row=10)
    program = compile(ChainExchange(sites=8, correlation="none", time=5.0), shots=200)
    with pytest.raises(RequestError, match=r"drawn shot by shot.*--device aer"):
        open_device("exact").prepare(program, 1)


def test_symmetry_knows_the_numbers_of_members(tmp_path) -> None:
    one = ChainExchange(sites=7, time=[0.0, 5.0])
    program = compile(one, one.points({"control": "dephased"}), bases="energies", shots=300)
    found = analyse(execute(program, open_device("exact"), runs=tmp_path, seed=3), mitigation="symmetry")
    assert found.mitigated is not None
    assert found.mitigated.members.excitations.tolist() == [0, *[1] * 7]
    # main has its two members, and dephased the vacuum and one excitation on each of seven sites
    assert [(one.arm, one.member) for one in found.mitigated.kept[:3]] == [("main", 0), ("main", 1), ("dephased", 0)]
    assert [one.share for one in found.mitigated.kept] == pytest.approx(np.ones(10))
    rows = found.table[found.table["observable"].isin(["energy", "transferred_energy"])]
    raw, kept = (rows[rows["mitigation"] == way] for way in ("none", "symmetry"))
    assert kept["value"].to_numpy() == pytest.approx(raw["value"].to_numpy(), abs=1e-12)  # no shot had another number


@pytest.mark.slow
def test_symmetry_is_refused_before_the_first_shot_where_members_are_drawn(call, tmp_path) -> None:
    said = call(
        "run", "chain-exchange", "--device", "aer", "--set", "sites=7", "--control", "none", "--mitigation", "symmetry",
        "--runs", tmp_path,
    )  # fmt: skip
    assert said.status == 2
    assert "drawn shot by shot" in said.err


@pytest.mark.slow
@pytest.mark.parametrize("correlation", ["bonds", "none"])
def test_counts_of_drawn_members_agree_with_the_exact_curve(correlation, tmp_path) -> None:
    one = ChainExchange(sites=7, correlation=correlation, time=[0.0, 6.0])
    points = one.points({"control": "none,dephased", "flips": "5"})
    program = compile(one, points, bases="conserving", shots=600)
    table = analyse(execute(program, open_device("aer"), runs=tmp_path, seed=3)).table
    judged = table[table["observable"].isin(["energy", "bond_current", "transferred_energy"]) & (table["stderr"] > 0)]
    assert set(judged["arm"]) == {"main", "none", "dephased"} if correlation == "bonds" else "arm" not in table
    # at most 114 values, and energies of 2 percent of 600 shots are not normal: 1 in 100 by chance
    assert np.abs((judged["value"] - judged["ideal"]) / judged["stderr"]).max() < 4.2
