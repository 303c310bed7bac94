"""The foreign campaign: faults of a line, of a platform and of a process, each at an instant that is drawn from a seed.

A stranger tried hotward with a proxy of his own. Here is his campaign as tests, with a proxy of ours between the
genuine client and the local platform. `FAMILIES` says how many cases there are of each family; the test files with the
same beginning of their names carry them out:

    test_foreign_hardware    network, redirects, tokens, payloads, states, lists, storms: commands in this process
    test_foreign_processes   processes that are killed, two at once, cancelled, full disks, journals, copies, secrets
    test_foreign_runs        simulator runs that are killed, lost streams, planted files, edits, malicious directories,
                             control characters, malicious files to import

The seed is that of `--campaign-seed`, or of the variable HOTWARD_CAMPAIGN_SEED; it stands in the id of every case, and
decides everything that is drawn: the same seed gives the same cases. Whatever the case is, `foreign_truth` says what
has to hold after it.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

SEED = "HOTWARD_CAMPAIGN_SEED"
DEFAULT_SEED = 20261130
FAMILIES: Mapping[str, int] = {
    # test_foreign_hardware
    "cut": 26, "odd answer": 30, "twice": 6, "late": 8, "held": 2, "upload": 6, "redirect": 12, "token": 8,
    "payload": 40, "state": 22, "list": 27, "storm": 8,
    # test_foreign_processes
    "killed": 26, "killed at a request": 20, "killed in submit": 8, "interrupted": 10,
    "two at once": 3, "cancelled": 8, "full disk": 5,
    "journal": 16, "copies": 7, "raw": 4, "account file": 3, "hardware streams": 8,
    # test_foreign_runs
    "killed simulator": 20, "streams": 10, "planted": 12, "edit": 30, "directory": 14, "control characters": 9,
    "csv": 42,
}  # fmt: skip
"""How many cases there are of each family."""


def campaign_seed() -> int:
    """The seed of all cases."""
    text = os.environ.get(SEED, "")
    try:
        return int(text or DEFAULT_SEED)
    except ValueError:
        raise pytest.UsageError(f"{SEED} must be a whole number, but is {text!r}.") from None


@dataclass(frozen=True)
class Case:
    """One case of a family."""

    family: str
    number: int
    seed: int

    @property
    def random(self) -> np.random.Generator:
        """A generator that is this case's alone, begun anew."""
        return np.random.default_rng([abs(self.seed), zlib.crc32(self.family.encode()), self.number])

    def __str__(self) -> str:
        return f"{self.family} {self.number + 1} of {FAMILIES[self.family]}, seed {self.seed}"

    def pick(self, kinds: Sequence[str]) -> str:
        """One of several kinds in turn: every kind comes before any comes again, in an order of the seed's."""
        order = np.random.default_rng([abs(self.seed), zlib.crc32(self.family.encode())]).permutation(len(kinds))
        return kinds[order[self.number % len(kinds)]]


def cases(family: str) -> pytest.MarkDecorator:
    """Has a test carry out all cases of a family."""
    found = [Case(family, number, campaign_seed()) for number in range(FAMILIES[family])]
    return pytest.mark.parametrize("case", found, ids=str)
