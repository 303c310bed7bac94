"""Curves, comparisons and overlays of a figure; its picture, its files, the page of a paper."""

from reproduce.drawing.agreement import protocols_of as protocols_of
from reproduce.drawing.comparison import PAPER as PAPER
from reproduce.drawing.comparison import REFERENCE as REFERENCE
from reproduce.drawing.comparison import Comparison as Comparison
from reproduce.drawing.figure import Context as Context
from reproduce.drawing.figure import Curve as Curve
from reproduce.drawing.figure import Figure as Figure
from reproduce.drawing.figure import Measure as Measure
from reproduce.drawing.figure import Offer as Offer
from reproduce.drawing.figure import Panel as Panel
from reproduce.drawing.figure import Paper as Paper
from reproduce.drawing.overlay import Overlay as Overlay
from reproduce.drawing.page import plain as plain
from reproduce.drawing.page import summary as summary
from reproduce.drawing.pens import ANOMALOUS as ANOMALOUS
from reproduce.drawing.pens import COLD as COLD
from reproduce.drawing.pens import COLD_CONTROL as COLD_CONTROL
from reproduce.drawing.pens import FORWARD as FORWARD
from reproduce.drawing.pens import HOT as HOT
from reproduce.drawing.pens import HOT_CONTROL as HOT_CONTROL
from reproduce.drawing.pens import NORMAL as NORMAL
from reproduce.drawing.pens import PHASES as PHASES
from reproduce.drawing.pens import SECOND as SECOND
from reproduce.drawing.pens import THIRD as THIRD
from reproduce.drawing.pens import UNCORRELATED as UNCORRELATED
