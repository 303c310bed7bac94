"""Figures of T. Holdsworth and R. Kawai, Phys. Rev. A 106, 062604 (2022), redrawn: one file a figure."""
