"""The fields of an experiment as text, in start.json; `protocols.program.parameters.build` makes it of them again."""

from __future__ import annotations

import numpy as np

from protocols import Experiment
from protocols.program import parameters


def fields_of(experiment: Experiment) -> dict[str, str | list[str]]:
    """Every field as `--set` takes it; a swept one as the list of its values, each of them so.

    Numbers are written with all digits that tell them from others, in natural units. A field that was left to the
    protocol is "auto": what it stood for is in the points of the run.

    Args:
        experiment: The protocol with its fields.

    Returns:
        Name of the field -> its text, or the texts of its values.

    Examples:
        >>> from protocols.heat_exchange import HeatExchange
        >>> experiment = HeatExchange(T_A=2.5, time=[0.0, 7.1])
        >>> fields = fields_of(experiment)
        >>> fields["T_A"], fields["time"], fields["correlation"], fields["gap"]
        ('2.5', ['0.0', '7.1'], 'entangled', 'auto')
    """
    return {declared.name: _text_of(getattr(experiment, declared.name)) for declared in parameters(experiment)}


def _text_of(value: object) -> str | list[str]:
    if value is None:
        return "auto"
    if isinstance(value, str):
        return value
    values = np.asarray(value, dtype=float)
    texts = [repr(number) for number in values.ravel().tolist()]
    return texts if values.ndim else texts[0]
