"""Further ways in which people write the same counts: each is right, or refused with a repair that works."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from qiskit.primitives import BitArray, DataBin, PrimitiveResult, SamplerPubResult
from test_imports_formats import CALIBRATION, NINE, TIMES, bit_array, braket, counts, shots_of, swapped, table
from test_imports_formats import wanted as wanted

from devices import RunRecord
from devices.imports import Reading, import_counts, import_data
from protocols import RequestError
from protocols.heat_exchange import HeatExchange
from protocols.program import build

START = {basis: one for (time, basis), one in counts().items() if time == 0.0}
FRAME = pd.DataFrame(
    [(t, b, int(k[0]), int(k[1]), n) for (t, b), one in counts().items() for k, n in one.items()],
    columns=["time", "basis", "A", "B", "count"],
)
TEXT = FRAME["A"].astype(str) + FRAME["B"].astype(str)
SHOTS = FRAME.groupby(["time", "basis"])["count"].transform("sum")
Words = dict[str, Any]


def wide(order: str = "first") -> pd.DataFrame:
    outcome = TEXT if order == "first" else TEXT.str[::-1]
    return FRAME.assign(o=outcome).pivot(index=["time", "basis"], columns="o", values="count")


def plain(frame: pd.DataFrame, **options: Any) -> str:
    return frame.to_csv(index=False, **options)


FILES: dict[str, tuple[str, Words]] = {
    "bit strings beside their bits": (plain(FRAME.assign(bitstring=TEXT)), {}),
    "Qiskit's strings beside the bits": (plain(FRAME.assign(key=TEXT.str[::-1])), {}),
    "a parity": (plain(FRAME.assign(parity=(-1) ** (FRAME["A"] + FRAME["B"]))), {}),
    "excitations": (plain(FRAME.assign(excitations=FRAME["A"] + FRAME["B"])), {}),
    "shares beside counts": (plain(FRAME.assign(probability=(FRAME["count"] / SHOTS).round(4))), {}),
    "shots of the setting": (plain(FRAME.assign(shots=SHOTS)), {}),
    "an index in another order": (FRAME.sample(frac=1, random_state=1).to_csv(), {}),
    "a wide table with an index": (wide("last").reset_index().to_csv(), {"order": "last"}),
    "kets": (plain(FRAME.assign(state="|" + TEXT + ">").drop(columns=["A", "B"])), {"order": "first"}),
    "signs": (plain(FRAME.replace({"A": {0: "+", 1: "-"}, "B": {0: "+", 1: "-"}})), {}),
    "levels": (plain(FRAME.replace({"A": {0: "g", 1: "e"}, "B": {0: "g", 1: "e"}})), {}),
    "eigenvalues under other names": (
        plain(FRAME.assign(q0=1 - 2 * FRAME["A"], q1=1 - 2 * FRAME["B"]).drop(columns=["A", "B"])),
        {"read": ("q0", "q1")},
    ),
    "letters apart": (plain(FRAME.assign(basis=FRAME["basis"].str[0] + " " + FRAME["basis"].str[1])), {}),
    "everything quoted": (plain(FRAME, quoting=1), {}),
    "real numbers": (plain(FRAME.astype({"A": float, "B": float, "count": float})), {}),
    "t for time": (plain(FRAME.rename(columns={"time": "t"})), {}),
}


@pytest.mark.parametrize("name", FILES)
def test_a_table_as_people_write_it_is_the_same(tmp_path: Path, wanted: pd.DataFrame, name: str) -> None:
    text, words = FILES[name]
    path = tmp_path / "measured.csv"
    path.write_text(text)
    record = import_data(path, Reading(**words), runs=tmp_path / "runs")
    pd.testing.assert_frame_equal(table(record)[list(wanted.columns)], wanted)


MEMORY: dict[str, tuple[Callable[[], Any], Words]] = {
    "counts as texts": (
        lambda: {key: {k: str(n) for k, n in one.items()} for key, one in counts().items()},
        {"order": "first"},
    ),
    "counts of NumPy": (
        lambda: {key: {k: np.int64(n) for k, n in one.items()} for key, one in counts().items()},
        {"order": "first"},
    ),
    "capital and mixed hexadecimal": (
        lambda: {
            key: {(k if k == "00" else f"0X{int(k, 2):X}"): n for k, n in one.items()} for key, one in counts().items()
        },
        {"order": "first"},
    ),
    "blanks": (
        lambda: {f" {t} , {b} ": {f"{k} ": n for k, n in one.items()} for (t, b), one in counts().items()},
        {"order": "first"},
    ),
    "letters in a tuple": (lambda: {(t, *b): one for (t, b), one in counts().items()}, {"order": "first"}),
    "Braket, measured the other way round": (
        lambda: {key: braket(swapped(one), measuredQubits=[1, 0]) for key, one in counts().items()},
        {"read": "0,1"},
    ),
    "one register a qubit and more": (
        lambda: PrimitiveResult(
            [
                SamplerPubResult(
                    DataBin(a=one_bit(one, 0), anc=idle(one), b=one_bit(one, 1), shape=()),
                    {"circuit_metadata": {"basis": b, "time": t}},
                )
                for (t, b), one in counts().items()
            ]
        ),
        {"read": "a,b"},
    ),
    "a frame with an index of two columns": (lambda: FRAME.set_index(["time", "basis"]), {}),
    "a series": (lambda: FRAME.set_index(["time", "basis", "A", "B"])["count"], {}),
    "a wide frame": (wide, {"order": "first"}),
    "shots by name": (
        lambda: [{"time": t, "basis": b, "bitstrings": shots_of(one)} for (t, b), one in counts().items()],
        {"order": "last"},
    ),
    "a frame read without its index": (lambda: pd.read_csv(io.StringIO(FRAME.to_csv())), {}),
}


def one_bit(one: dict[str, int], place: int) -> BitArray:
    return BitArray.from_samples([text[place] for text, n in one.items() for _ in range(n)], num_bits=1)


def idle(one: dict[str, int]) -> BitArray:
    return BitArray.from_samples(["101"] * sum(one.values()), num_bits=3)


@pytest.mark.parametrize("name", MEMORY)
def test_data_in_memory_as_people_have_them_are_the_same(tmp_path: Path, wanted: pd.DataFrame, name: str) -> None:
    made, words = MEMORY[name]
    found = table(import_counts(made(), **words, runs=tmp_path / "runs"))
    pd.testing.assert_frame_equal(found[list(wanted.columns)], wanted)


def test_a_circuit_swept_over_two_axes_has_its_points_in_their_order(tmp_path: Path) -> None:
    arrays = np.stack([bit_array(one).array[:900] for one in counts().values()])
    shape = (len(TIMES), len(NINE))
    result = PrimitiveResult(
        [SamplerPubResult(DataBin(meas=BitArray(arrays.reshape(*shape, 900, 1), 2), shape=shape), {})]
    )
    record = import_counts(result, labels=[{"time": t, "basis": b} for t, b in counts()], runs=tmp_path / "runs")
    each = import_counts(
        {key: BitArray(array, 2) for key, array in zip(counts(), arrays, strict=True)}, runs=tmp_path / "each"
    )
    pd.testing.assert_frame_equal(table(record), table(each))


def test_a_quantity_of_one_s_own_is_no_consequence_of_the_counts(tmp_path: Path) -> None:
    """`frequency` may be a drive that was swept: it is a share of the shots only where it is their share."""
    path = tmp_path / "drive.csv"
    path.write_text(plain(FRAME.assign(time=FRAME["time"] / 10 + 4).rename(columns={"time": "frequency"})))
    record = import_data(path, Reading(), runs=tmp_path / "runs")
    assert record.points.parameters["frequency"].tolist() == pytest.approx([4, 4.3927])
    path.write_text(plain(FRAME.assign(bitstring=TEXT.where(FRAME["basis"] != "ZZ", "00"))))
    with pytest.raises(RequestError, match=r"`bitstring`: must be the outcome that A, B say"):
        import_data(path, Reading(), runs=tmp_path / "none")


# ---- refused, and then what the refusal says ----


def with_zeros(text: str) -> str:
    frame = pd.read_csv(io.StringIO(text))
    return plain(frame.assign(bitstring=frame["bitstring"].map(lambda n: f"{n:02d}")))


def without_thousands(text: str) -> str:
    return plain(pd.read_csv(io.StringIO(text), thousands=","))


REFUSED: dict[str, tuple[str, Words, str, Callable[[str], str], Words]] = {
    "other names of bits": (
        plain(FRAME.rename(columns={"A": "q0", "B": "q1"})),
        {},
        r"`A` is missing, and `q0`, `q1` are unknown.* such as --read q0,q1",
        lambda text: text,
        {"read": ("q0", "q1")},
    ),
    "counts in another language": (
        plain(FRAME.rename(columns={"count": "Anzahl"})),
        {},
        r"`count` is missing, and `Anzahl` is unknown.* Call it `count`",
        lambda text: text.replace("Anzahl", "count"),
        {},
    ),
    "settings under another name": (
        plain(FRAME.rename(columns={"basis": "setting"})),
        {},
        r"`basis` is missing.* in one column `basis`",
        lambda text: text.replace("setting", "basis"),
        {},
    ),
    "one row a shot": (
        "basis,A,B\n" + "".join(f"{b},{k[0]},{k[1]}\n" * n for b, one in START.items() for k, n in one.items()),
        {},
        r"If every row is one shot, add the column with 1 in each",
        lambda text: "".join(f"{line},{'1' if i else 'count'}\n" for i, line in enumerate(text.splitlines())),
        {},
    ),
    "thousands": (
        plain(FRAME.assign(count=(FRAME["count"] * 10).map(lambda n: f"{n:,}"))),
        {},
        r"If the sign separates thousands, write the number without it",
        without_thousands,
        {},
    ),
    "a title": (
        "My measurement of today\n\n" + plain(FRAME),
        {},
        r"lines above the header begin with #",
        lambda text: "# " + text,
        {},
    ),
    "zeros lost in a spreadsheet": (
        plain(FRAME.assign(bitstring=FRAME["A"] * 10 + FRAME["B"]).drop(columns=["A", "B"])),
        {"order": "first"},
        r"'00' and '01' \(spreadsheets make 1 of 01: keep them as text\)",
        with_zeros,
        {"order": "first"},
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_table_is_right_after_its_repair(tmp_path: Path, wanted: pd.DataFrame, name: str) -> None:
    text, words, said, repaired, then = REFUSED[name]
    path = tmp_path / "measured.csv"
    path.write_text(text)
    with pytest.raises(RequestError, match=said):
        import_data(path, Reading(**words), runs=tmp_path / "none")
    assert not (tmp_path / "none").exists()
    path.write_text(repaired(text))
    found = table(import_data(path, Reading(**then), runs=tmp_path / "runs"))
    if name == "one row a shot":
        sums = found.groupby(["basis", "A", "B"])["count"].sum()
        assert all(sums.get((b, int(k[0]), int(k[1])), 0) == n for b, one in START.items() for k, n in one.items())
        return
    if name == "thousands":
        found["count"] //= 10
    pd.testing.assert_frame_equal(found[list(wanted.columns)], wanted)


@pytest.mark.parametrize("width", [2, 3])
@pytest.mark.parametrize("order", ["first", "last"])
def test_calibrations_in_the_other_order_than_outcomes_are_refused_before_bits_are_traced_out(
    tmp_path: Path, width: int, order: str
) -> None:
    """With a third bit beside the pair too; reversing every label, as it says, gives the right calibration."""

    def spelled(text: str) -> str:
        whole = text + "0" * (width - 2)
        return whole if order == "first" else whole[::-1]

    data: dict[Any, dict[str, int]] = {b: {spelled(k): n for k, n in one.items()} for b, one in START.items()}
    right = {("cal", spelled(p)): {spelled(k): n for k, n in one.items()} for p, one in CALIBRATION.items()}
    wrong = {(cal, label[::-1]): one for (cal, label), one in right.items()}
    words: Words = {"order": order, "read": "A,B" if width > 2 else ()}
    with pytest.raises(RequestError, match=r"written like outcomes.* Reverse every label of the calibration\."):
        import_counts(data | wrong, **words, runs=tmp_path / "none")
    again = import_counts(data | {(c, label[::-1]): o for (c, label), o in wrong.items()}, **words, runs=tmp_path / "a")
    rows = again.counts().query("basis == 'cal' and prepared == '01'").groupby(["A", "B"])["count"].sum()
    assert rows[0, 1] == 90


def test_which_of_several_registers_are_the_qubits_is_not_proposed_by_chance(tmp_path: Path) -> None:
    result = MEMORY["one register a qubit and more"][0]()
    with pytest.raises(RequestError, match=r"5 measured bits.* Say which they are, such as read='a,b'"):
        import_counts(result, runs=tmp_path / "none")
    other = PrimitiveResult(
        [SamplerPubResult(DataBin(x=idle(START["ZZ"]), shape=()), {"circuit_metadata": {"basis": "ZZ"}})]
    )
    with pytest.raises(RequestError, match=r"such as read='A,B'"):
        import_counts(other, runs=tmp_path / "none")


def test_times_with_a_unit_in_a_key_need_the_gap_of_the_experiment(tmp_path: Path) -> None:
    data = {"0ms": START, "1.5ms": {b: one for (t, b), one in counts().items() if t}}
    with pytest.raises(RequestError, match="`time_ms` has a unit"):
        import_counts(data, order="first", runs=tmp_path / "none")
    record: RunRecord = import_counts(
        data, order="first", experiment=HeatExchange(strength=0.7, gap="1kHz"), runs=tmp_path / "runs"
    )
    assert record.points.parameters["time"].tolist() == pytest.approx([0, 3 * np.pi])


def test_words_of_qiskit_are_turned_round_where_that_is_asked_for(tmp_path: Path) -> None:
    """`Pauli("IZ")` is Z on qubit 0, which is A."""
    path = tmp_path / "estimates.csv"
    path.write_text("pauli,value,stderr\nIZ,0.5,0.01\nZI,0.25,0.01\nYX,0.1,0.01\n")
    for order, a in (("first", 0.25), ("last", 0.5), (None, 0.25)):
        record = import_data(path, Reading(order=order), runs=tmp_path / "runs")
        rows = record.expectations()
        assert rows is not None
        assert rows.set_index("pauli")["value"]["ZI"] == a
        assert ("XY" if order == "last" else "YX") in set(rows["pauli"])
        assert any(f"order {order}" in note for note in record.start["notes"]) == (order is not None)
    path.write_text(plain(FRAME))
    notes = import_data(path, Reading(order="last"), runs=tmp_path / "runs").start["notes"]
    assert any("bit order last changes nothing" in note for note in notes)


@pytest.mark.parametrize(
    ("head", "cell"),
    [
        ("T_A_mK", "{:.12g}"),
        ("T_A (mK)", "{:.12g}"),
        ("t_a [mK]", "{:.12g}"),
        ("T_A", "{:.12g} mK"),
        ("T_A", "{:.12g}mK"),
    ],
)
def test_units_in_names_and_in_cells_are_converted_with_the_gap(tmp_path: Path, head: str, cell: str) -> None:
    """A gap of 5 GHz is 239.9624 mK."""
    kelvin = 6.62607015e-34 * 5e9 / 1.380649e-23
    path = tmp_path / "cold.csv"
    path.write_text(plain(FRAME.assign(T_A=cell.format(2 * kelvin * 1e3)).rename(columns={"T_A": head})))
    words: Words = {
        "protocol": HeatExchange,
        "build": lambda columns: build(HeatExchange, {name: repr(one) for name, one in columns.items()}),
    }
    record = import_data(path, Reading(), **words, about={"gap": "5GHz"}, runs=tmp_path / "runs")
    assert record.points.parameters["T_A"] == pytest.approx([2, 2], rel=1e-10)
    assert any("divided by gap/k_B with gap = 5GHz" in note for note in record.start["notes"])
    with pytest.raises(RequestError, match="a unit, but T_A is in gap/k_B, and no gap is known"):
        import_data(path, Reading(), **words, runs=tmp_path / "none")


@pytest.mark.parametrize("head", ["time_min", "time (minutes)", "Time [h]", "time_steps"])
def test_a_time_in_a_unit_that_nobody_knows_is_never_renamed_to_one_without(tmp_path: Path, head: str) -> None:
    """As it says: seconds in `time_s`, or `time` in natural units."""
    path = tmp_path / "slow.csv"
    path.write_text(plain(FRAME.rename(columns={"time": head})))
    with pytest.raises(RequestError, match=r"may be a time, in a unit that is not known\. Write time_s") as refused:
        import_data(path, Reading(), runs=tmp_path / "none")
    assert "Rename" not in str(refused.value)
    path.write_text(plain(FRAME.rename(columns={"time": "time [hbar/gap]"})))
    assert import_data(path, Reading(), runs=tmp_path / "runs").points.parameters["time"].tolist() == list(TIMES)


def test_errors_and_words_under_other_names_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "values.csv"
    path.write_text("Pauli;Value;Std\nZI;0,5;0,01\nIZ;0,2;0,01\n")
    with pytest.raises(RequestError, match="If `Std` is the standard error of every value, call it stderr"):
        import_data(path, Reading(), runs=tmp_path / "none")
    path.write_text("Pauli;Value;stderr;shots\nZI;0,5;0,01;900\nIZ;0,2;0,01;1000\n")
    record = import_data(path, Reading(), runs=tmp_path / "runs")
    assert record.start["words"] == ["ZI", "IZ"]
    assert any("number of shots and is not read" in note for note in record.start["notes"])
    path.write_text("time,ZI,IZ\n0,0.5,0.2\n")
    with pytest.raises(RequestError, match=r"columns ZI, IZ are Pauli words\. Write one row a word"):
        import_data(path, Reading(), runs=tmp_path / "none")


def test_shots_are_those_of_the_counts_or_refused(tmp_path: Path) -> None:
    """Whole percentages look like a hundred counts: said shots are compared with the sum."""
    percent = {"ZZ": {"00": 38, "01": 24, "10": 35, "11": 3}}
    with pytest.raises(RequestError, match=r"is 1000, .* sum to 100\. Percentages are written as fractions of 1"):
        import_counts(percent, order="first", shots=1000, runs=tmp_path / "none")
    fractions = {"ZZ": {text: n / 100 for text, n in percent["ZZ"].items()}}
    record = import_counts(fractions, order="first", shots=1000, runs=tmp_path / "runs")
    assert record.counts()["count"].tolist() == [380, 240, 350, 30]
    import_counts(percent, order="first", shots=100, runs=tmp_path / "same")
    with pytest.raises(RequestError, match="must name the pattern prepared in bits"):
        import_counts({**percent, "cal": {0: {"00": 9}, 3: {"11": 9}}}, order="first", runs=tmp_path / "none")
    (tmp_path / "pipes.csv").write_text(plain(FRAME, sep="|"))
    with pytest.raises(RequestError, match=r"one column.* Separate cells by commas"):
        import_data(tmp_path / "pipes.csv", Reading(), runs=tmp_path / "none")
