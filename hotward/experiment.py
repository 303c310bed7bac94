"""From the words of the command line to an experiment and its options."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from protocols import Experiment, RequestError, load


def check_reference(reference: str) -> None:
    """That heat is counted from something known.

    Raises:
        RequestError: Otherwise.
    """
    if reference not in ("measured", "nominal"):
        raise RequestError(f"Argument `reference` must be measured or nominal, but is {reference!r}.")


def check_seed(seed: int | None) -> None:
    """That a seed, where one is given, can seed a generator.

    Raises:
        RequestError: Otherwise.
    """
    if seed is not None and seed < 0:
        raise RequestError(f"Argument `seed` must be a whole number >= 0, but is {seed}.")


def check_preset(offered: type[Experiment], preset: str | None) -> None:
    """That the protocol has a preset of this name.

    Args:
        offered: The protocol.
        preset: Name of one of its presets; None asks for none.

    Raises:
        RequestError: Otherwise.
    """
    if preset is not None and preset not in offered.presets:
        known = ", ".join(offered.presets)
        raise RequestError(f"Argument `preset` must be one of {known}, but is {preset!r}.")


def build_experiment(protocol: str, preset: str | None, values: Sequence[str]) -> Experiment:
    """The protocol with the values of a preset, overridden by --set.

    >>> build_experiment("heat-exchange", None, ["T_A=2"]).name
    'heat-exchange'

    Args:
        protocol: Its name.
        preset: Name of one of its presets; None: its defaults.
        values: Texts name=value or name=start:stop:count.

    Raises:
        RequestError: For an unknown protocol, preset or parameter, or a value outside its domain.
    """
    from protocols.program import build

    offered = load(protocol)
    check_preset(offered, preset)
    merged = dict(offered.presets[preset].values) if preset else {}
    given: dict[str, str] = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not equals or not value.strip():
            example = f"{name.strip()}=VALUE or {name.strip()}=start:stop:count" if equals and name.strip() else "T_A=2"
            raise RequestError(f"Argument `set` must be name=value, but is {text!r}. Try --set {example}.")
        if name.strip() in given:
            raise RequestError(f"Argument `set` gives {name.strip()} twice. Give it once; start:stop:count sweeps.")
        given[name.strip()] = value
    return build(offered, {**merged, **given})


def notes_on_units(experiment: Experiment, preset: str | None, values: Sequence[str]) -> list[str]:
    """Numbers without a unit beside a gap, which were perhaps meant in one: each with what it was taken as.

    >>> one = build_experiment("heat-exchange", None, ["gap=1kHz", "T_A=90"])
    >>> notes_on_units(one, None, ["gap=1kHz", "T_A=90"])
    ['T_A = 90 has no unit and is taken as 90 gap/k_B (4.319e-06 K); give one beside gap=1kHz if it was meant in it']

    Args:
        experiment: As built.
        preset: Name of the preset that it was built from.
        values: Texts name=value, as given.
    """
    from protocols.program import parameters
    from protocols.units import Gap, is_quantity

    text = getattr(experiment, "gap", None)
    if text is None:
        return []
    gap = Gap.parse(text)
    given = dict(load(experiment.name).presets[preset].values) if preset else {}
    given |= {name.strip(): value.strip() for name, _, value in (one.partition("=") for one in values)}
    notes = []
    for spec in parameters(experiment):
        word = given.get(spec.name, "auto")
        if (
            spec.dimension is None
            or word == "auto"
            or any(is_quantity(part) for part in word.replace(",", ":").split(":"))
        ):
            continue
        numbers = np.abs(np.ravel(getattr(experiment, spec.name)))
        largest = float(numbers.max())
        if largest in (0, math.inf):  # the same in every unit
            continue
        unit = {"hbar/gap": "s", "gap/k_B": "K"}.get(spec.unit, "Hz")
        shown = f"{gap.display(largest, spec.dimension, unit):.4g} {unit}"
        up_to = "up to " if len(numbers) > 1 else ""
        notes.append(
            f"{spec.name} = {word} has no unit and is taken as {up_to}{largest:.6g} {spec.unit} ({shown}); give one "
            f"beside gap={text} if it was meant in it"
        )
    return notes


def provenance(protocol: str, preset: str | None) -> dict[str, Any]:
    """Where a preset's numbers come from, and whether they were verified.

    Args:
        protocol: Its name.
        preset: Name of one of its presets; None: none was asked for, and nothing needs to be verified.

    Returns:
        `preset`, `source` and `verified`, as start.json has them.
    """
    if preset is None:
        return {"preset": None, "source": "", "verified": True}
    chosen = load(protocol).presets[preset]
    return {"preset": preset, "source": chosen.source, "verified": chosen.verified}


def choose_options(experiment: Experiment, *, control: str, **words: str | None) -> dict[str, str]:
    """The protocol's options that are words, with their defaults.

    Args:
        experiment: The protocol.
        control: "off", or names of control arms, comma-separated.
        **words: Other options, None where not given.

    Raises:
        RequestError: For a control, an option or a word that the protocol does not have.
    """
    offered = experiment.controls
    arms = [] if control == "off" else [name.strip() for name in control.split(",")]
    for name in arms:
        if name not in offered or arms.count(name) > 1:
            known = f"off for {experiment.name} as it is set"
            known = f"off or different names from {', '.join(offered)}" if offered else known
            raise RequestError(f"Argument `control` must be {known}, but is {control!r}.")
    chosen = {name: known[0] for name, known in experiment.offers.items()}
    for name, word in words.items():
        if word is None:
            continue
        if name not in chosen:
            raise RequestError(f"Argument `{name}` does not apply to {experiment.name}. Drop --{name}.")
        if word not in experiment.offers[name]:
            known = ", ".join(experiment.offers[name])
            raise RequestError(f"Argument `{name}` must be one of {known} for {experiment.name}, but is {word!r}.")
        chosen[name] = word
    return {"control": ",".join(arms), **chosen}
