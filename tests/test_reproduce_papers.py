"""All papers together: found from folders, listed, kept with the code that made them, and one page over them."""

import dataclasses
import json
import re
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.mathtext import MathTextParser

from analysis.figures import Pen
from protocols import load, names
from protocols.program import parameters
from reproduce import PAPERS, reproduce, reproduce_all
from reproduce.ahead import FigureAsked, ahead
from reproduce.drawing import Comparison, Context, Curve, Figure, Measure, Offer, Panel, Paper, kept
from reproduce.drawing.agreement import agreeing, differences
from reproduce.drawing.picture import spelled
from reproduce.pairs import SETS
from theory import Cache
from theory.cache import digest
from workers import opened

TWO = "demon", "rodriguez-briones"
PEN = Pen(colour="#000000", marker="o", dash=(0, (1, 2)))


def figure(name="line", reference="2.0", **more):
    """A figure with everything that one may have."""
    x = np.array([0.1, 1 / 3, 2.0])
    curve = Curve(name="a", label="x", x=x, y=np.array([np.nan, *x[1:]]), pen=PEN, dots=True)
    panel = Panel(name="p", title="t", label="y", column="y [1]", curves=(curve,), logarithmic=True)
    compared = (Comparison(quantity="y(2)", ours=2.0, reference=reference, source="here"),)
    about = {"title": "Line", "caption": "A line.", "abscissa": "x", "column": "x [1]", "shown": (0.0, 2.0)}
    return Figure(name=name, panels=((panel,),), comparisons=compared, notes=("none",), **{**about, **more})


def small(name, *offers):
    return Paper(name=name, title=f"On {name}", source="here", offers=dict(offers), remarks=("Chosen here.",))


def test_a_paper_is_found_by_its_folder_and_imported_when_it_is_asked_for(monkeypatch):
    for name in [one for one in sys.modules if one.startswith("reproduce.micadei")]:
        monkeypatch.delitem(sys.modules, name)
    assert {"fluctuation", "holdsworth-kawai", "micadei"} <= set(PAPERS)
    assert len(PAPERS) == len(list(PAPERS))
    assert "drawing" not in PAPERS
    assert "reproduce.micadei" not in sys.modules
    with pytest.raises(KeyError):
        PAPERS["pairs"]


@pytest.mark.parametrize("name", list(PAPERS))
def test_every_paper_says_what_it_is_and_draws_distinct_figures(name):
    known = PAPERS[name]
    assert known.name == name
    assert known.title
    assert known.source
    assert known.remarks, "a page says what is the paper's and what was chosen here"
    assert all(re.fullmatch(r"[a-z0-9-]+", one) for one in known.offers)
    for offer in known.offers.values():
        for measure in offer.measures:
            assert measure.axis not in measure.free


