"""Copies side by side: what each says beside the mean, and where they are on the chip."""

from analysis.figures.copies.chip import chip as chip
from analysis.figures.copies.chip import positions as positions
from analysis.figures.copies.chip import pulls as pulls
from analysis.figures.copies.forest import copies as copies
from analysis.figures.copies.judged import Judged as Judged
from analysis.figures.copies.judged import judged as judged
from analysis.figures.copies.judged import places as places
