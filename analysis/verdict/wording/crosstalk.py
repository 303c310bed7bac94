"""The sentences of the checks of several copies on one chip, made of their numbers."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence

from analysis.verdict import findings as f
from analysis.verdict.wording.numbers import pm, probability
from protocols.units import GAP

NOT_TESTED: Mapping[str, str] = {
    "alone": "no copy ran with all others idle in circuits that it ran beside them too: --alone N makes N such passes",
    "one by one": "copies were not measured within one shot, or no neighbours of them are known",
    "coincidences": "no two bits of neighbouring copies varied within a circuit",
    "both patterns": "no copy was calibrated beside neighbours that were prepared as itself and inverted",
    "misreads": "no bit was misread in the calibration",
    "arms": "there is one arm only, which every copy ran",
    "waits": "how long the circuits of the copies take is not known, or it is the same for all",
    "all excited": "no member of the ensemble has every qubit excited from start to end, or fewer than 4 copies ran it",
    "few copies": "that one copy is unlike the others cannot be told with fewer than 4",
}
"""Why a check of copies could not be put, by `Missing`."""


def crosstalk_in_words(passed: bool, found: f.CrosstalkFinding, unit: str = GAP) -> str:
    """One or two sentences with the numbers of a check.

    Args:
        passed: Whether copies do not talk, as far as it sees.
        found: The numbers.
        unit: Of energies.
    """
    match found:
        case f.AloneOrTogether():
            return _alone(passed, found, unit)
        case f.Independence():
            return _independence(passed, found)
        case f.ReadBesideOthers():
            return _beside(passed, found)
        case f.Rotation():
            return _rotation(passed, found)
        case f.WaitingCopies():
            return _waiting(passed, found)
        case f.OutlyingCopy():
            return _outlier(passed, found)
        case _:
            typing.assert_never(found)


def crosstalk_strength(found: f.CrosstalkFinding, unit: str = GAP) -> str:
    """How strongly a check speaks, in a few words.

    Args:
        found: The numbers.
        unit: Of energies.
    """
    match found:
        case f.AloneOrTogether():
            return f"p {probability(found.p)}, copy {found.worst}: {_valued(found.heat or found.energy, unit)}"
        case f.Independence():
            return f"p {probability(found.p)}, r of {_valued(found.worst)}"
        case f.ReadBesideOthers():
            return f"p {probability(found.p)}, {_valued(found.worst)}"
        case f.Rotation():
            return f"copy {found.copy} has {100 * found.share:.2g} % more or less of arm {found.arm} than all"
        case f.WaitingCopies():
            return f"p {probability(found.p)}, ln S falls by {pm(-found.slope, found.stderr)} per us of wait"
        case f.OutlyingCopy():
            return f"p {probability(found.p)}, copy {found.copy}: t = {found.residual:.1f}"
        case _:
            typing.assert_never(found)


def _alone(passed: bool, found: f.AloneOrTogether, unit: str) -> str:
    number = len(found.copies)
    if passed:
        text = f"{number} {'copy gives' if number == 1 else 'copies give'} the same energies alone as together"
    else:
        text = (
            f"{_copies(found.apart)} of {number} {'gives' if len(found.apart) == 1 else 'give'} other energies alone "
        )
        text += "than together: crosstalk of gates or of readout, or drift between these passes"
    text += f" (p {probability(found.p)}). Least probable: copy {found.worst}, alone less together before readout "
    text += f"correction: {_valued(found.energy, unit)}"
    text += f", {_valued(found.heat, unit)}" if found.heat else ""
    return f"{text}; chi-square of its energies {found.chi_square:.1f} for {found.dof} values."


def _independence(passed: bool, found: f.Independence) -> str:
    rows = "calibration" if found.calibration else "the measurement"
    if passed:
        text = "bits of different copies are independent within a shot"
    elif found.nearer is None or found.nearer < f.CROSSTALK_ALARM:
        text = "bits of neighbouring copies go together within a shot: crosstalk"
        text += " of readout" if found.calibration else " of gates or of readout"
    else:
        text = (
            "bits of copies go together within a shot, of distant ones too: something common to the chip moved within "
        )
        text += "a circuit, so that copies are not as many independent measurements"
    text += f" (p {probability(found.p)}). Of {found.shots} executions of {rows}, "
    groups = [(found.neighbours, "neighbours"), (found.distant, "distant copies")]
    each = " and ".join(f"{_pairs(pairs)} of {name}" for pairs, name in groups if pairs)
    text += f"r^2 N is on average {each}, 1 expected; m" if each else "m"
    return f"{text}ost significant of neighbours: r of {_valued(found.worst)}."


def _beside(passed: bool, found: f.ReadBesideOthers) -> str:
    text = "bits are read alike whatever neighbouring copies are prepared in"
    if not passed:
        text = "how a bit is read depends on the bits of neighbouring copies, which no calibration of single copies has"
        text += ", or on the time, for both calibrations had to be compared" if found.rounds else ""
    text += f" (p {probability(found.p)} after {found.values} values). Least probable: {_valued(found.worst)}, where "
    return text + "that is 1 less where it is 0."


def _rotation(passed: bool, found: f.Rotation) -> str:
    if found.share == 0:
        return "every copy spent exactly the same share of its shots on each arm, so that no arm has better qubits."
    text = "every copy spent nearly the same share of its shots on each arm"
    text = text if passed else "copies ran the arms unevenly, so that arms differ by the qubits behind them"
    text += (
        f": copy {found.copy} has {100 * found.share:.2g} % of its shots more or less on {found.arm} than all copies"
    )
    return f"{text}; mean scores of the qubits behind the arms differ by {found.apart:.2g}."


def _waiting(passed: bool, found: f.WaitingCopies) -> str:
    what = "survival of all excitations"
    text = f"{what} does not fall with the time that a copy waits for the others"
    if not passed:
        text = f"{what} falls with the time that a copy waits for the others: those that finish early relax before "
        text += "readout"
    text += (
        f" (p {probability(found.p)}, one-sided): ln S changes by {pm(found.slope, found.stderr)} per us, waits are up "
    )
    return f"{text}to {found.longest:.3g} us. S is {found.least:.4f} .. {found.most:.4f}."


def _outlier(passed: bool, found: f.OutlyingCopy) -> str:
    unit = f" {found.unit}" if found.unit else ""
    text = f"no copy is unlike the other {found.copies - 1}"
    if not passed:
        text = (
            f"{_copies(found.out)} of {found.copies} {'is' if len(found.out) == 1 else 'are'} unlike the others; the "
        )
        text += "pooled value holds all of them"
    text += f" (p {probability(found.p)} after {found.copies} copies). Furthest: copy {found.copy}, {found.label} = "
    text += (
        f"{pm(found.value, found.stderr)}{unit} beside {pm(found.others, found.others_stderr)} of all others pooled "
    )
    return f"{text}(t = {found.residual:.1f}); Q is {found.Q:.1f}, without it {found.Q_without:.1f}."


def _pairs(pairs: f.Pairs) -> str:
    return f"{pairs.ratio:.2f} for {pairs.number} pairs (p {probability(pairs.p)})"


def _valued(one: f.Difference, unit: str = "") -> str:
    return f"{one.label} = {pm(one.value, one.stderr)}{' ' if unit else ''}{unit}"


def _copies(which: Sequence[int]) -> str:
    """ "copy 3", "copies 1, 2 and 5"."""
    if len(which) == 1:
        return f"copy {which[0]}"
    return f"copies {', '.join(map(str, which[:-1]))} and {which[-1]}" if which else "some copies"
