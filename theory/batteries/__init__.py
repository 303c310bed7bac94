"""Batteries of N cells that are charged together: by a cavity, with or without counter-rotating terms, or by qubits."""

from theory.batteries.charging import SINGLE as SINGLE
from theory.batteries.charging import Battery as Battery
from theory.batteries.charging import Most as Most
from theory.batteries.dicke import Dicke as Dicke
from theory.batteries.qubits import ChargerQubits as ChargerQubits
from theory.batteries.tavis_cummings import TavisCummings as TavisCummings
