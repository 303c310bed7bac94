"""hotward: quantum thermodynamics experiments on qubits, with honest error bars.

The command line is `hotward`; in Python everything is under one name, and is imported when it is first used:

    import hotward as hw

    result = hw.run(hw.HeatExchange(T_A=2, T_B=1), device="aer", shots=4096, seed=7)
    result.plot("heat")

Examples:
    >>> import hotward as hw
    >>> experiment = hw.HeatExchange(time=[0.0, 7.010056])
    >>> energy = hw.predict(experiment).table.query("observable == 'energy' and subject == 'A'")["ideal"]
    >>> energy.round(6).tolist()  # the hot qubit gains
    [0.377541, 0.646482]
"""

from __future__ import annotations

import typing

if typing.TYPE_CHECKING:
    from hotward.interface import Compared as Compared
    from hotward.interface import Plan as Plan
    from hotward.interface import Prediction as Prediction
    from hotward.interface import Result as Result
    from hotward.interface import Unfinished as Unfinished
    from hotward.interface import analyse as analyse
    from hotward.interface import compare as compare
    from hotward.interface import import_counts as import_counts
    from hotward.interface import open as open
    from hotward.interface import plan as plan
    from hotward.interface import predict as predict
    from hotward.interface import run as run
    from protocols import RequestError as RequestError
    from protocols.algorithmic_cooling import AlgorithmicCooling as AlgorithmicCooling
    from protocols.chain_exchange import ChainExchange as ChainExchange
    from protocols.chain_revival import ChainRevival as ChainRevival
    from protocols.coherence_reversal import CoherenceReversal as CoherenceReversal
    from protocols.coherent_engine import CoherentEngine as CoherentEngine
    from protocols.cooling_floor import CoolingFloor as CoolingFloor
    from protocols.heat_bridge import HeatBridge as HeatBridge
    from protocols.heat_exchange import HeatExchange as HeatExchange
    from protocols.heat_pump import HeatPump as HeatPump
    from protocols.ladder_cooling import LadderCooling as LadderCooling
    from protocols.landauer_erasure import LandauerErasure as LandauerErasure
    from protocols.maxwell_demon import MaxwellDemon as MaxwellDemon
    from protocols.open_exchange import OpenExchange as OpenExchange
    from protocols.quantum_battery import QuantumBattery as QuantumBattery
    from protocols.thermophoresis import Thermophoresis as Thermophoresis
    from protocols.two_stroke_engine import TwoStrokeEngine as TwoStrokeEngine

__all__ = [  # without `open`, which would hide Python's own from whoever imports all
    "AlgorithmicCooling",
    "ChainExchange",
    "ChainRevival",
    "CoherenceReversal",
    "CoherentEngine",
    "Compared",
    "CoolingFloor",
    "HeatBridge",
    "HeatExchange",
    "HeatPump",
    "LadderCooling",
    "LandauerErasure",
    "MaxwellDemon",
    "OpenExchange",
    "Plan",
    "Prediction",
    "QuantumBattery",
    "RequestError",
    "Result",
    "Thermophoresis",
    "TwoStrokeEngine",
    "Unfinished",
    "analyse",
    "compare",
    "import_counts",
    "plan",
    "predict",
    "run",
]

PLACES = {
    **dict.fromkeys(("Compared", "Plan", "Prediction", "Result", "Unfinished"), "hotward.interface"),
    **dict.fromkeys(("analyse", "compare", "import_counts", "open", "plan", "predict", "run"), "hotward.interface"),
    "RequestError": "protocols",
    "AlgorithmicCooling": "protocols.algorithmic_cooling",
    "ChainExchange": "protocols.chain_exchange",
    "ChainRevival": "protocols.chain_revival",
    "CoherenceReversal": "protocols.coherence_reversal",
    "CoherentEngine": "protocols.coherent_engine",
    "CoolingFloor": "protocols.cooling_floor",
    "HeatBridge": "protocols.heat_bridge",
    "HeatExchange": "protocols.heat_exchange",
    "HeatPump": "protocols.heat_pump",
    "LadderCooling": "protocols.ladder_cooling",
    "LandauerErasure": "protocols.landauer_erasure",
    "MaxwellDemon": "protocols.maxwell_demon",
    "OpenExchange": "protocols.open_exchange",
    "QuantumBattery": "protocols.quantum_battery",
    "Thermophoresis": "protocols.thermophoresis",
    "TwoStrokeEngine": "protocols.two_stroke_engine",
}
"""Name -> where it is; the class of a protocol that is not listed yet is found all the same."""


def __getattr__(name: str) -> object:
    """A public name, imported when it is first used."""
    if name.startswith("_"):
        raise AttributeError(f"module 'hotward' has no attribute {name!r}")
    import importlib

    from hotward.packages import foreign_package

    place = PLACES.get(name) or _place_of_protocol(name)
    if place is None:
        import difflib

        near = difflib.get_close_matches(name, PLACES, 1)
        meant = f" Did you mean {near[0]}?" if near else f" It has {', '.join(PLACES)}."
        raise AttributeError(f"module 'hotward' has no attribute {name!r}.{meant}")
    if foreign := foreign_package():
        raise ImportError(foreign)
    found = globals()[name] = getattr(importlib.import_module(place), name)
    return found


def _place_of_protocol(name: str) -> str | None:
    """The module of a class named like a protocol's file: `NewEngine` is in protocols/new_engine.py."""
    if not name[0].isupper():
        return None
    import importlib.util

    module = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).removeprefix("_")
    return f"protocols.{module}" if importlib.util.find_spec(f"protocols.{module}") else None


def __dir__() -> list[str]:
    """All public names, for the completion of a notebook."""
    return sorted({*globals(), *PLACES})
