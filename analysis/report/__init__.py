"""The report: words, figures and provenance on one page; several runs side by side."""

from analysis.report.comparison import Comparison as Comparison
from analysis.report.comparison import compare as compare
from analysis.report.comparison import labels as labels
from analysis.report.comparison import write_comparison as write_comparison
from analysis.report.comparison_figure import draw_comparison as draw_comparison
from analysis.report.copies import placed_in_words as placed_in_words
from analysis.report.mitigation import mitigation_of as mitigation_of
from analysis.report.page import cell as cell
from analysis.report.page import circuits as circuits
from analysis.report.page import compact as compact
from analysis.report.page import device as device
from analysis.report.page import platform_jobs as platform_jobs
from analysis.report.page import short_table as short_table
from analysis.report.provenance import provenance_of as provenance_of
from analysis.report.writing import ASSUMPTIONS as ASSUMPTIONS
from analysis.report.writing import render as render
from analysis.report.writing import templates as templates
