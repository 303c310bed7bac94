"""Pins against accidental change: digests of what cheap runs leave on disk, kept by platform.

A pin is not physics. It says that a change of the code, meant to change no result, changed none: equal bytes of
counts, exact values, tables, verdicts, one drawing, and the words of the report. Bytes depend on versions and on the
kernels that linear algebra has for the processor, so digests are kept by platform; one without any is skipped.

    uv run python tests/pins.py             # check: exit status 1 and a list where bytes differ
    uv run python tests/pins.py --only exact plan
    uv run python tests/pins.py --write     # take today's bytes as the pins of this platform
    uv run python tests/pins.py --out DIR   # keep the files, for `--against DIR`: numbers compared to 1e-12
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import html
import io
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import version
from pathlib import Path
from queue import SimpleQueue
from typing import TypeAlias

PINS = Path(__file__).with_name("pins.json")

EXCHANGE = "run heat-exchange --seed 5 --draws 200 --shots 600 --device"
COMMANDS = {
    "exact": f"{EXCHANGE} exact --set time=0:10:5",
    "white": f"{EXCHANGE} exact:white=0.02 --preset micadei --set time=0ms:4ms:4",
    "grid": f"{EXCHANGE} exact --set T_A=1.5:3:2 --set time=0:9:4 --set strength=0.8",
    "aer": f"{EXCHANGE} aer --set time=0:20:4 --bases minimal",
    "fez": f"{EXCHANGE} aer:fake_fez --set time=0:9:3",
    "purified": f"{EXCHANGE} aer --preparation purified --bases x-state --control none,dephased --set time=0:9:3",
    "divided": f"{EXCHANGE} exact --set time=7 --target heat --control none",
    "nominal": f"{EXCHANGE} exact --set time=7 --reference nominal --bases ZZ,XX",
    "reversal": "run coherence-reversal --device exact --control none --seed 5 --draws 200",
    "cooling": "run algorithmic-cooling --device aer --seed 5 --draws 200 --shots 400 --preparation measured "
    "--ancillas reset --calibration-shots 300",
    "floor": "run cooling-floor --device exact --seed 5 --draws 200 --preparation random",
    "pump": "run heat-pump --device exact --set cycles=1:2:2 --control none --seed 5 --draws 200 --shots 2000",
    "counts": "import {exact}/counts.csv --protocol heat-exchange --set time=0:10:5 --draws 200",
    "bare": "import {exact}/counts.csv --draws 200",
    "values": "import {values} --protocol heat-exchange --set time=0:7:2 --draws 200",
    "plan": "plan heat-exchange --set time=0:31.4:9 --device aer:fake_fez --seed 5",
    "pump plan": "plan heat-pump --device exact --seed 5",
    "inverted": "analyse {fez} --estimator linear-inversion --draws 100 --scale-errors",
    "credible": "analyse {white} --interval mutual_information=credible --draws 100 --uncorrected",
}
"""Name -> command; a name in braces is the run directory of that command."""
PINNED = ("counts.csv", "ideal.npz", "derived/table.csv", "derived/verdict.json", "derived/energies.svg", "plan.json")


def key() -> str:
    """What the bytes depend on: versions, and the kernels that linear algebra chose for this processor."""
    import numpy as np
    from threadpoolctl import threadpool_info

    np.eye(2) @ np.eye(2)
    # other packages of a test process may bring kernels of their own, which these commands never call
    blas = [pool for pool in threadpool_info() if pool["user_api"] == "blas" and "numpy" in pool["filepath"]]
    kernels = {str(pool.get("architecture")) for pool in blas}
    named = [f"{name} {version(name)}" for name in ("numpy", "scipy", "pandas", "matplotlib", "qiskit-aer", "qutip")]
    python = f"Python {platform.python_version()}"  # whose zipfile writes the archives
    return ", ".join([platform.system(), platform.machine(), *sorted(kernels), python, *named])


def produced(folder: Path, only: Sequence[str] = ()) -> dict[str, dict[str, bytes]]:
    """Commands carried out in a folder: the name of each -> the name of a file -> its pinned bytes.

    Args:
        folder: An empty one.
        only: Names of commands; by default all. What they build on is carried out too.
    """
    values = folder / "values.csv"
    values.write_text(_values())
    places = {"values": str(values)}
    chosen = [name for name in COMMANDS if name in only or not only]
    chosen += [name for name in COMMANDS if name not in chosen and any(f"{{{name}}}" in COMMANDS[n] for n in chosen)]
    later = [name for name in chosen if "{" in COMMANDS[name]]
    first = [name for name in chosen if name not in later]
    made: dict[str, dict[str, bytes]] = {}
    with contextlib.ExitStack() as open_children, ThreadPoolExecutor(2) as pool:
        # importing everything costs more than most commands: two processes carry out all of them, one after the other
        children: SimpleQueue[_Child] = SimpleQueue()
        for _ in range(2):
            children.put(open_children.enter_context(_child()))
        predictions = pool.submit(_predictions, folder, children) if not only or "predict" in only else None
        for names in (first, later):
            words = [COMMANDS[name].format(**places).split() for name in names]
            found = pool.map(partial(_carried_out, children), words, [folder / n for n in names])
            for name, place in zip(names, found, strict=True):
                places[name] = str(place)
                made[name] = dict(_kept(place))
        if predictions:
            made["predict"] = predictions.result()
    return made


def differences(made: dict[str, dict[str, bytes]], known: dict[str, dict[str, str]]) -> list[str]:
    """What is missing, new or of other bytes."""
    today = digests(made)
    names = sorted({(c, f) for book in (today, known) for c, files in book.items() if c in today for f in files})
    return [f"{c}: {f}" for c, f in names if today.get(c, {}).get(f) != known.get(c, {}).get(f)]


def digests(made: dict[str, dict[str, bytes]]) -> dict[str, dict[str, str]]:
    """The first 16 digits of every file's SHA-256."""
    return {c: {f: hashlib.sha256(b).hexdigest()[:16] for f, b in files.items()} for c, files in made.items()}


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Pins against accidental change.")
    parser.add_argument("--write", action="store_true", help="take today's bytes as the pins of this platform")
    parser.add_argument("--only", nargs="+", default=(), metavar="NAME", help="check these commands alone")
    parser.add_argument("--out", type=Path, help="keep the pinned files there")
    parser.add_argument("--against", type=Path, help="a folder that --out made: compare numbers to 1e-12")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = produced(Path(folder), given.only)
    for command, files in made.items():
        for name, content in files.items():
            if given.out:
                path = given.out / command / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
    if given.against:
        return _compared(made, given.against)
    pins = json.loads(PINS.read_text()) if PINS.exists() else {}
    if given.write:
        PINS.write_text(json.dumps({**pins, key(): digests(made)}, indent=1, sort_keys=True) + "\n")
        return 0
    if key() not in pins:
        print(f"skipped: no pins for {key()}")
        return 0
    found = differences(made, pins[key()])
    print("\n".join(found) or f"{sum(map(len, made.values()))} files of {len(made)} commands are as pinned")
    return bool(found)