def test_papers_are_listed_in_a_line_each_or_as_json(call):
    said = call("reproduce")
    assert said.status == 0
    rows = [line.split("\t") for line in said.out.splitlines()[2:]]
    assert [row[0] for row in rows] == list(PAPERS)
    assert all(row[1] == PAPERS[row[0]].title for row in rows)
    found = json.loads(call("reproduce", "--json").out)["papers"]
    assert [one["figures"] for one in found] == [list(known.offers) for known in PAPERS.values()]
    assert "heat-exchange" in next(one for one in found if one["paper"] == "micadei")["overlay"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("all", "--figures", "1"), "Argument `figures` belongs to one paper, but all were asked for. Name the paper."),
        (("micadie",), "but is 'micadie'. Did you mean micadei?"),
        (("--figures", "1"), "Argument `figures` needs a paper. Choose one of "),
        (("--out", "x"), "Argument `out` needs a paper."),
        (("all", "--out", "/proc/nowhere"), "`out` must be a directory that can be written"),
        (("all", "--cache", "/proc/nowhere"), "`cache` must be a directory that can be written"),
        (("all", "--overlay", "nowhere"), "`overlay` must be a finished run"),
    ],
)
def test_a_wrong_request_for_all_is_refused_in_a_line_and_leaves_nothing(call, tmp_path, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    said = call("reproduce", *arguments)
    assert said.status == 2
    assert says in said.err
    assert len(said.complaint) == 1
    assert not (tmp_path / "runs").exists()


SINGLE = [name for name in names() if name not in ("heat-exchange", "heat-pump")]


@pytest.mark.parametrize("name", SINGLE)
def test_a_run_of_any_protocol_belongs_to_a_curve_if_all_parameters_agree(name):
    """Pairs are known by their state instead: tests/test_reproduce.py."""
    experiment = load(name)()
    points = experiment.points({}, "nominal")
    measure = Measure(
        panel="p", observable="o", subject="s", experiment=experiment, pen=PEN, label="l", axis=experiment.axis
    )

    def record(**changed):
        run = dataclasses.replace(points, parameters={**points.parameters, **changed})
        return SimpleNamespace(points=run, start={"protocol": name, "arms": ["main"]})

    assert agreeing(measure, record(), "main").all()
    assert not agreeing(measure, record(), "none").any()
    assert not differences(measure, record())
    for other, values in points.parameters.items():
        moved = record(**{other: values + 1e-3})
        if other == experiment.axis:
            assert agreeing(measure, moved, "main").all()
            continue
        assert not agreeing(measure, moved, "main").any()
        ((which, _, wanted),) = differences(measure, moved)
        assert which == other
        assert float(wanted) == pytest.approx(values[0], rel=1e-6)
        free = dataclasses.replace(measure, free=(other,))
        assert agreeing(free, moved, "main").all()
    for key in {one.name for one in parameters(experiment)} & set(points.options):
        run = SimpleNamespace(
            points=dataclasses.replace(points, options={**points.options, key: "another"}),
            start={"protocol": name, "arms": ["main"]},
        )
        assert differences(measure, run) == [(key, "another", points.options[key])]


def test_a_kept_figure_is_the_figure_and_other_code_another_one(tmp_path, monkeypatch):
    computed = []
    offer = Offer(make=lambda context: computed.append(1) or figure(shown=(0.1, 0.7)), measures=())
    context = Context(cache=Cache(directory=tmp_path))
    first, again = (kept.made(offer, "micadei", "line", context) for _ in range(2))
    assert len(computed) == 1
    one, two = (dataclasses.asdict(each) for each in (first, again))
    curves = [document.pop("panels")[0][0]["curves"][0] for document in (one, two)]
    assert one == two
    for name in ("x", "y"):
        np.testing.assert_array_equal(*(curve.pop(name) for curve in curves))
    assert curves[0] == curves[1]
    monkeypatch.setattr(kept, "code_of", lambda packages: "another")
    kept.made(offer, "micadei", "line", context)
    assert len(computed) == 2
    # the first set of baths is drawn in front
    kept.made(offer, "micadei", "line", dataclasses.replace(context, sets=dict(reversed(context.sets.items()))))
    assert len(computed) == 3


def test_the_code_of_a_paper_is_every_line_of_what_it_rests_on(tmp_path, monkeypatch):
    package = tmp_path / "some_code"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "model.py").write_text("G = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    before = kept.code_of.__wrapped__(("some_code",))
    assert kept.code_of.__wrapped__(("some_code",)) == before
    (package / "model.py").write_text("G = 2\n")
    assert kept.code_of.__wrapped__(("some_code",)) != before


def test_all_papers_stand_in_folders_with_a_page_over_them(tmp_path, monkeypatch):
    made = Offer(make=lambda _: figure(), measures=())
    wrong = Offer(make=lambda _: figure("square", reference="3.0"), measures=())
    papers = {"one": small("one", ("line", made)), "two": small("two", ("line", made), ("square", wrong))}
    monkeypatch.setattr("reproduce.redrawing.PAPERS", papers)
    monkeypatch.setattr("reproduce.redrawing.made", lambda offer, paper, name, context: offer.make(context))
    found = reproduce_all(tmp_path / "out", cache=Cache(directory=tmp_path / "cache"))
    assert found.page == tmp_path / "out" / "index.html"
    assert [one.page for one in found.papers] == [tmp_path / "out" / name / "index.html" for name in papers]
    page = found.page.read_text()
    assert "2 pages, 3 figures, 3 numbers compared, 2 of which agree" in page
    assert page.count('class="off"') == 1
    for target in re.findall(r'(?:href|src)="([^"#]+)', page):
        assert (tmp_path / "out" / target).exists()
    table = pd.read_csv(tmp_path / "out" / "two" / "figure-square-a.csv")
    assert table["y [1]"].iloc[-1] == 2.0
    # a picture of marks on a logarithmic ordinate, drawn and kept
    monkeypatch.setattr("reproduce.drawing.files.draw", lambda *_: pytest.fail("drawn again"))
    reproduce_all(tmp_path / "again", cache=Cache(directory=tmp_path / "cache"))
    for kind in ("svg", "png"):
        name = f"two/figure-square.{kind}"
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "out" / name).read_bytes()


