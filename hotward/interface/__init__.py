"""The Python interface behind `import hotward as hw`: requests made from keywords, and results that show themselves."""

from hotward.interface.counts import import_counts as import_counts
from hotward.interface.results import Compared as Compared
from hotward.interface.results import Plan as Plan
from hotward.interface.results import Prediction as Prediction
from hotward.interface.results import Result as Result
from hotward.interface.results import Unfinished as Unfinished
from hotward.interface.verbs import analyse as analyse
from hotward.interface.verbs import compare as compare
from hotward.interface.verbs import open as open
from hotward.interface.verbs import plan as plan
from hotward.interface.verbs import predict as predict
from hotward.interface.verbs import run as run
