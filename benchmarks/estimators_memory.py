"""Peak memory of one linear inversion of many fits, in MiB: what `estimators.py` starts in a process of its own.

    python benchmarks/estimators_memory.py FITS

Prints the peak with the data there and nothing done, and the peak after it. The draws are of 22 cells with nine
settings, in one reading: every count and every weighted frequency of all fits is held at once.
"""

from __future__ import annotations

import resource
import sys

import numpy as np

from analysis.data import Counts, Frequencies, chunks
from analysis.tomography import linear_inversion
from protocols.pauli import PAIR

CELLS, SHOTS = 22, 4096


def main(fits: str) -> None:
    """Holds the data, inverts them, and prints both peaks."""
    reading = drawn(max(1, round(int(fits) / CELLS)))
    before = _peak()
    states = linear_inversion(reading)
    print(before, _peak(), np.prod(states.shape[:-2]))


def drawn(draws: int) -> Frequencies:
    """Draws around counts of Dirichlet-distributed frequencies: a part of them is outside state space."""
    generator = np.random.default_rng(1)
    bases = PAIR["full"]
    share = generator.dirichlet(np.ones(4), size=(CELLS, 1, len(bases)))
    counts = Counts(
        bases=bases,
        observed=generator.multinomial(SHOTS, share),
        weight=np.ones((CELLS, 1)),
        calibration=np.zeros((4, 4), dtype=np.int64),
    )
    read = np.empty((draws, CELLS, len(bases), 4))
    strata = np.empty((draws, CELLS, 1, len(bases), 4), dtype=np.int64)
    for chunk in chunks(draws):
        some = counts.draw(1, chunk)
        read[chunk.start : chunk.stop], strata[chunk.start : chunk.stop] = some.read, some.strata
    one = counts.frequencies
    return Frequencies(
        bases=bases, read=read, confusion=one.confusion, shots=one.shots, strata=strata, weight=one.weight
    )


def _peak() -> float:
    # kilobytes on Linux, bytes on macOS
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    main(*sys.argv[1:])
