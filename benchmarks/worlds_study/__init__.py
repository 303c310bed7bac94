"""Worlds that are not what they are taken for, and worlds that are: what the verdict says of them."""

from worlds_study.pairs import World as World
from worlds_study.right import RIGHT as RIGHT
from worlds_study.right import Claimed as Claimed
from worlds_study.right import right_worlds as right_worlds
from worlds_study.said import CLAIMS as CLAIMS
from worlds_study.said import headline_of as headline_of
from worlds_study.wrong import WRONG as WRONG
