"""What one template and a small noise model save: ratios, measured side by side in one run.

    uv run python benchmarks/sweep.py [--rounds 3]

Each line compares two ways to the same thing, interleaved, and prints the ratio of their median times. Ratios hold
across machines; seconds do not.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np
from qiskit import transpile
from qiskit_aer.noise import NoiseModel

from analysis.data import chunks, tabulate
from analysis.tomography import linear_inversion
from devices import execute, open_device
from devices.chip import place, sub_target
from devices.simulators.aer import Aer
from devices.simulators.noise import noise_model
from protocols import Program, compile
from protocols.heat_exchange import HeatExchange


def main() -> None:
    """Runs every comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    device = open_device("aer:fake_fez")
    assert isinstance(device, Aer)
    assert device.backend is not None
    backend, target = device.backend, device.backend.target
    experiment = HeatExchange()
    program = compile(experiment, shots=256)
    qubits = list(place(program, target, device.name).placement.physical.values())
    block = program.blocks[-1]

    def once() -> None:
        transpile(block.circuit, target=target, initial_layout=qubits, optimization_level=1)

    def each_point() -> None:
        for row in block.values:
            values = dict(zip(block.names, row, strict=True))
            bound = block.circuit.assign_parameters({p: values[p.name] for p in block.circuit.parameters})
            transpile(bound, target=target, initial_layout=qubits, optimization_level=1)

    compare("transpile one template, against every one of 33 points", once, each_point, rounds)
    compare(
        "noise model of the two qubits used, against all 156",
        lambda: noise_model(sub_target(target, qubits)),
        lambda: NoiseModel.from_backend(backend),
        rounds,
    )
    compare("200 draws x 33 states in batches, against one state at a time", *fits(program), rounds)


def fits(program: Program) -> tuple[Callable[[], None], Callable[[], None]]:
    """Linear inversion of the same bootstrap draws, batched and not."""
    import tempfile

    with tempfile.TemporaryDirectory() as runs:
        record = execute(program, open_device("exact"), runs=runs, seed=1)
        counts = tabulate(
            record.counts(),
            qubits=record.start["qubits"],
            bases=record.start["bases"],
            arms=record.start["arms"],
            parameters=record.points.parameters,
        )
    drawn = [counts.draw(1, chunk) for chunk in chunks(200)]
    single = counts.frequencies

    def batched() -> None:
        for chunk in drawn:
            linear_inversion(chunk)

    def looped() -> None:
        for chunk in drawn:
            for read in chunk.read:
                for cell in range(len(read)):
                    one = type(single)(
                        bases=single.bases,
                        read=read[cell : cell + 1],
                        confusion=single.confusion,
                        shots=single.shots[cell : cell + 1],
                        strata=chunk.strata[:, cell : cell + 1],
                        weight=single.weight[cell : cell + 1],
                    )
                    linear_inversion(one)

    return batched, looped


def compare(what: str, ours: Callable[[], object], other: Callable[[], object], rounds: int) -> None:
    """Times both in turn and prints how many times longer the other takes."""
    seconds: list[list[float]] = [[], []]
    for _ in range(rounds):
        for kept, function in zip(seconds, (ours, other), strict=True):
            start = time.perf_counter()
            function()
            kept.append(time.perf_counter() - start)
    ratio = statistics.median(seconds[1]) / statistics.median(seconds[0])
    print(f"{what}: {ratio:.3g} times less time (median of {rounds}, {np.median(seconds[0]):.3g} s)")


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the provider's remarks on stored calibrations
        main()
