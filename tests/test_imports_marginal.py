"""Settings that read one qubit only (`ZI`): the other one's bit is not needed, and what it is does not matter."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from alarms import FAST
from conftest import repetitions
from test_imports import partial_swap, write

from analysis import Analysis, analyse
from devices.imports import import_counts, import_file
from protocols import RequestError
from protocols.pauli import outcome_probabilities, parse_bases

SETTINGS = ("ZI", "IZ", "ZZ", "XX", "YY", "XY", "YX")
SHOTS = 4000


def drawn(rho: np.ndarray, settings: tuple[str, ...], generator: np.random.Generator) -> dict[str, np.ndarray]:
    """Counts of all four outcomes of every setting; I is read in Z, as a circuit that measures all does."""
    return {
        setting: generator.multinomial(SHOTS, p / p.sum())
        for setting in settings
        for p in [outcome_probabilities(rho, setting.replace("I", "Z"))]
    }


def file_of(counts: Mapping[str, np.ndarray], unread: str = "both") -> str:
    """Rows as in counts.csv; bits of qubits that are not read as they came, or empty with the others added up."""
    lines = ["basis,A,B,count"]
    for setting, tally in counts.items():
        if "I" in setting and unread == "empty":
            kept = tally.reshape(2, 2).sum(axis=setting.index("I"))
            bits = [("", str(k)) if setting[0] == "I" else (str(k), "") for k in (0, 1)]
            lines += [f"{setting},{a},{b},{n}" for (a, b), n in zip(bits, kept, strict=True)]
        else:
            lines += [f"{setting},{k >> 1},{k & 1},{n}" for k, n in enumerate(tally)]
    return "\n".join(lines) + "\n"


def of_file(path: Path, runs: Path) -> dict[tuple[str, str], tuple[float, float]]:
    return values(analyse(import_file(path, runs=runs), draws=2, intervals=FAST))


def values(found: Analysis) -> dict[tuple[str, str], tuple[float, float]]:
    rows = found.table.dropna(subset=["value"])
    return {(r.observable, r.subject): (r.value, r.stderr) for r in rows.itertuples()}


@pytest.fixture(scope="module")
def rho() -> np.ndarray:
    return partial_swap([0.0])[0.0]


@pytest.fixture(scope="module")
def counts(rho: np.ndarray) -> dict[str, np.ndarray]:
    return drawn(rho, SETTINGS, np.random.default_rng(11))


def most_likely(counts: Mapping[str, np.ndarray], confusion: np.ndarray | None = None) -> np.ndarray:
    """R rho R, with a projector on one qubit where the other is not read: nothing of hotward's but the letters.

    Args:
        counts: Setting -> counts of 00, 01, 10, 11.
        confusion: P(read | true), (4, 4).
    """
    matrices = {"X": [[0, 1], [1, 0]], "Y": [[0, -1j], [1j, 0]], "Z": [[1, 0], [0, -1]]}
    effects: list[np.ndarray] = []
    for setting in counts:
        true = []
        for k in range(4):
            effect = np.eye(1, dtype=complex)
            for place, letter in enumerate(setting):
                sign = 1 - 2 * ((k >> (1 - place)) & 1)
                one = np.eye(2) if letter == "I" else (np.eye(2) + sign * np.array(matrices[letter])) / 2
                effect = np.kron(effect, one)
            true.append(effect)
        effects += list(np.einsum("kj,jab->kab", np.eye(4) if confusion is None else confusion, true))
    seen = np.concatenate([np.asarray(tally, dtype=float) for tally in counts.values()])
    rho = np.eye(4, dtype=complex) / 4
    for _ in range(20000):
        p = np.einsum("eij,ji->e", effects, rho).real
        r = np.einsum("e,eij->ij", seen / np.maximum(p, 1e-300), effects)
        after = r @ rho @ r
        after /= np.trace(after).real
        if np.abs(after - rho).max() < 1e-11:
            break
        rho = after
    return rho


def test_energies_take_every_setting_that_reads_the_qubit(tmp_path: Path, counts: dict[str, np.ndarray]) -> None:
    found = values(
        analyse(import_file(write(tmp_path, file_of(counts)), runs=tmp_path / "runs"), draws=2, intervals=FAST)
    )
    z = {s: counts[s].reshape(2, 2) / SHOTS for s in ("ZI", "IZ", "ZZ")}
    assert found["energy", "A"][0] == pytest.approx((z["ZI"][1].sum() + z["ZZ"][1].sum()) / 2, abs=1e-12)
    assert found["energy", "B"][0] == pytest.approx((z["IZ"][:, 1].sum() + z["ZZ"][:, 1].sum()) / 2, abs=1e-12)
    alone = {s: counts[s] for s in SETTINGS if "I" not in s}
    less = values(
        analyse(import_file(write(tmp_path, file_of(alone)), runs=tmp_path / "less"), draws=2, intervals=FAST)
    )
    assert found["energy", "A"][1] / less["energy", "A"][1] == pytest.approx(2**-0.5, rel=0.03)


def test_the_state_is_that_of_an_independent_likelihood(tmp_path: Path, rho: np.ndarray) -> None:
    settings = ("ZI", "IX", *parse_bases("full", 2))
    counts = drawn(rho, settings, np.random.default_rng(3))
    counts["IX"] = counts["IX"] * 0 + np.array([2100, 1900, 0, 0])  # of what is not read, any value
    found = analyse(import_file(write(tmp_path, file_of(counts)), runs=tmp_path / "runs"), draws=2, intervals=FAST)
    assert found.states is not None
    np.testing.assert_allclose(found.states[0, 0], most_likely(counts), atol=2e-5)


@pytest.mark.parametrize("unread", ["empty", "json", "again"])
def test_a_bit_that_is_not_read_may_have_any_value_or_none(
    tmp_path: Path, counts: dict[str, np.ndarray], unread: str
) -> None:
    record = import_file(write(tmp_path, file_of(counts)), runs=tmp_path / "both")
    assert "settings ZI, IZ read one qubit only" in record.start["notes"][0]
    assert "traced out" in record.start["notes"][0]
    if unread == "again":  # the run's own counts.csv
        other = import_file(record.path / "counts.csv", runs=tmp_path / "other")
    elif unread == "empty":
        other = import_file(write(tmp_path, file_of(counts, "empty")), runs=tmp_path / "other")
    else:
        data: dict[str, Any] = {s: {f"{k:02b}"[::-1]: int(n) for k, n in enumerate(c)} for s, c in counts.items()}
        alone = counts["ZI"].reshape(2, 2).sum(axis=1)
        data["ZI"] = {"0": int(alone[0]), "1": int(alone[1])}
        other = import_counts(data, order="last", runs=tmp_path / "other")
    rows = record.counts().groupby(["basis", "A", "B"], dropna=False)["count"].sum()
    assert rows.equals(other.counts().groupby(["basis", "A", "B"], dropna=False)["count"].sum())
    found, again = (values(analyse(one, draws=2, intervals=FAST)) for one in (record, other))
    assert found == again
    assert other.counts().query("basis == 'ZI'")["B"].isna().all()


def test_marginal_settings_alone_give_energies_and_one_bit_is_not_guessed(tmp_path: Path) -> None:
    """As dictionaries of one character, where no order is needed; numbers do not say which bit they are."""
    data = {"ZI": {"0": 700, "1": 300}, "IZ": {"0": 600, "1": 400}}
    found = values(analyse(import_counts(data, runs=tmp_path / "runs"), draws=2))
    assert (found["energy", "A"][0], found["energy", "B"][0]) == pytest.approx((0.3, 0.4), abs=1e-12)
    hexadecimal = {"ZI": {"0x0": 700, "0x1": 300}, "IZ": {"0x0": 600, "0x1": 400}}
    with pytest.raises(RequestError, match=r"do not say which bits were measured\. Write bits: one a letter"):
        import_counts(hexadecimal, order="last", runs=tmp_path / "none")


def test_what_one_confusion_matrix_cannot_follow_is_refused(tmp_path: Path) -> None:
    text = "basis,prepared,A,B,count\nZI,,0,,7\nZZ,,0,1,9\ncal,00,0,0,9\ncal,11,1,1,9\n"
    with pytest.raises(RequestError, match=r"row 2, column `basis`: with calibration rows .* but 'ZI' does not"):
        import_file(write(tmp_path, text), runs=tmp_path / "none")
    # the repair: the letter in which the other qubit was read
    repaired = import_file(write(tmp_path, text.replace("ZI,,0,,7", "ZX,,0,0,7")), runs=tmp_path / "runs")
    assert repaired.start["bases"] == ["ZX", "ZZ"]
    for basis, said in (("II", "I where it was not read"), ("ZIZ", "I where it was not read")):
        with pytest.raises(RequestError, match=said):
            import_file(write(tmp_path, f"basis,A,B,count\nZZ,0,0,7\n{basis},0,0,7\n"), runs=tmp_path / "none")
    with pytest.raises(RequestError, match="never does so for qubit 2"):
        import_file(write(tmp_path, "basis,A,B,count\nZI,0,,7\nXX,1,0,7\n"), runs=tmp_path / "none")


@pytest.mark.slow
def test_errors_and_checks_hold_with_marginal_settings(tmp_path: Path, rho: np.ndarray) -> None:
    """Pulls of E_A and E_A - E_B over simulated files: chi-square within five standard deviations of its law.

    And the check that settings agree alarms no more often than it says: 1 of 16 at most, a chance below 1e-4.
    """
    number, pulls, alarms = repetitions(16), [], 0
    exact = {"A": rho[2, 2].real + rho[3, 3].real, "B": rho[1, 1].real + rho[3, 3].real}
    settings = ("ZI", "IZ", "XI", *parse_bases("full", 2))
    for seed in range(number):
        counts = drawn(rho, settings, np.random.default_rng([5, seed]))
        record = import_file(write(tmp_path, file_of(counts)), runs=tmp_path / str(seed))
        found = analyse(record, draws=2, intervals=FAST)
        known = values(found)
        for (observable, subject), truth in {
            ("energy", "A"): exact["A"],
            ("energy_difference", "AB"): exact["A"] - exact["B"],
        }.items():
            value, stderr = known[observable, subject]
            pulls.append((value - truth) / stderr)
        alarms += any(check.passed is False for check in found.checks)
    chi_square = float(np.square(pulls).sum())
    # the two quantities of a file share the shots of A: twice as wide as of independent ones
    assert abs(chi_square - len(pulls)) < 5 * np.sqrt(4 * len(pulls))
    assert alarms <= 1
