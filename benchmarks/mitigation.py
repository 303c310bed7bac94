"""What symmetry and survival remove of the errors of gates, and how often their intervals hold the truth.

    uv run python benchmarks/mitigation.py [--couplers 16] [--runs 480] [--only bias|placements|coverage|states]

Exact probabilities of heat-exchange on couplers of `fake_fez` of all qualities, from Aer's model of the stored
calibration alone and with coherent errors that no calibration has (`mitigation_study/noise.py`); in the mean, and in
simulated runs with counts and a readout calibration of their own. The pooled survival is that of two points, so that
its error is larger here than in a sweep. Tables as in docs/mitigation.md; nothing is drawn again for having failed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence

import numpy as np
from mitigation_study import (
    COHERENT,
    Judged,
    Outcomes,
    Question,
    calibrated,
    couplers_of_all_qualities,
    every_placement,
    outcomes,
)
from threadpoolctl import threadpool_limits

from protocols.heat_exchange import HeatExchange

BEST = HeatExchange(time=[7.010056])
"""The best time of the defaults: rank 2, heat 0.2689414."""
RANK_4 = HeatExchange(
    correlation="coherent", T_A=1.8, T_B=0.9, alpha=0.9 * 0.20776060588, correlation_phase=np.pi / 2, time=[6.0]
)
"""0.9 of the bound of positivity, angle 0.6."""
CONTROL = HeatExchange(correlation="none", time=[7.010056])
"""The uncorrelated pair, which needs no correction."""
STATES_AT = (0.0, 3.927, 7.010056)
"""Times of mutual information: 0.595453, 0.254019 and 0 nat."""
SHOTS = (10_000, 100_000)
BOUND = 7e-4
"""What both should leave of the bias."""
JUDGED = ("calibration alone", "ZZ 0.04 per CZ", "ZZ -0.06, exchange 0.02 per CZ")


def main() -> None:
    """Prints the tables and the processor's seconds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--couplers", type=int, default=16)
    parser.add_argument("--runs", type=int, default=480, help="of each noise and number of shots, over all couplers")
    parser.add_argument("--only", choices=("bias", "placements", "coverage", "states"))
    asked = parser.parse_args()
    chosen, start = couplers_of_all_qualities(asked.couplers), time.process_time()
    with threadpool_limits(1):
        if asked.only in (None, "bias"):
            for name, experiment in (("rank 2", BEST), ("rank 4", RANK_4), ("uncorrelated", CONTROL)):
                _bias(name, Question(experiment, "ZZ", "heat", "A"), chosen)
        if asked.only in (None, "placements"):
            _placements(Question(BEST, "ZZ", "heat", "A"))
        if asked.only in (None, "coverage"):
            for name, experiment in (("rank 2", BEST), ("rank 4", RANK_4)):
                _coverage(name, Question(experiment, "ZZ", "heat", "A"), chosen, asked.runs, SHOTS)
        if asked.only in (None, "states"):
            for at in STATES_AT:
                question = Question(HeatExchange(time=[at]), "full", "mutual_information", "AB")
                _coverage(f"mutual information at time {at}", question, chosen[::2], asked.runs // 4, (4_096, 20_000))
    print(f"{time.process_time() - start:.0f} s of a processor")


def _all(question: Question, chosen: Sequence[tuple[tuple[int, int], float]], noise: str) -> list[Outcomes]:
    return [outcomes(question.program, pair, COHERENT[noise]) for pair, _ in chosen]


def _bias(name: str, question: Question, chosen: Sequence[tuple[tuple[int, int], float]]) -> None:
    """Bias of the exact mean: coupler by coupler under the calibration alone, and over couplers under every noise."""
    print(f"\n{name}: bias of the exact mean of heat A, ideal {question.truth:.7f}\n")
    for noise in COHERENT:
        rows = [question.means(found) for found in _all(question, chosen, noise)]
        if noise == "calibration alone":
            print("| coupler | CZ error | " + " | ".join(rows[0]) + " |")
            for (pair, error), row in zip(chosen, rows, strict=True):
                print(f"| {pair[0]}, {pair[1]} | {error:.4f} | " + " | ".join(f"{v:+.5f}" for v in row.values()) + " |")
        said = []
        for way in rows[0]:
            off = np.array([row[way] for row in rows])
            said.append(f"{way} {off.mean():+.5f} rms {np.sqrt((off**2).mean()):.5f} max {np.abs(off).max():.5f}")
        print(f"{noise}: " + "; ".join(said), flush=True)


def _placements(question: Question) -> None:
    """Bias of the exact mean on every coupler, A on either side, and where both leaves more than is asked for."""
    chosen = every_placement()
    rows = [question.means(outcomes(question.program, pair, {})) for pair, _ in chosen]
    print(f"\nall {len(chosen)} placements under the calibration alone: bias of the exact mean of heat A\n")
    for way in rows[0]:
        off = np.array([row[way] for row in rows])
        print(
            f"{way} {off.mean():+.5f} rms {np.sqrt((off**2).mean()):.5f} max {np.abs(off).max():.5f}, above {BOUND:g} "
            f"on {(np.abs(off) > BOUND).sum()}"
        )
    print("\n| A, B | CZ error | none | both | T1 [us] | T2 [us] | sx error |")
    for (pair, error), row in sorted(zip(chosen, rows, strict=True), key=lambda one: -abs(one[1]["both"]))[:12]:
        (T1, T1_), (T2, T2_), (sx, sx_) = zip(*map(calibrated, pair), strict=True)
        print(
            f"| {pair[0]}, {pair[1]} | {error:.4f} | {row['none']:+.5f} | {row['both']:+.5f} | {T1:.0f}, {T1_:.0f} | "
            f"{T2:.0f}, {T2_:.0f} | {sx:.1e}, {sx_:.1e} |",
            flush=True,
        )


def _coverage(
    name: str,
    question: Question,
    chosen: Sequence[tuple[tuple[int, int], float]],
    runs: int,
    every: Sequence[int],
) -> None:
    """Coverage of 95 % intervals, rms of the total error and mean errors over runs on all couplers."""
    print(f"\n{name}: {runs} runs over {len(chosen)} couplers each, truth {question.truth:.6f}\n")
    print("| noise | shots | way | bias | rms | stderr | systematic | coverage | statistical alone | refused |")
    for noise in JUDGED:
        places = _all(question, chosen, noise)
        for shots in every:
            made = [question.runs(one, shots, runs // len(chosen), seed) for seed, one in enumerate(places)]
            for way, joined in _joined(made).items():
                off = joined.value - question.truth
                print(
                    f"| {noise} | {shots} | {way} | {off.mean():+.5f} | {np.sqrt((off**2).mean()):.5f} | "
                    f"{joined.stderr.mean():.5f} | {joined.systematic.mean():.5f} | "
                    f"{joined.coverage(question.truth):.3f} | {joined.statistical_coverage(question.truth):.3f} | "
                    f"{joined.refused.sum()} |",
                    flush=True,
                )


def _joined(made: Sequence[Mapping[str, Judged]]) -> dict[str, Judged]:
    """Runs on all couplers together, way by way."""
    names = ("value", "stderr", "systematic", "low", "high", "refused")
    return {
        way: Judged(**{name: np.concatenate([getattr(one[way], name) for one in made]) for name in names})
        for way in made[0]
    }


if __name__ == "__main__":
    main()
