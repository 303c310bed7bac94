"""CITATION.cff says of hotward what its package says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_citation_has_the_version_and_the_licence_of_the_package():
    text = (ROOT / "CITATION.cff").read_text()
    said = dict(re.findall(r"^([a-z-]+): (\S.*)$", text, re.MULTILINE))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (said["version"], said["license"]) == (project["version"], project["license"])
    assert said["title"].strip('"').startswith(project["name"])
    assert {"cff-version", "message", "title"} <= said.keys()
    assert re.search(r"^authors:\n  - ", text, re.MULTILINE)
