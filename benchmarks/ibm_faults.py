"""Every request of a hardware run with every fault, killed at it or not: the table of docs/ibm-faults.md.

    uv run python benchmarks/ibm_faults.py [--workers N] [--out docs/ibm-faults.md]

Each case is a run of two jobs through the genuine client against the local platform of the tests (tests/ibm_cases.py),
taken up again by new processes until it is done, and held against the platform's own record.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from ibm_cases import FAULTS, KINDS, Case, Ending, carry_out, product

HEAD = """# Faults

One table, written by `uv run python benchmarks/ibm_faults.py --out docs/ibm-faults.md`: every kind of request that a
hardware run makes (rows) with every fault (columns), through the genuine client against a local stand-in of the
platform. A cell has the number of processes that it took until the run was complete: left of the stroke with nothing
else going wrong, right of it with the first process killed (-9) as the fault struck. In every case all of these held:
each result is on disk once and equal to the platform's byte for byte, no job on the platform is unknown to the journal
or running on unwanted, no batch is open, neither key nor token is in any file or output, and no process hung.
"""


def main() -> None:
    """Runs all cases and prints or writes the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--kinds", default=",".join(KINDS))
    given = parser.parse_args()
    cases = [case for case in product() if case.kind in given.kinds.split(",")]
    with tempfile.TemporaryDirectory() as where, ThreadPoolExecutor(given.workers) as pool:
        places = [Path(where) / str(number) for number in range(len(cases))]
        endings = dict(zip(cases, pool.map(_ended, cases, places), strict=True))
    text = HEAD + "\n" + _table(endings) + "\n" + _summary(endings)
    if given.out:
        given.out.write_text(text)
    print(text)
    sys.exit(any(isinstance(ending, str) for ending in endings.values()))


def _ended(case: Case, where: Path) -> Ending | str:
    try:
        ending = carry_out(case, where)
    except AssertionError as failure:
        print(f"{case}: {failure}", file=sys.stderr, flush=True)
        return str(failure)
    print(f"{case}: {ending}", file=sys.stderr, flush=True)
    return ending


def _table(endings: dict[Case, Ending | str]) -> str:
    kinds = list(dict.fromkeys(case.kind for case in endings))
    lines = ["| | " + " | ".join(FAULTS) + " |", "|---" * (len(FAULTS) + 1) + "|"]
    for kind in kinds:
        cells = [" / ".join(_cell(endings[Case(kind, fault, killed)]) for killed in (False, True)) for fault in FAULTS]
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _cell(ending: Ending | str) -> str:
    return "FAILS" if isinstance(ending, str) else str(ending.rounds)


def _summary(endings: dict[Case, Ending | str]) -> str:
    failed = [case for case, ending in endings.items() if isinstance(ending, str)]
    whole = [ending for case, ending in endings.items() if not isinstance(ending, str) and case.kind != "cancel"]
    twins = sum(ending.cancelled for ending in whole)
    return (
        f"{len(endings)} cases, {len(failed)} failed. {len(whole)} runs of two jobs made "
        f"{sum(ending.jobs for ending in whole)} jobs; {twins} were one too many, and cancelled.\n"
    )


if __name__ == "__main__":
    main()
