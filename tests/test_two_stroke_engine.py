"""two-stroke-engine against orbital matrices, against density matrices of four qubits, and against its circuits."""

import numpy as np
import pytest
from circuit_probabilities import outcome_probabilities_of
from conftest import examples, slow
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import expm

from analysis import predict
from protocols import RequestError, compile
from protocols.two_stroke_engine import TwoStrokeEngine

LOWER = np.array([[0.0, 1.0], [0.0, 0.0]])


def on(place, matrix):
    """A matrix of one of four qubits bath_c, c, h, bath_h."""
    whole = np.eye(1)
    for other in range(4):
        whole = np.kron(whole, matrix if other == place else np.eye(2))
    return whole


def swap(a, b, angle):
    """exp(-i angle (s+ s- + h.c.)) of two of them."""
    hop = on(a, LOWER.T) @ on(b, LOWER)
    return expm(-1j * angle * (hop + hop.T))


def thermal(beta_gap):
    p = 1 / (1 + np.exp(beta_gap))
    return np.diag([1 - p, p])


def by_density_matrices(T_h, T_c, g, phi, theta, cycles):
    """Q_h, Q_c, W and energy of c and h after each cycle, by 16 x 16 matrices: W by the energy that the swap takes."""
    tau_c, tau_h = thermal(g / T_c), thermal(1 / T_h)
    rho = np.kron(tau_c, tau_h)
    energy = [on(place, gap * np.diag([0, 1])) for place, gap in enumerate((g, g, 1, 1))]
    heat, work = swap(0, 1, phi) @ swap(2, 3, phi), swap(1, 2, theta)
    found = []
    for _ in range(cycles):
        start = np.kron(np.kron(tau_c, rho), tau_h)
        heated = heat @ start @ heat.conj().T
        worked = work @ heated @ work.conj().T
        Q_c, Q_h = (np.trace((start - heated) @ energy[place]).real for place in (0, 3))
        W = sum(np.trace((heated - worked) @ energy[place]).real for place in (1, 2))
        inside = sum(np.trace(worked @ energy[place]).real for place in (1, 2))
        found.append((Q_h, Q_c, W, inside))
        rho = np.einsum("abcdafgd->bcfg", worked.reshape((2,) * 8)).reshape(4, 4)
    return np.array(found)


def rows(table, observable, subject):
    """Ideal values by cycle."""
    chosen = table[(table["observable"] == observable) & (table["subject"] == subject)]
    return chosen.set_index("cycle")["ideal"].sort_index()


def cycles_of(engine):
    table = predict(engine, {})
    return np.stack([rows(table, *key) for key in (("heat", "hot"), ("heat", "cold"), ("work", "hc"))], axis=-1)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {},
            {
                1: (0, 0, 0.0115445),
                2: (0.0237632, -0.0178224, 0.0112173),
                3: (0.0346243, -0.0259682, 0.0057865),
                8: (0.0279489, -0.0209616, 0.0069324),
            },
        ),
        (
            {"T_h": 0.9, "T_c": 0.35, "gap_c": 0.7, "heat_angle": 0.7, "work_angle": 0.6, "cycles": 6},
            {6: (0.0276240, -0.0193368, 0.0087516)},
        ),
        ({"gap_c": 0.4}, {8: (-0.0144022, 0.0057609, -0.0085735)}),
        ({"T_c": 0.7, "gap_c": 0.5}, {8: (-0.0329996, 0.0164998, -0.0163703)}),
    ],
)
def test_printed_heats_and_work_of_each_cycle(fields, expected):
    found = cycles_of(TwoStrokeEngine(**fields))
    for cycle, numbers in expected.items():
        np.testing.assert_allclose(found[cycle - 1], numbers, atol=1e-6)


PARAMETERS = {
    "T_h": st.floats(0.2, 3),
    "T_c": st.floats(0.2, 3),
    "g": st.floats(0.2, 2.5),
    "phi": st.floats(-2, 2),
    "theta": st.floats(-2, 2),
    "cycles": st.integers(1, 6),
}