CHILD = """
import contextlib, io, json, sys
from hotward.cli import main
for line in sys.stdin:
    sys.argv, out, err, code = ["hotward", *json.loads(line)], io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    print(json.dumps([code, out.getvalue(), err.getvalue()]), flush=True)
"""
_Child: TypeAlias = "subprocess.Popen[str]"


@contextlib.contextmanager
def _child() -> Iterator[_Child]:
    """A process that carries out one command after another."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", CHILD], stdin=pipe, stdout=pipe, text=True, env=environment
    ) as process:
        yield process
        assert process.stdin
        process.stdin.close()


def _told(children: SimpleQueue[_Child], words: Sequence[str], *, refused: bool = False) -> str:
    """What a command prints, carried out by a child that is free."""
    child = children.get()
    try:
        assert child.stdin
        assert child.stdout
        child.stdin.write(json.dumps(words) + "\n")
        child.stdin.flush()
        code, out, err = json.loads(child.stdout.readline())
    finally:
        children.put(child)
    if code and not refused:
        raise RuntimeError(f"{words}: {err}")
    return out


def _carried_out(children: SimpleQueue[_Child], words: list[str], runs: Path) -> Path:
    """Carries out a command; its run directory, or that of the plan."""
    place = ["--out", str(runs)] if words[0] == "plan" else ["--runs", str(runs)]
    if words[0] == "analyse":  # of a copy: the first analysis stays
        run = Path(shutil.copytree(words[1], runs / "run"))
        words, place = [words[0], str(run), *words[2:]], []
    said = _told(children, [*words, *place])
    return runs if words[0] == "plan" else Path(said.splitlines()[-1])


def _kept(place: Path) -> Iterator[tuple[str, bytes]]:
    for name in PINNED:
        if (place / name).exists():
            yield name, (place / name).read_bytes()
    if (place / "derived/report.html").exists():
        yield "words of the report", _words(place)


def _words(place: Path) -> bytes:
    """Verdict and checks as the report says them, without names and times of this run."""
    text = (place / "derived/report.html").read_text()
    text = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", text, flags=re.DOTALL)
    text = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())
    until = text.find("Each as vector graphics")
    return re.sub(r"\d{8}-\d{6}-\S+|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "", text[:until]).encode()


def _predictions(folder: Path, children: SimpleQueue[_Child]) -> dict[str, bytes]:
    """`hotward predict` of every preset of every protocol; those that refuse to predict leave no file."""
    from protocols import load, names

    place = folder / "predictions"
    place.mkdir()
    for protocol in names():
        for preset in (None, *load(protocol).presets):
            more = ["--preset", preset] if preset else []
            out = place / f"{protocol} {preset or '-'}.csv"
            _told(children, ["predict", protocol, *more, "--out", str(out)], refused=True)
    return {path.stem: path.read_bytes() for path in sorted(place.glob("*.csv"))}


def _values() -> str:
    """Expectation values of a correlated pair that exchanges its excitation, as a spectroscopist would have them."""
    rows = ["time,pauli,value,stderr"]
    for time, shift in ((0.0, 0.0), (7.0, 0.2)):
        known = {"ZI": 0.2449 - 2 * shift, "IZ": 0.4621 + 2 * shift, "ZZ": 0.3, "XX": 0.05, "YY": 0.05, "XY": 0.1}
        for word in (a + b for a in "IXYZ" for b in "IXYZ"):
            if word != "II":
                rows.append(f"{time},{word},{known.get(word, 0.0):.4f},0.01")
    return "\n".join(rows) + "\n"


def _compared(made: dict[str, dict[str, bytes]], before: Path) -> int:
    """Numbers of tables and exact values against a kept folder, relative to 1 or to the value where that is more."""
    import numpy as np
    import pandas as pd

    worst = 0.0
    for command, files in made.items():
        for name, content in files.items():
            old = (before / command / name).read_bytes()
            if old == content:
                continue
            differ = float("nan")
            with contextlib.suppress(ValueError, TypeError):
                if name.endswith(".npz"):
                    a, b = np.load(io.BytesIO(old)), np.load(io.BytesIO(content))
                    pairs = [(a[k], b[k]) for k in a if a[k].dtype.kind in "fc"]
                else:
                    a, b = pd.read_csv(io.BytesIO(old)), pd.read_csv(io.BytesIO(content))
                    pairs = [(a[k].to_numpy(), b[k].to_numpy()) for k in a.select_dtypes("number")]
                differ = max(float(np.nanmax(abs(x - y) / np.maximum(abs(x), 1), initial=0)) for x, y in pairs)
            print(f"{command}: {name} differs by {differ:.2g}")
            worst = max(worst, differ) if differ == differ else worst
    print(f"largest difference {worst:.2g}")
    return worst > 1e-12


if __name__ == "__main__":
    sys.exit(main())
