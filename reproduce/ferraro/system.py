"""The words and numbers that all figures of batteries share."""

from __future__ import annotations

ADVANTAGE = (
    "Advantage is P_max/(N P_1): the most power E/t of N cells charged together from N excitations, against N cells "
    "that have a charger with one excitation each and the same coupling g, every one at its best time (P_1 = 0.724611 "
    "g). Another reference gives another number: cells that have N photons each charge faster than the shared cavity."
)
OWN = "Couplings and numbers are this suite's own; those of the paper were not read."