@given(st.fixed_dictionaries(PARAMETERS))
@examples(30, fast=3)
def test_every_cycle_is_that_of_density_matrices_of_four_qubits(f):
    expected = by_density_matrices(**f)
    engine = TwoStrokeEngine(
        T_h=f["T_h"],
        T_c=f["T_c"],
        gap_c=f["g"],
        heat_angle=f["phi"],
        work_angle=f["theta"],
        cycles=f["cycles"],
    )
    np.testing.assert_allclose(cycles_of(engine), expected[:, :3], atol=1e-10)
    table = predict(engine, {})
    last, before = expected[-1], expected[-2, 3] if f["cycles"] > 1 else None
    single = {(row.observable, row.subject): row.ideal for row in table.itertuples() if row.cycle in (f["cycles"],)}
    for side in "hc":
        assert single["work_by_side", side] == pytest.approx(last[2], abs=1e-10)
        assert (1 - f["g"]) * single["moved_excitation", side] == pytest.approx(last[2], abs=1e-10)
    assert single["first_law_residual", "hc"] == pytest.approx(0, abs=1e-10)
    assert single["entropy_production", "baths"] == pytest.approx(-last[0] / f["T_h"] - last[1] / f["T_c"], abs=1e-10)
    energies = table[table["observable"] == "energy"].set_index("subject")["ideal"]
    assert energies["h"] + energies["c"] == pytest.approx(last[3], abs=1e-10)
    if before is not None:
        change = table[(table["observable"] == "energy_change") & (table["subject"] == "hc")]["ideal"].iloc[0]
        assert change == pytest.approx(last[3] - before, abs=1e-10)
        assert last[0] + last[1] - last[2] == pytest.approx(change, abs=1e-10)


@pytest.mark.parametrize(
    ("fields", "signs"),
    [
        slow({}, (1, -1, 1)),
        ({"T_c": 0.7, "gap_c": 0.5}, (-1, 1, -1)),
        slow({"gap_c": 1.5}, (1, -1, -1)),
    ],
)
def test_every_regime_has_its_signs_and_the_efficiency_of_the_gaps_in_the_limit_cycle(fields, signs):
    engine = TwoStrokeEngine(cycles=24, **fields)
    found, g = cycles_of(engine)[-1], float(engine.gap_c)
    np.testing.assert_array_equal(np.sign(found), signs)
    np.testing.assert_allclose(found / found[0], (1, -g, 1 - g), atol=1e-6)
    table = predict(engine, {}).set_index("observable")["ideal"]
    assert table["efficiency"] == pytest.approx(1 - g, abs=1e-6)
    assert table["coefficient_of_performance"] == pytest.approx(g / (1 - g), abs=1e-5)
    assert table["entropy_production"] > 0


def test_the_control_swaps_nothing_and_rests_in_equilibrium():
    table = predict(TwoStrokeEngine(cycles=3), {"control": "none"})
    still = table[(table["arm"] == "none") & table["observable"].isin(["heat", "work", "moved_excitation"])]
    assert still["ideal"].abs().max() < 1e-15
    # the exact work of a cycle that was not read is that of the main arm
    assert {*still[still["observable"] == "work"]["cycle"]} == {3}


def test_what_was_done_of_the_last_cycle_by_strokes():
    table = predict(TwoStrokeEngine(cycles=4, stroke=[0, 1, 2]), {})
    by = table[(table["cycle"] == 4)].set_index(["stroke", "observable", "subject"])["ideal"]
    for stroke, heat, work in ((0, 0.0, 0.0), (1, 0.0287175, 0.0), (2, 0.0287175, 0.0060175)):
        assert by[stroke, "heat", "hot"] == pytest.approx(heat, abs=1e-6)
        assert by[stroke, "work", "hc"] == pytest.approx(work, abs=1e-6)


