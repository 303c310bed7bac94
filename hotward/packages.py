"""The packages that hotward is made of have plain names; whether those that Python finds are hotward's is asked first.

A file `analysis.py` in the working directory (`python -m hotward`, `PYTHONPATH=.`), or a package of the same name that
another distribution wrote over ours, would be imported in its place, perhaps after everything was measured.
Nothing of them is imported to find out.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

PACKAGES = ("protocols", "workers", "devices", "analysis", "theory", "reproduce")
MARK = '__part_of__ = "hotward"'
"""Line in the face of each of them."""


def foreign_package(home: Path | None = None) -> str:
    """Which package is another's, in one line with what to do; empty if all of them are hotward's.

    Args:
        home: Directory of hotward's packages; that of this file by default.
    """
    home = home or Path(__file__).resolve().parent.parent
    for name in PACKAGES:
        found = _place_of(name)
        if found is None:
            return f"its package `{name}` is missing from {home}. Install hotward again."
        if found.resolve() != (home / name / "__init__.py").resolve():
            place = found.parent.parent if found.name == "__init__.py" else found.parent
            return (
                f"Python finds {found} in place of its own package `{name}`, which is {home / name}. Run hotward in "
                f"another directory, take {place} off PYTHONPATH, or rename what is there."
            )
        if MARK not in found.read_text(encoding="utf-8", errors="replace"):
            return (
                f"the package `{name}` in {home} is not its own: another distribution wrote over it. Install hotward "
                "in an environment of its own."
            )
    return ""


def _place_of(name: str) -> Path | None:
    """The file that `import name` would run, or has run."""
    if name in sys.modules:
        file = getattr(sys.modules[name], "__file__", None)
        return Path(file) if file else None
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin) if spec and spec.origin else None
