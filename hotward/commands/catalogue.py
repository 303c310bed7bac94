"""`hotward list`: protocols, with their parameters and presets, and devices."""

from __future__ import annotations

import sys
from collections.abc import Mapping
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
STORED = "Aer with the stored calibration of this device"


def list_protocols(json: Json = False) -> None:
    """Protocols, with their parameters and presets, and devices."""
    import devices

    described, wrong = _describe_what_is_readable()
    if json:
        emit({"protocols": described, "unreadable": wrong, "devices": list(devices.names())})
        return
    for protocol in described:
        _print_protocol(protocol)
    rows = [(name, DEVICES.get(name, STORED)) for name in devices.names()]
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
    table(f"{name}: parameters", ("name", "default", "unit", "domain", "meaning"), rows)
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
