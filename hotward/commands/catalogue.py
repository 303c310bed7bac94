"""`hotward list`: protocols, with their parameters and presets, and devices."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from hotward.conclusion import UNVERIFIED
from hotward.options import Json
from hotward.terminal import emit, table
from protocols import Experiment, ProtocolError, load, names, readable
from protocols.program import mistake_in_a_protocol

DEVICES = {
    "exact": "samples exact outcome probabilities; no qiskit; exact:white=0.02 mixes in 2 % white noise",
    "aer": "Aer simulator without noise",
}
STORED = "Aer with the calibration of {}: errors of gates, of readout and of qubits that wait"
FEWEST_IN_SHORT = 4
"""Parameters of one kind, numbered, that are not listed one by one; --json has all."""


def list_protocols(json: Json = False) -> None:
    """Protocols, with their parameters and presets, and devices."""
    import devices

    described, wrong = _describe_what_is_readable()
    if json:
        listed = {"devices": list(devices.names()), "snapshots": dict(devices.snapshots())}
        emit({"protocols": described, "unreadable": wrong, **listed})
        return
    for protocol in described:
        _print_protocol(protocol)
    dated = {f"aer:{name}": STORED.format(day or "an unknown day") for name, day in devices.snapshots().items()}
    rows = [(name, {**DEVICES, **dated}[name]) for name in devices.names()]
    rows.append(("aer:fake_NAME:gates", "any of these without relaxation of qubits that wait for others"))
    rows.append(("ibm:NAME", "a backend of your IBM account; hotward backends lists them"))
    table("devices", ("name", "what it is"), rows)
    sys.stdout.flush()
    for text in wrong.values():
        print("hotward:", " ".join(text.split()), file=sys.stderr)


def _describe_what_is_readable() -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Every protocol as plain data, and name -> what is wrong with each file that is not readable."""
    described, wrong = [], readable()[1]
    for name in names():
        if name not in wrong:
            try:
                described.append(_describe_protocol(name))
            except Exception as error:
                text = str(error) if isinstance(error, ProtocolError) else mistake_in_a_protocol(error)
                if text is None:
                    raise
                wrong[name] = text
    return described, wrong


def _print_protocol(described: Mapping[str, Any]) -> None:
    name = described["protocol"]
    rows = [
        (
            p["name"],
            p["automatic"] or ("-" if p["default"] is None else str(p["default"])),
            p["unit"] if p["unit"] != "quantity" else "-",
            p["domain"],
            p["meaning"],
        )
        for p in described["parameters"]
    ]
    table(f"{name}: parameters", ("name", "default", "unit", "domain", "meaning"), _in_short(rows))
    presets = [
        (
            key,
            ", ".join(f"{k}={v}" for k, v in preset["values"].items()) or "the defaults",
            preset["source"] + ("" if preset["verified"] else f" [{UNVERIFIED}]"),
        )
        for key, preset in described["presets"].items()
    ]
    table(f"{name}: presets", ("name", "values", "where the numbers come from"), presets)
    rows = [(one["observable"], one["subject"], one["meaning"]) for one in described["rows"]]
    if rows:
        table(f"{name}: rows that need a word", ("observable", "subject", "is"), rows)
    words = {"bases": described["bases"], **described["options"], "control": ["off", *described["controls"]]}
    chosen = [(f"--{key}", ", ".join(known)) for key, known in words.items()]
    table(f"{name}: options", ("option", "one of"), chosen)


def _in_short(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Parameters numbered along a chain: the first as it is, the second for all that say the same of other sites.

    Examples:
        >>> _in_short([("T_1", "2", "of q1"), *((f"T_{k}", "see T_1", f"of q{k}") for k in range(2, 21))])
        [('T_1', '2', 'of q1'), ('T_2..T_20', 'see T_1', 'of q2; the others likewise')]
    """

    def kind(row: tuple[str, ...]) -> tuple[str, ...]:
        name = re.fullmatch(r"(.+)_\d+", row[0])
        # the default of another one may name the first
        return (name[1], *row[2:-1], re.sub(r"\d+", "#", row[-1])) if name else row

    found: list[tuple[str, ...]] = []
    for _, same in itertools.groupby(rows, kind):
        each = list(same)
        if len(each) < FEWEST_IN_SHORT:
            found += each
            continue
        second = each[1]
        found += [each[0], (f"{second[0]}..{each[-1][0]}", *second[1:-1], f"{second[-1]}; the others likewise")]
    return found


def _rows(experiment: Experiment) -> list[dict[str, str]]:
    """Rows of the protocol's own whose name does not say everything, at its defaults."""
    own = experiment.observables(experiment.points({}, "nominal"))
    return [{"observable": o.name, "subject": o.subject, "meaning": o.meaning} for o in own if o.meaning]


def _describe_protocol(name: str) -> dict[str, Any]:
    """A protocol as plain data."""
    from protocols.program import parameters

    protocol = load(name)
    return {
        "protocol": name,
        "parameters": [
            {
                "name": p.name,
                "default": p.default,
                "automatic": p.automatic,
                "unit": p.unit,
                "domain": p.domain,
                "meaning": p.meaning,
            }
            for p in parameters(protocol)
        ],
        "presets": {
            key: {"values": dict(preset.values), "source": preset.source, "verified": preset.verified}
            for key, preset in protocol.presets.items()
        },
        "rows": _rows(protocol()),
        "controls": list(protocol.controls),
        "bases": {key: list(words) for key, words in protocol().measurements.items()},
        "options": {key: list(words) for key, words in protocol.offers.items()},
    }
