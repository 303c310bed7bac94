"""How a run is carried out on hardware, beyond what a simulator knows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devices.chip import FLOOR, SPACING, CopiesAsked, Number
from protocols import RequestError

SEQUENCES = ("off", "XX", "XpXm", "XY4")
TWIRLINGS = ("off", "gates", "measure", "all")
SAMPLERS = ("executor", "legacy")
MODES = ("batch", "job")
PARTS = 32
"""Into which the shots of a setting and point are divided at least, to be spread over members and passes."""
MOST_PASSES = 32


@dataclass(frozen=True, kw_only=True)
class HardwareOptions:
    """Options of hardware runs, with defaults for circuits of a few gates on a pair of qubits.

    Dynamical decoupling is off: the pair is never idle for long, and there is nothing to decouple. Twirling is off:
    the readout is calibrated as it is, and circuits differ by angles only. Both belong on for protocols with idle
    ancillas (`--dynamical-decoupling XY4`) and where coherent gate errors show (`--twirling gates`).
    """

    qubits: tuple[int, ...] | None = None
    """Physical qubits, in the order of the wires; None: by calibration."""
    passes: int = 4
    """Over which the repeats of every row are spread."""
    dynamical_decoupling: str = "off"
    twirling: str = "off"
    fractional: bool = False
    """Whether to use gates of any angle, where the backend has them."""
    sampler: str = "executor"
    """The client's own sampler, or the platform's ("legacy")."""
    mode: str = "batch"
    """How several jobs are submitted: in a batch, or each for itself."""
    rep_delay: float | None = None
    """Between executions [us]; None: what the backend has by default."""
    copies: Number = 1
    """Copies of the experiment side by side on the chip, or "all" that fit."""
    spacing: int = SPACING
    """Idle qubits between copies."""
    floor: float = FLOOR
    """Least score of a copy, as a fraction of the best."""
    alone: int = 0
    """Passes more in which some copies run while all others idle."""

    @property
    def side_by_side(self) -> CopiesAsked:
        """How many copies, how near and how good."""
        return CopiesAsked(number=self.copies, spacing=self.spacing, floor=self.floor, alone=self.alone)

    def __post_init__(self) -> None:
        words = {
            "dynamical_decoupling": SEQUENCES,
            "twirling": TWIRLINGS,
            "sampler": SAMPLERS,
            "mode": MODES,
        }
        for name, known in words.items():
            if getattr(self, name) not in known:
                raise RequestError(
                    f"Argument `{name}` must be one of {', '.join(known)}, but is {getattr(self, name)!r}."
                )
        _ = self.side_by_side
        if self.rep_delay is not None and not 0 <= self.rep_delay < math.inf:
            raise RequestError(
                f"Argument `rep_delay` must be microseconds, at least 0, but is {self.rep_delay:g}. Leave it out: the "
                "backend's default is what its calibration was made with."
            )
        if not 1 <= self.passes <= MOST_PASSES:
            raise RequestError(
                f"Argument `passes` must be a whole number from 1 to {MOST_PASSES}, but is {self.passes}. Try 4."
            )

    def quanta(self, shots: int, members: int = 1) -> tuple[int, int]:
        """Shots of an executed row, and passes.

        The shots of a setting and point are divided into rows of equal shots: at least `PARTS`, and two for each
        member of the ensemble, without a remainder where up to twice that number allows it.

        Args:
            shots: Of a setting and point.
            members: Of the ensemble of preparations.

        >>> options = HardwareOptions()
        >>> options.quanta(4096), options.quanta(1000), options.quanta(20), options.quanta(4096, members=128)
        ((128, 4), (25, 4), (1, 4), (16, 4))
        """
        least = max(PARTS, 2 * members)
        exact = [parts for parts in range(least, 2 * least) if shots % parts == 0]
        return max(1, shots // (exact[0] if exact else least)), self.passes

    def words(self) -> dict[str, str]:
        """As text, for start.json and the report.

        >>> HardwareOptions(qubits=(12, 13)).words()["qubits"]
        '12,13'
        """
        chosen = "by calibration" if self.qubits is None else ",".join(map(str, self.qubits))
        return {
            "qubits": chosen,
            "passes": str(self.passes),
            "dynamical_decoupling": self.dynamical_decoupling,
            "twirling": self.twirling,
            "fractional": "yes" if self.fractional else "no",
            "sampler": self.sampler,
            "mode": self.mode,
            **({} if self.rep_delay is None else {"rep_delay": f"{self.rep_delay:g} us"}),
            **({} if self.copies == 1 else self._copies_in_words()),
        }

    def _copies_in_words(self) -> dict[str, str]:
        alone = {"alone": str(self.alone)} if self.alone else {}
        return {"copies": str(self.copies), "spacing": str(self.spacing), "floor": f"{self.floor:g}", **alone}

    @classmethod
    def of(cls, words: Mapping[str, Any]) -> HardwareOptions:
        """The options that `words` gave."""
        chosen = str(words["qubits"])
        return cls(
            qubits=None if chosen == "by calibration" else tuple(int(text) for text in chosen.split(",")),
            passes=int(words["passes"]),
            dynamical_decoupling=str(words["dynamical_decoupling"]),
            twirling=str(words["twirling"]),
            fractional=words["fractional"] == "yes",
            sampler=str(words["sampler"]),
            mode=str(words["mode"]),
            rep_delay=float(str(words["rep_delay"]).removesuffix(" us")) if "rep_delay" in words else None,
            copies=parse_copies(str(words.get("copies", "1"))),
            spacing=int(words.get("spacing", SPACING)),
            floor=float(words.get("floor", FLOOR)),
            alone=int(words.get("alone", 0)),
        )


def parse_qubits(text: str) -> tuple[int, ...]:
    """Physical qubits as on the command line.

    >>> parse_qubits("12,13")
    (12, 13)

    Raises:
        RequestError: For anything but whole numbers with commas between.
    """
    words = [word.strip() for word in text.split(",")]
    if not all(word.isdecimal() for word in words):
        raise RequestError(f"Argument `qubits` must be whole numbers with commas between, but is {text!r}. Try 12,13.")
    return tuple(map(int, words))


def parse_copies(text: str) -> Number:
    """Copies as on the command line.

    >>> parse_copies("all"), parse_copies("12")
    ('all', 12)

    Raises:
        RequestError: For anything but a whole number or "all".
    """
    if text == "all":
        return "all"
    try:
        return int(text)
    except ValueError:
        raise RequestError(
            f"Argument `copies` must be a whole number or all, but is {text!r}. Try all: as many as fit."
        ) from None