@pytest.mark.slow
def test_a_second_time_nothing_of_a_paper_is_computed_or_drawn(tmp_path, monkeypatch):
    cache = Cache(directory=tmp_path / "cache")
    first = reproduce("micadei", tmp_path / "first", cache=cache)
    monkeypatch.setattr("reproduce.micadei.runs.values", lambda *_: pytest.fail("computed again"))
    monkeypatch.setattr("reproduce.drawing.files.draw", lambda *_: pytest.fail("drawn again"))
    second = reproduce("micadei", tmp_path / "second", cache=cache)
    for path in first.page.parent.iterdir():
        assert (second.page.parent / path.name).read_bytes() == path.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("name", list(PAPERS))
def test_figures_of_a_paper_are_whole(name):
    """Curves have files of their own, measures have panels, and a caption says what is seen."""
    known = PAPERS[name]
    context = Context(cache=None)
    for key, offer in known.offers.items():
        if offer.baths:  # minutes; tests/test_reproduce.py looks at them
            continue
        made = offer.make(context)
        assert made.name == key
        panels = [panel for row in made.panels for panel in row]
        curves = [curve for panel in panels for curve in panel.curves]
        for names_of in ([one.name for one in panels], [one.name for one in curves]):
            assert len(set(names_of)) == len(names_of)
        assert all(re.fullmatch(r"[A-Za-z0-9_.+-]+", one.name) for one in curves)
        assert {one.panel for one in offer.measures} <= {one.name for one in panels}
        assert all(len(one.x) == len(one.y) > 0 for one in curves)
        assert all(np.isfinite(one.y).any() for one in curves)
        assert len(made.caption) > 60
        assert made.caption.endswith(".")
        assert made.abscissa
        assert all(panel.label and panel.column for panel in panels)
        for text in [made.abscissa, *(one.title for one in panels), *(one.label for one in (*panels, *curves))]:
            if "$" in spelled(text):
                MathTextParser("agg").parse(spelled(text))
        # kept and read again it is the same
        again = kept.unpacked(kept.packed(made), offer)
        assert kept.packed(again) == kept.packed(made)


@pytest.mark.slow
def test_papers_are_made_ahead_in_processes_of_their_own(tmp_path, monkeypatch):
    cache, told = Cache(directory=tmp_path / "cache").checked(), []
    context = Context(cache=cache, progress=lambda *said: told.append(said))
    asked = [FigureAsked(paper=name, figure=one) for name in TWO for one in PAPERS[name].offers]
    with opened(2) as team:
        ahead(asked, context, team)
    assert [done for _, done, _ in told] == [100 * (k + 1) // len(asked) for k in range(len(asked))]
    kept_before = sorted(cache.directory.iterdir())
    assert len(kept_before) == 2 * len(asked)
    monkeypatch.setattr("reproduce.drawing.files.draw", lambda *_: pytest.fail("drawn again"))
    for name in TWO:
        reproduce(name, tmp_path / name, cache=cache)
    assert sorted(cache.directory.iterdir()) == kept_before


@pytest.mark.slow
def test_figures_of_one_and_of_two_processes_are_the_same_bytes(tmp_path):
    """Figures that take hierarchies, and one that does not; the smaller set of baths alone."""
    found = []
    for number in (1, 2):
        cache, out = Cache(directory=tmp_path / f"cache-{number}"), tmp_path / f"out-{number}"
        reproduce("holdsworth-kawai", out, figures="1,5", cache=cache, sets={"P": SETS["P"]}, workers=number)
        kept = {path.name: path.read_bytes() for path in cache.directory.iterdir()}
        found.append(({path.name: path.read_bytes() for path in out.iterdir()}, kept.keys()))
    assert found[0] == found[1]


@pytest.mark.slow
def test_the_hierarchies_of_a_figure_are_all_that_it_takes(monkeypatch):
    """What is computed ahead is what a figure asks the cache for: no hierarchy less, and none more."""
    asked, listed = set(), set()
    for offer in PAPERS["holdsworth-kawai"].offers.values():
        if offer.needs is not None:
            listed |= {digest(one.inputs) for one in offer.needs(Context(cache=None))}
    arrays = {}

    def recalled(computation, cache, progress=None):
        asked.add(digest(computation.inputs))
        kind = type(computation).__name__, getattr(computation, "cycles", 0)
        if kind not in arrays:
            arrays[kind] = dict(computation.compute())
        return arrays[kind]

    monkeypatch.setattr("theory.hierarchy.recalled", recalled)
    monkeypatch.setattr("theory.pump.recalled", recalled)
    for offer in PAPERS["holdsworth-kawai"].offers.values():
        if offer.needs is not None:
            offer.make(Context(cache=None))
    assert asked == listed
