"""The cooling limit from pair creation: an oscillator, and a qubit that a run can be laid over."""

from reproduce.freitas_paz.paper import PAPER as PAPER