def test_a_gap_that_is_swept_is_that_of_the_energies_and_temperatures_of_its_qubit():
    gaps = np.array([0.4, 0.75, 1.3])
    engine = TwoStrokeEngine(cycles=3, gap_c=gaps)
    table = predict(engine, {})
    states = engine.state(engine.points({}, "nominal"))
    p_c = np.einsum("pii,i->p", states, [0, 1, 0, 1]).real

    def column(observable, subject):
        return table[(table["observable"] == observable) & (table["subject"] == subject)]["ideal"].to_numpy()

    np.testing.assert_allclose(column("energy", "c"), gaps * p_c, atol=1e-12)
    np.testing.assert_allclose(column("effective_beta", "c"), np.log(1 / p_c - 1) / gaps, atol=1e-10)
    np.testing.assert_allclose(column("effective_temperature", "c"), gaps / np.log(1 / p_c - 1), atol=1e-10)
    np.testing.assert_allclose(column("energy_difference", "hc"), column("energy", "h") - gaps * p_c, atol=1e-12)


SUPPLIES = [
    ("ensemble", "fresh", 1),
    ("ensemble", "reset", 2),
    ("measured", "reset", 2),
    slow("measured", "fresh", 2),
    ("purified", "fresh", 1),
    slow("random", "reset", 1),
]


@pytest.mark.parametrize(("preparation", "supply", "cycles"), SUPPLIES)
def test_every_preparation_and_supply_is_the_circuit_by_operators(preparation, supply, cycles):
    engine = TwoStrokeEngine(cycles=cycles, gap_c=0.6, heat_angle=0.5, work_angle=-0.9, T_c=1.1, T_h=1.9)
    points = engine.points({"preparation": preparation, "ancillas": supply, "flips": "3"})
    blocks = [block for block in compile(engine, points, shots=4096).blocks if not block.prepared]
    for block in blocks[:: max(1, len(blocks) // 3)]:
        angles = dict(zip(block.names, map(float, block.values[0]), strict=True))
        found = outcome_probabilities_of(block.circuit, angles)
        np.testing.assert_allclose(found, block.probabilities[0], atol=1e-12)


def test_many_histories_of_ancillas_are_those_of_few():
    """Eight cycles have 65536 histories, which maps of one collision combine; their sums are the exact energies."""
    engine = TwoStrokeEngine(cycles=5, work_angle=0.6)
    points = engine.points({"preparation": "measured"}, "nominal")
    total = 0
    for setting in engine.settings(points, ["ZZ"]):
        total = total + engine.weights(setting, points)[:, None] * engine.exact(setting, points)
        columns = [outcome.column for outcome in setting.outcomes]
        registers = [outcome.register for outcome in setting.outcomes]
    assert len(columns) == 12
    bits = (np.arange(2**12)[:, None] >> np.arange(12)[::-1]) & 1
    excited = dict(zip(registers, (total @ bits)[0], strict=True))
    for name, energy in engine.registers(points).items():
        gap = 0.75 if name.startswith("bath_c") else 1
        assert gap * excited[name] == pytest.approx(energy[0], abs=1e-12)


def test_preparations_that_cannot_carry_so_many_cycles_say_which_can():
    for options, match in (
        ({"preparation": "ensemble"}, "--preparation measured or purified or random, or fewer cycles"),
        ({"preparation": "random"}, "rarest has a probability"),
    ):
        engine = TwoStrokeEngine()
        with pytest.raises(RequestError, match=match):
            compile(engine, engine.points(options), shots=100)
    with pytest.raises(RequestError, match="at most 18 reads"):
        compile(TwoStrokeEngine(cycles=9), TwoStrokeEngine(cycles=9).points({}), shots=100)


def test_efficiency_and_cooling_between_baths_whose_names_are_exchanged():
    """Limit cycle: an engine that draws g from c and gives 1 to h has (g - 1)/g <= 1 - 0.4/0.8; a refrigerator that
    draws 1 from h has 1/(g - 1) <= 0.4/(0.8 - 0.4)."""
    for g, name, ratio in ((1.5, "efficiency", 1 / 3), (2.5, "coefficient_of_performance", 1 / 1.5)):
        table = predict(TwoStrokeEngine(cycles=24, T_h=0.4, T_c=0.8, gap_c=g), {}).set_index("observable")["ideal"]
        assert table[name] == pytest.approx(ratio, abs=1e-5)
        assert table["carnot_efficiency"] == pytest.approx(0.5, abs=1e-12)
        assert table["carnot_coefficient_of_performance"] == pytest.approx(1, abs=1e-12)
