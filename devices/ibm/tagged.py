"""Jobs under a tag: asked for page by page, a bounded number of times, and never believed to be filtered.

The client's own paging goes on until as many jobs have come as the platform has counted: for ever, where the count is
wrong. And whoever takes all that is listed for jobs of this run cancels a colleague's where the filter is left out of
account.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devices.errors import Unintelligible

if typing.TYPE_CHECKING:
    from qiskit_ibm_runtime import QiskitRuntimeService

_PAGE = 200
"""Jobs of a page: the largest there is."""
_MOST_PAGES = 5


@dataclass(frozen=True, kw_only=True)
class Listed:
    """What the platform answered when it was asked for the jobs under a tag."""

    tags: Mapping[str, frozenset[str]]
    """The tags of each, by id, oldest first."""
    whole: bool
    """Whether the last page was seen."""
    silent: bool = False
    """Whether there is one of which no list of tags is told: it may be anybody's."""

    def carrying(self, tag: str) -> dict[str, frozenset[str]]:
        """Those that carry the tag.

        Args:
            tag: The one that was asked for.

        Raises:
            Unintelligible: If others are listed too, and it cannot be told whether one of this tag is among them.

        >>> Listed(tags={"d1": frozenset({"a"}), "d2": frozenset({"b"})}, whole=True).carrying("a")
        {'d1': frozenset({'a'})}
        """
        found = {identifier: tags for identifier, tags in self.tags.items() if tag in tags}
        told = any(self.tags.values()) and not self.silent
        if len(found) < len(self.tags) and not (told and self.whole):
            what = "of which not all were listed" if told else "whose tags it does not tell"
            raise Unintelligible(f"asked for the jobs tagged {tag}, the platform named others, {what}")
        return found


def jobs_tagged(service: QiskitRuntimeService, tag: str) -> Listed:
    """Asks for the jobs under a tag. Called within `ask`.

    Args:
        service: Of one instance.
        tag: That is asked for.

    Raises:
        Unintelligible: If what comes is no list of jobs.
    """
    found: dict[str, frozenset[str]] = {}
    seen, silent = 0, False
    for _ in range(_MOST_PAGES):
        page, count = _page(service, tag, seen)
        seen += len(page)
        told = {str(job["id"]): job.get("tags") for job in page}
        found |= {
            identifier: frozenset(map(str, tags if isinstance(tags, list) else ())) for identifier, tags in told.items()
        }
        silent = silent or not all(isinstance(tags, list) for tags in told.values())
        # an empty page is the end whatever was counted
        if not page or seen >= count:
            return Listed(tags=found, whole=True, silent=silent)
    return Listed(tags=found, whole=False, silent=silent)


def _page(service: QiskitRuntimeService, tag: str, skip: int) -> tuple[list[dict[str, Any]], int]:
    """The jobs of one page, and how many there are in all."""
    answer = service._active_api_client.jobs_get(limit=_PAGE, skip=skip, job_tags=[tag], descending=False)
    jobs, count = (answer.get("jobs"), answer.get("count")) if isinstance(answer, dict) else (None, None)
    if not isinstance(jobs, list) or not all(isinstance(job, dict) and job.get("id") for job in jobs):
        raise Unintelligible(f"asked for the jobs tagged {tag}, got no list of jobs")
    return jobs, count if isinstance(count, int) else len(jobs) + skip + (len(jobs) >= _PAGE)
