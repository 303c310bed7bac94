"""Compiling: stratified shots, calibration rows, passes; reading parameters and units from text."""

import numpy as np
import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st

from protocols import RequestError, compile, load, names
from protocols.heat_exchange import HeatExchange
from protocols.pauli import parse_bases
from protocols.program import build, grid, with_references
from protocols.units import Gap

deterministic = examples(40)

# CODATA/SI 2019 values, written down here independently
H_EV = 4.135667696923859e-15
K_EV = 8.617333262145179e-5


# ---- shots ----


@given(st.integers(4, 20_000), st.floats(0.2, 5), st.floats(0.2, 5), st.floats(0, 1))
@deterministic
def test_shots_follow_the_weights_and_add_up_exactly(shots, T_A, T_B, strength):
    experiment = HeatExchange(T_A=[T_A, T_A + 1], T_B=T_B, strength=strength, time=1.0)
    points = experiment.points({"control": "none"}, reference="nominal")
    program = compile(experiment, points, shots=shots, bases="ZZ")
    for arm in ("main", "none"):
        blocks = [b for b in program.blocks if b.setting.arm == arm]
        repeats = np.array([b.repeats for b in blocks])
        weights = np.array([b.weight for b in blocks])
        assert (repeats.sum(axis=0) == shots).all()
        assert (repeats[weights > 0] >= 1).all()
        assert (repeats[weights == 0] == 0).all()
        # rounding moves one shot; members lifted to their single shot take at most one each from the heaviest
        assert (np.abs(repeats - weights * shots) < 1 + len(blocks)).all()


def test_too_few_shots_for_the_members_are_refused():
    with pytest.raises(RequestError, match="at least 4"):
        compile(HeatExchange(strength=0.5), shots=3)


@pytest.mark.parametrize("shots", [0, -5, 1.5])
def test_shots_must_be_a_positive_whole_number(shots):
    with pytest.raises(RequestError, match="shots"):
        compile(HeatExchange(), shots=shots)


def test_repeats_are_spread_over_passes_without_loss_and_calibration_is_at_both_ends():
    experiment = HeatExchange(strength=0.7, time=[0.0, 1.0])
    program = compile(experiment, shots=4096, bases="ZZ", calibration_shots=1000, shots_per_row=64, passes=5)
    total = [np.zeros_like(block.repeats) for block in program.blocks]
    for pass_ in range(5):
        order = [index for index, repeats in program.rows_of_pass(pass_) if program.blocks[index].prepared]
        assert (order != []) == (pass_ in (0, 4))
        for index, repeats in program.rows_of_pass(pass_):
            total[index] = total[index] + repeats
            spread = program.blocks[index].repeats / 5
            if not program.blocks[index].prepared:
                assert (np.abs(repeats - spread) <= 1).all()
    for index, block in enumerate(program.blocks):
        assert (total[index] == block.repeats).all()
    first = list(program.rows_of_pass(0))
    assert program.blocks[first[0][0]].prepared == "00"
    assert [r.tolist() for i, r in first if program.blocks[i].prepared] == [[8, 0]] * 4


def shares(program):
    """Repeats of every row of the measurement in each pass, (rows of all blocks, passes)."""
    found = []
    for pass_ in range(program.passes):
        due = {index: repeats for index, repeats in program.rows_of_pass(pass_) if not program.blocks[index].prepared}
        found.append(np.concatenate([due[index] for index in sorted(due)]))
    return np.stack(found, axis=1)


SPREAD = {
    "heat-exchange": ({"strength": 0.7}, {"control": "none"}, "full", 4096),
    "coherence-reversal": ({"collisions": 3}, {"preparation": "ensemble", "ancillas": "fresh"}, None, 1024),
    "algorithmic-cooling": ({}, {}, None, 4096),
    "cooling-floor": ({}, {}, None, 512),
    "heat-pump": ({"cycles": [0, 1]}, {"control": "none"}, ("ZZ",), 1024),
}


