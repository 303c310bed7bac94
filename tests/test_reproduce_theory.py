"""The pages of valente: every number beside its reference, and curves that are read back from their files."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reproduce import PAPERS, reproduce


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A paper's page by its name, made once."""
    known = {}

    def of(name):
        if name not in known:
            known[name] = reproduce(name, tmp_path_factory.mktemp(name))
        return known[name]

    return of


def curve(made, name):
    table = pd.read_csv(made.page.parent / f"figure-{name}.csv")
    return table.iloc[:, 0].to_numpy(), table.iloc[:, 1].to_numpy()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["valente"])
def test_every_number_agrees_and_the_page_says_what_was_not_read(made, name):
    page = made(name)
    off = [one.quantity for figure in page.figures for one in figure.comparisons if not one.agrees]
    assert off == []
    assert sum(len(figure.comparisons) for figure in page.figures) >= 10
    assert "chosen here" in page.page.read_text()
    assert [figure.name for figure in page.figures] == list(PAPERS[name].offers)


@pytest.mark.slow
def test_the_curves_of_valente_have_the_closed_forms(made):
    page = made("valente")
    x, P = curve(page, "box-density-quadrature")
    np.testing.assert_allclose(P, 1 / (1 + x / 2) / (2 * np.log(3)), rtol=1e-10)
    x, P = curve(page, "box-density-stratonovich")
    np.testing.assert_allclose(P, (1 + x / 2) ** -0.5 / (4 * (np.sqrt(1.5) - np.sqrt(0.5))), rtol=1e-4)
    x, TP = curve(page, "box-flat-paths")
    np.testing.assert_allclose(TP, 0.5 / np.log(3), rtol=0.08)
    x, P = curve(page, "models-model-1")
    np.testing.assert_allclose(P, np.exp(-x / 2) / (4 * np.sinh(0.5)), rtol=1e-10)
    x, T = curve(page, "patches-temperature-s-0p35")
    np.testing.assert_allclose(T, 1 - 0.5 * np.tanh(0.6 * x / 0.35**2), rtol=1e-10)
    g, mode = curve(page, "gradient-trap-mode")
    np.testing.assert_allclose(mode, -g / 8, rtol=1e-12)
    _, mean = curve(page, "relaxation-mean-grid")
    assert np.all(np.diff(mean) < 1e-9)
    assert mean[-1] == pytest.approx(-0.1795, abs=1e-3)
