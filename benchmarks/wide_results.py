"""What the result of a job of many copies takes to be decoded: seconds, and the most memory.

    uv run python benchmarks/wide_results.py [--shots 1000000] [--copies 48]

Heat exchange of two qubits on as many copies as there are; every bit of every shot is random, which no compression
makes smaller. A first process writes the result as the platform sends it, a second one decodes it into the counts of
every copy and the sums within shots, as `hotward collect` does: through the client's own decoders, with all checks.
Memory hardly depends on the machine; seconds do. The digest says that the same was decoded.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from devices.model import Plan

SHOTS_PER_ROW = 500


def main() -> None:
    """Writes a result and decodes it, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shots", type=int, default=1_000_000, help="executions of the job")
    parser.add_argument("--copies", type=int, default=48)
    parser.add_argument("--only", choices=("write", "decode"), help="for the processes that this starts")
    parser.add_argument("--file", type=Path)
    given = parser.parse_args()
    if given.only:
        (write if given.only == "write" else decode)(given.shots, given.copies, given.file)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "result.json"
        for what in ("write", "decode"):
            words = [sys.executable, __file__, "--shots", str(given.shots), "--copies", str(given.copies)]
            subprocess.run([*words, "--only", what, "--file", str(path)], check=True)  # noqa: S603  our own words


def plan_of(shots: int, copies: int) -> Plan:
    """One job of heat exchange on so many pairs of a line of qubits."""
    from qiskit_ibm_runtime.fake_provider import FakeFez

    from devices import Placement
    from devices.chip.layout import lay_out
    from devices.remote import jobs_by_pass
    from protocols import compile
    from protocols.heat_exchange import HeatExchange

    experiment = HeatExchange(time=[0.0, 5.0])
    program = compile(
        experiment, experiment.points({}), shots=shots // 8, bases="ZZ,XY", shots_per_row=SHOTS_PER_ROW,
        calibration_shots=shots // 8,
    )  # fmt: skip
    layout = lay_out(program, FakeFez().target, "ibm_fez")
    placements = tuple(
        Placement(copy=copy, physical={"A": 3 * copy, "B": 3 * copy + 1}, score=1.0) for copy in range(copies)
    )
    plan = Plan(program=program, placements=placements, jobs=(), executed=layout.executed)
    return replace(plan, jobs=jobs_by_pass(program, 1, range(copies)))


def write(shots: int, copies: int, path: Path) -> None:
    """The result as the platform of the tests sends it, with random bits in the place of measured ones."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from fake_ibm_programs import PROGRAMS
    from qiskit_ibm_runtime.executor import Executor
    from qiskit_ibm_runtime.executor_sampler.prepare import prepare
    from qiskit_ibm_runtime.options_models import SamplerOptions
    from qiskit_ibm_runtime.quantum_program import QuantumProgram
    from qiskit_ibm_runtime.quantum_program.params_converters import QUANTUM_PROGRAM_PARAMS_CONVERTERS

    from devices.ibm.pubs import pubs

    plan = plan_of(shots, copies)
    program, options = prepare(pubs(plan, plan.jobs[0], 3 * copies), SamplerOptions(), SHOTS_PER_ROW)
    program = QuantumProgram.from_(program)
    program._semantic_role = "sampler_v2"
    sent = QUANTUM_PROGRAM_PARAMS_CONVERTERS[Executor._SCHEMA_VERSION].encoder(program, options)
    random = np.random.default_rng(1)

    def measure(circuits, shots):
        sizes = [(len(values), shots, circuit.num_clbits) for circuit, values in circuits]
        return [random.integers(0, 2, size, dtype=np.uint8).astype(bool) for size in sizes]

    path.write_text(PROGRAMS["executor"](sent.model_dump(mode="json"), measure, random).text)


def decode(shots: int, copies: int, path: Path) -> None:
    """The counts of every copy from the file, as `hotward collect` makes them; prints what that took."""
    from devices.chip.crosstalk import apart_and_summed
    from devices.ibm import decoded
    from devices.ibm import pubs as _pubs

    plan = plan_of(shots, copies)
    before, started = peak(), time.perf_counter()
    result = decoded(path.read_text(encoding="utf-8"), "executor", _pubs.registers(plan))
    found, _ = apart_and_summed(plan, plan.jobs[0], _pubs.shots(plan, plan.jobs[0], result))
    seconds = time.perf_counter() - started
    digest = hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:16]
    print(
        f"{shots} shots of {2 * copies} bits, {path.stat().st_size / 1e6:.0f} MB of text: {seconds:.1f} s, "
        f"{time.process_time():.1f} CPU s with all imports, at most {peak():.0f} MiB ({before:.0f} before), {digest}"
    )
    assert sum(sum(tally.values()) for tally in found) == shots * copies


def peak() -> float:
    """The most memory that this process has had [MiB]."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # in bytes on macOS, in KiB elsewhere
    return most / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    main()