@pytest.mark.parametrize("passes", [2, 3, 4, 5, 8])
@pytest.mark.parametrize("name", SPREAD)
def test_no_pass_is_special(name, passes):
    fields, options, bases, shots = SPREAD[name]
    experiment = load(name)(**fields)
    program = compile(experiment, experiment.points(options), shots=shots, bases=bases, shots_per_row=32, passes=passes)
    due = shares(program)
    repeats = np.concatenate([block.repeats for block in program.blocks])
    assert (due.sum(axis=1) == repeats).all()
    assert ((due == repeats[:, None] // passes) | (due == -(-repeats[:, None] // passes))).all()
    # all rows together, and those of a single repeat, which would all have been in the last pass
    total, light = due.sum(axis=0), due[repeats == 1].sum(axis=0)
    assert np.abs(total - total.mean()).max() <= 5 + 0.02 * total.mean()
    assert np.abs(light - light.mean()).max() <= 4 + 0.1 * light.mean()


@pytest.mark.parametrize("passes", [2, 3, 4, 5, 8])
def test_light_rows_are_spread_over_the_points_of_a_block_and_over_the_blocks_of_a_point(passes):
    experiment = HeatExchange(time=np.linspace(0, 30, 48))
    program = compile(experiment, shots=2, bases="full", passes=passes)
    rows = [block.repeats == 1 for block in program.blocks]
    assert np.concatenate(rows).mean() > 0.9
    due = shares(program).reshape(len(program.blocks), len(program.points), passes)
    even_rows, even_blocks = len(program.points) / passes, len(program.blocks) / passes
    light = np.array(rows)[..., None] * due
    assert np.abs(light.sum(axis=1) - even_rows).max() <= 3
    assert np.abs(light.sum(axis=0) - even_blocks).max() <= 3
    # on the way along the sweep too: any `passes` points in a row meet nearly half of the passes at least
    for block in light:
        for first in range(len(block) - passes):
            assert (block[first : first + passes].sum(axis=0) > 0).sum() >= passes / 2


def test_one_pass_has_everything():
    program = compile(HeatExchange(), shots=100, calibration_shots=10)
    due = {index: repeats for index, repeats in program.rows_of_pass(0) if not program.blocks[index].prepared}
    assert [*due] == [i for i, block in enumerate(program.blocks) if not block.prepared]
    assert all((due[index] == program.blocks[index].repeats).all() for index in due)


def test_every_pattern_is_calibrated_in_two_halves():
    program = compile(HeatExchange(time=0.0), shots=10, calibration_shots=101)
    calibration = [b for b in program.blocks if b.prepared]
    assert [b.prepared for b in calibration] == ["00", "01", "10", "11"]
    assert all(b.repeats.tolist() == [51, 50] for b in calibration)
    assert [b.probabilities[0].argmax() for b in calibration] == [0, 1, 2, 3]


# ---- sweeps ----


def test_the_default_sweep_is_one_period_and_holds_its_own_reference():
    points = HeatExchange().points()
    assert len(points) == 33
    assert points.parameters["time"][-1] == pytest.approx(np.pi / 0.1)
    assert (points.reference == 0).all()
    assert not points.reference_only.any()


def test_a_sweep_without_time_zero_gets_one_reference_per_combination():
    points = HeatExchange(T_A=[1.0, 2.0], time=[3.0, 4.0]).points()
    assert points.reference_only.tolist() == [False] * 4 + [True] * 2
    for i in range(4):
        home = points.reference[i]
        assert points.parameters["time"][home] == 0
        assert points.parameters["T_A"][home] == points.parameters["T_A"][i]
    assert points.reference[4:].tolist() == [4, 5]


def test_automatic_times_follow_a_swept_coupling():
    points = HeatExchange(coupling=[0.1, 0.4]).points()
    last = points.parameters["time"].reshape(2, 33)[:, -1]
    assert last == pytest.approx([np.pi / 0.1, np.pi / 0.4])


def test_a_grid_runs_its_last_field_fastest():
    made = grid({"a": np.array([1.0, 2.0]), "b": np.array([5.0, 6.0, 7.0])})
    assert made["a"].tolist() == [1, 1, 1, 2, 2, 2]
    assert made["b"].tolist() == [5, 6, 7, 5, 6, 7]


def test_nominal_references_add_nothing():
    points = with_references({"a": np.ones(2), "time": np.array([1.0, 2.0])}, {}, "time", "nominal")
    assert points.reference.tolist() == [-1, -1]


# ---- text ----


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", 2.0),
        ("-0.5", -0.5),
        ("1e-3", 1e-3),
        (".5", 0.5),
        ("pi", np.pi),
        ("-pi/2", -np.pi / 2),
        ("3*pi/4", 3 * np.pi / 4),
        ("2*pi*0.1", 2 * np.pi * 0.1),
        ("1/3", 1 / 3),
        ("+0.25", 0.25),
    ],
)
def test_numbers_may_be_products_and_quotients_with_pi(text, value):
    assert build(HeatExchange, {"coupling_phase": text}).coupling_phase == pytest.approx(value, abs=1e-15)


NO_NUMBERS = ["", "two", "1+1", "pi pi", "pi*", "2**3", "--1", "1 0", "1_0", "nan", "inf"]
NO_SWEEPS = ["1:2", "0:1:1", "0:1:x", "0:1:2.5", "0:1:2:3", "0:1:-3", "0:1:1000001"]


