"""What the verdict says of worlds that are not what they are taken for, and how often it claims what is there.

    uv run python benchmarks/worlds.py [--wrong 12] [--right 10] [--out docs/worlds.md]

A *wrong world* is a pair in which no heat goes from a cold qubit into a hot one, or whose data are not what their
labels say: qubits that each exchange heat with a bath of their own, swapped or inverted labels in some bases or in
all, wrong parameters, a wrong unit of time, leakage, readout that drifts, equal temperatures, product states, no
exchange at all.
Counts are drawn from the exact probabilities of states that are made here, written as a file, and imported as a user
imports them, with the protocol that the user believes in or without any. `--wrong` worlds of each kind are drawn, each
with parameters of its own.

A *right world* is heat-exchange with correlations that reverse it, weak to strong, on exact and noisy devices, run or
imported. The share of runs that claim the reversal stands beside the power that the plan states for the same request.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from worlds_study import CLAIMS, WRONG, Claimed, headline_of, right_worlds

from analysis.verdict import Kind


def wrong_worlds(number: int, seed: int = 17) -> dict[str, list[tuple[Kind, str]]]:
    """What is said of `number` worlds of every kind.

    Args:
        number: Of each kind.
        seed: Of parameters and counts.
    """
    said: dict[str, list[tuple[Kind, str]]] = {}
    for which, (name, maker) in enumerate(WRONG.items()):
        for k in range(number):
            rng = np.random.default_rng([seed, which, k])
            with tempfile.TemporaryDirectory() as folder:
                said.setdefault(name, []).append(headline_of(maker(rng), rng, Path(folder)))
    return said


def page(wrong: Mapping[str, Sequence[tuple[Kind, str]]], right: Sequence[Claimed]) -> str:
    """docs/worlds.md.

    Args:
        wrong: What is said of the wrong worlds.
        right: What is claimed of the right ones.
    """
    number, claims = sum(map(len, wrong.values())), sum(_claims(said) for said in wrong.values())
    runs, claimed = sum(one.runs for one in right), sum(one.claims for one in right)
    power = sum(one.planned * one.runs for one in right) / max(runs, 1)
    return "\n".join(
        [
            "# Wrong worlds and right ones",
            "",
            "Made by `benchmarks/worlds.py`, which says how. The rule is on the page of [the verdict](verdict.md).",
            "",
            f"In {number} wrong worlds a reversal was claimed {claims} times. In {runs} runs of right worlds it was "
            f"claimed {claimed} times, {100 * claimed / max(runs, 1):.1f} %; the power that the plan states for "
            f"the same requests is {100 * power:.1f} % in the mean.",
            "",
            *_wrong_table(wrong),
            "",
            *_right_table(right),
            "",
        ]
    )


def _claims(said: Sequence[tuple[Kind, str]]) -> int:
    return sum(kind in CLAIMS for kind, _ in said)


def _wrong_table(wrong: Mapping[str, Sequence[tuple[Kind, str]]]) -> list[str]:
    lines = [
        "## Wrong worlds",
        "",
        "Nothing goes from a cold qubit into a hot one, or labels are not what they seem.",
        "",
    ]
    lines += ["| world | number | reversal claimed | what is said |", "|---|---|---|---|"]
    for name, said in wrong.items():
        each = ", ".join(f"{kind} {times}" for kind, times in Counter(kind.value for kind, _ in said).most_common())
        lines.append(f"| {name} | {len(said)} | {_claims(said)} | {each} |")
    return [
        *lines,
        "",
        "The headline of the first world of each:",
        "",
        *(f"* {n}: {s[0][1]}" for n, s in wrong.items()),
    ]


def _right_table(right: Sequence[Claimed]) -> list[str]:
    lines = ["## Right worlds", "", "| world | shots | device | runs | claimed | planned power |"]
    lines.append("|---|---|---|---|---|---|")
    for one in right:
        fields = ", ".join(f"{name}={value}" for name, value in one.right.fields.items())
        control = "" if one.right.control == "off" else f"control {one.right.control}"
        how = ", ".join(
            filter(None, (one.right.device, control, one.right.imported and f"imported {one.right.imported}"))
        )
        lines.append(
            f"| {fields} | {one.right.shots} | {how} | {one.runs} | {one.claims} | {100 * one.planned:.0f} % |"
        )
    return lines


def main() -> None:
    """Writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wrong", type=int, default=16, help="worlds of each kind")
    parser.add_argument("--right", type=int, default=10, help="runs of each right world")
    parser.add_argument("--out", type=Path, default=Path("docs/worlds.md"))
    asked = parser.parse_args()
    wrong = wrong_worlds(asked.wrong)
    text = page(wrong, right_worlds(asked.right))
    asked.out.write_text(text)
    print(text)
    for name, said in wrong.items():
        for kind, headline in said:
            if kind in CLAIMS:
                print(f"claimed of {name}: {headline}")


if __name__ == "__main__":
    main()
