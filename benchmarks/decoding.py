"""How long the decoding of a run takes: raw counts on disk, their rows, and the table of all rows.

    uv run python benchmarks/decoding.py [--rounds 5] [--against CHECKOUT]

The run is coherence-reversal with three collisions, 9 angles and a control, in two passes: 192 templates. `CHECKOUT` is
the directory of another checkout with an environment of its own in `.venv`; both are timed in turn, each time in a
process of its own, and the ratio of the CPU seconds of every pair is printed. Ratios hold across machines; seconds do
not. The digest of the table says that both decoded the same.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
# names of the modules before and after they were moved into folders
TIMED = """
import hashlib, tempfile, time
from pathlib import Path
from devices import open_device
from protocols import compile, load
try:
    from devices.record import counts
    from protocols.program.parameters import build
    content = Path.read_bytes
except ModuleNotFoundError:  # where files were read by what decodes them
    from devices import _counts as counts
    from protocols._parameters import build
    content = Path

def decoded(fields, passes):
    experiment = build(load("coherence-reversal"), fields)
    points = experiment.points({"control": "none", "preparation": "ensemble", "ancillas": "fresh"}, "measured")
    device = open_device("exact")
    plan = device.prepare(compile(experiment, points, shots=600, passes=passes), 5)
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder)
        (run / "raw").mkdir()
        for job in plan.jobs:
            device.submit(plan, job, run)
        loaded = [counts.load(content(device.collect(plan, job, run))) for job in plan.jobs]
        start = time.process_time()
        for job, one in zip(plan.jobs, loaded):
            counts.store(job, one, run)
        raw = [device.collect(plan, job, run) for job in plan.jobs]
        frames = [device.decode(plan, job, content(path)) for job, path in zip(plan.jobs, raw)]
        return plan, counts.table(plan.program, frames), time.process_time() - start

decoded({"collisions": "1", "angle": "0:1.5:2"}, 1)  # what is imported on the way is not decoding
plan, table, seconds = decoded({"collisions": "3", "coherence": "0", "angle": "0:1.5:9"}, 2)
text = table.to_csv(index=False, lineterminator="\\n").encode()
size = len(plan.program.blocks), sum(len(job.slots) for job in plan.jobs), len(table)
print(seconds, *size, hashlib.sha256(text).hexdigest()[:16])
"""


def main() -> None:
    """Times decoding here and in another checkout, pair by pair."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--against", type=Path, help="directory of another checkout with its own .venv")
    given = parser.parse_args()
    ratios, seconds, said = [], [], [""]
    for _ in range(given.rounds):
        here, *said = _timed(HERE, Path(sys.executable))
        seconds.append(float(here))
        if given.against:
            there, *other = _timed(given.against, given.against.resolve() / ".venv" / "bin" / "python")
            ratios.append(float(there) / float(here))
            print(f"{float(here):.3f} s here, {float(there):.3f} s there, ratio {ratios[-1]:.1f}")
            if other != said:
                raise SystemExit(f"the tables differ: {said} here, {other} there")
    blocks, slots, rows, digest = said
    print(f"{blocks} templates, {slots} raw results, {rows} rows, digest {digest}")
    print(f"median {statistics.median(seconds):.3f} CPU s here")
    if ratios:
        print(f"median ratio {statistics.median(ratios):.1f}")


def _timed(checkout: Path, python: Path) -> list[str]:
    """CPU seconds, sizes and digest that a checkout prints."""
    words = [str(python), "-c", TIMED]
    done = subprocess.run(words, cwd=checkout, capture_output=True, text=True, check=True)  # noqa: S603  our own words
    return done.stdout.split()


if __name__ == "__main__":
    main()
