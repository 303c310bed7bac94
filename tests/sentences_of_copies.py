"""Examples of what the checks of several copies on one chip find, for docs/sentences.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from analysis.verdict import Question
from analysis.verdict import findings as f


def of_copies(question: Question, passed: bool, p: float) -> Iterator[tuple[str, f.CrosstalkFinding]]:
    """Every kind of sentence of one of the checks.

    Args:
        question: Which.
        passed: Whether it passed.
        p: Its p-value.
    """
    match question:
        case Question.ALONE:
            energy = f.Difference(label="E_B at time = 7", value=0.004 if passed else 0.0175, stderr=0.003, p=p)
            heat = f.Difference(label="Q_B at time = 7", value=0.003 if passed else 0.0168, stderr=0.0042, p=p)
            alone = f.AloneOrTogether(
                p=p,
                copies=(0, 1, 2),
                apart=() if passed else (1,),
                worst=1,
                chi_square=6.8 if passed else 51.3,
                dof=8,
                heat=heat,
                energy=energy,
            )
            yield "", alone
            if not passed:
                yield "; several, no reference", replace(alone, apart=(1, 2), heat=None)
        case Question.INDEPENDENCE:
            yield from _independence(passed, p)
        case Question.BESIDE:
            worst = f.Difference(
                label="P(1 read | 0 prepared) of A of copy 2 with B of copy 1",
                value=0.0011 if passed else 0.0196,
                stderr=0.0019,
                p=p,
            )
            beside = f.ReadBesideOthers(p=p, values=32, worst=worst, rounds=False)
            yield "", beside
            if not passed:
                yield "; calibrations compared", replace(beside, rounds=True)
        case Question.ROTATION:
            uneven = f.Rotation(share=0.012 if passed else 0.31, arm="main", copy=3, apart=0.0002 if passed else 0.004)
            yield "", uneven
            if passed:
                yield "; exactly even", replace(uneven, share=0.0, apart=0.0)
        case Question.WAITING:
            slope = 0.003 if passed else -0.021
            yield "", f.WaitingCopies(p=p, slope=slope, stderr=0.004, longest=1.3, least=0.951, most=0.987)
        case _:
            yield (
                "",
                f.OutlyingCopy(
                    p=p,
                    copy=4,
                    copies=10,
                    label="heat of A at time = 7",
                    unit="gap",
                    value=0.2571 if passed else 0.2071,
                    stderr=0.0041,
                    others=0.2619,
                    others_stderr=0.0015,
                    residual=-1.1 if passed else -11.9,
                    Q=9.3 if passed else 171.0,
                    Q_without=8.1,
                    out=() if passed else (4,),
                ),
            )


def _independence(passed: bool, p: float) -> Iterator[tuple[str, f.Independence]]:
    near = f.Pairs(number=240, chi_square=251.0 if passed else 566.0, spread=480.0, p=p)
    far = f.Pairs(number=3420, chi_square=3391.0, spread=6840.0, p=0.63)
    found = f.Independence(
        p=p,
        shots=40960,
        calibration=False,
        neighbours=near,
        distant=far,
        nearer=0.28 if passed else 3e-9,
        worst=f.Difference(label="B of copy 3 with A of copy 4", value=0.014 if passed else 0.031, stderr=0.0049, p=p),
    )
    yield "", found
    if passed:
        yield "; too rare for sums", replace(found, calibration=True, neighbours=None, distant=None, nearer=None)
    else:
        yield "; of readout", replace(found, calibration=True)
        yield "; distant copies too", replace(found, distant=replace(far, chi_square=7951.0, p=p), nearer=0.4)
