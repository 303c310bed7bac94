"""What errors of gates were removed, as plain data for verdict.json, --json and the page."""

from __future__ import annotations

import typing
from dataclasses import asdict
from typing import Any

from analysis.verdict import finite

if typing.TYPE_CHECKING:
    from analysis.result import Analysis


def mitigation_of(analysis: Analysis) -> dict[str, Any] | None:
    """The way that was asked for, what it rests on, and what the heat becomes; None where members do not allow it.

    Args:
        analysis: What the run says.
    """
    found = analysis.mitigated or analysis.both
    if found is None:
        return None
    survived = found.survival
    kept = [
        {
            **({"arm": one.arm} if one.arm else {}),
            "member": one.member,
            "excitations": one.excitations,
            "kept": finite(one.share),
        }
        for one in found.kept
    ]
    about = None
    if survived is not None:
        factor, error = survived.per_gate
        about = {
            "survival": survived.value,
            "stderr": survived.stderr,
            "two_qubit_gates": survived.gates,
            "factor_per_gate": factor,
            "factor_stderr": error,
            "p_equal_at_all_points": survived.p,
            "first_flipped_more": finite(survived.unequal.value) if survived.unequal else None,
            "first_flipped_more_stderr": finite(survived.unequal.stderr) if survived.unequal else None,
        }
    return {
        "asked": analysis.mitigated.way if analysis.mitigated else "none",
        "survival": about,
        "members": kept,
        "heat": [heat.as_dict() for heat in analysis.mitigated_heats],
        "folded": [finite(asdict(one)) for one in analysis.folded],
    }