@pytest.mark.parametrize("text", [*NO_NUMBERS, *NO_SWEEPS, "1/0"])
def test_other_text_is_refused_and_shown(text):
    with pytest.raises(RequestError, match="coupling_phase") as caught:
        build(HeatExchange, {"coupling_phase": text})
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"T_B": "0"}, "0"),
        ({"T_A": "-1:1:3"}, "0"),
        ({"T_A": "1e999"}, "inf"),
        ({"coupling": "-0.1"}, "-0.1"),
        ({"strength": "1.5"}, "1.5"),
        ({"dephasing": "-0.1"}, "-0.1"),
        ({"time": "0:-1:3"}, "-0.5"),
        ({"T_A": "1:1:3"}, "repeat"),
    ],
)
def test_a_number_outside_its_domain_is_refused_and_shown(values, shown):
    with pytest.raises(RequestError, match=next(iter(values))) as caught:
        build(HeatExchange, values)
    assert shown in str(caught.value)


def test_a_parameter_of_another_choice_is_refused():
    with pytest.raises(RequestError, match=r"correlation_phase.*none"):
        build(HeatExchange, {"correlation": "none", "correlation_phase": "1"})


def test_a_sweep_includes_both_ends():
    assert build(HeatExchange, {"T_A": "1:2:3"}).T_A.tolist() == [1.0, 1.5, 2.0]
    assert build(HeatExchange, {"time": "0:pi/0.1:5"}).time[-1] == pytest.approx(10 * np.pi)


def test_quantities_are_converted_with_the_gap():
    values = {"gap": "1kHz", "T_A": "4.30peV", "T_B": "40nK", "coupling": "107.55Hz", "time": "0ms:1.5ms:2"}
    experiment = build(HeatExchange, values)
    assert pytest.approx(4.30e-12 / (1000 * H_EV), rel=1e-12) == experiment.T_A
    assert pytest.approx(40e-9 * K_EV / (1000 * H_EV), rel=1e-9) == experiment.T_B
    assert experiment.coupling == pytest.approx(0.10755, rel=1e-12)
    assert experiment.time[-1] == pytest.approx(2 * np.pi * 1000 * 1.5e-3, rel=1e-12)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"T_A": "4peV"}, "no gap"),
        ({"gap": "1kHz", "T_A": "4ms"}, "energy"),
        ({"gap": "1kHz", "time": "4peV"}, "time"),
        ({"gap": "1kHz", "strength": "4peV"}, "strength.*pure number"),
        ({"gap": "fast"}, "'fast'"),
        ({"gap": "0Hz"}, "gap.*positive"),
        ({"gap": ".Hz"}, r"gap.*\.Hz"),
        ({"gap": "1kHz", "T_A": "1.2.3peV"}, r"T_A.*1\.2\.3peV"),
        ({"T_C": "1"}, "T_C.*not a parameter"),
    ],
)
def test_quantities_that_do_not_fit_are_refused(values, message):
    with pytest.raises(RequestError, match=message):
        build(HeatExchange, values)


@pytest.mark.parametrize(("text", "joule"), [("1kHz", 6.62607015e-31), ("4.1357peV", 4.1357e-12 * 1.602176634e-19)])
def test_a_gap_is_an_energy_in_any_unit(text, joule):
    assert Gap.parse(text).joule == pytest.approx(joule, rel=1e-12)


def test_a_number_of_many_digits_is_read_in_one_pass():
    """Digits that could belong to two parts of a pattern take minutes."""
    digits = "1" * 200_000
    with pytest.raises(RequestError, match="T_A"):
        build(HeatExchange, {"T_A": digits + "x"})
    with pytest.raises(RequestError, match="T_A"):
        build(HeatExchange, {"T_A": digits + "kHz!"})


def test_display_units_are_readable():
    gap = Gap.parse("1kHz")
    assert gap.units("time") == ("ms",)
    assert gap.units("energy") == ("peV", "nK", "kHz")
    assert gap.display(gap.natural("3.3peV", "energy"), "energy", "peV") == pytest.approx(3.3)


@pytest.mark.parametrize("text", ["ZZ,ZZ", "Z", "AB", "", "ZZ,", "partial"])
def test_bases_that_are_not_words_are_refused(text):
    with pytest.raises(RequestError, match="bases"):
        parse_bases(text, 2)


def test_bases_that_leave_an_energy_unread_are_refused():
    with pytest.raises(RequestError, match=r"bases.*XX,ZX.*B"):
        compile(HeatExchange(), bases="XX,ZX")


def test_bases_by_name():
    assert len(parse_bases("full", 2)) == 9
    assert parse_bases("minimal", 2) == ("ZZ", "XX", "XY")
    assert parse_bases("zz,xx", 2) == ("ZZ", "XX")


def test_the_catalogue_is_the_directory():
    assert "heat-exchange" in names()
    assert load("heat-exchange") is HeatExchange
    with pytest.raises(RequestError, match="'heat'"):
        load("heat")
