"""A search spread over processes. The subject, with the secret in it, goes to child processes of this one only."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from typing import Self

from okx_doctor.forensics.search import search
from okx_doctor.forensics.search.hits import Hit, Wanted
from okx_doctor.forensics.search.hypotheses import SearchSpace, search_space
from okx_doctor.forensics.search.parts import Hypothesis, Subject
from okx_doctor.forensics.search.search import Share
from okx_doctor.forensics.search.work import Stage

Found = tuple[list[tuple[Hypothesis, int]], int]
"""Hypotheses with the number of their text form, and how many hypotheses were tried: all of it can be pickled."""


class Workers:
    """A context in which stages of a search are run by several processes."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._pool = ProcessPoolExecutor(max_workers=count)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def run(self, space: SearchSpace, sought: Wanted, stage: Stage) -> tuple[list[Hit], int]:
        """One stage, its blocks dealt out in turn."""
        shares = [Share(number, self._count) for number in range(self._count)]
        results = list(self._pool.map(_share, [space.subject] * self._count, [stage] * self._count, shares))
        forms = [form for some in sought.values() for form in some]
        hits = [Hit(hypothesis, forms[place]) for found, _ in results for hypothesis, place in found]
        return hits, sum(tried for _, tried in results)


def _share(subject: Subject, stage: Stage, share: Share) -> Found:
    sought, space = _prepared(subject)
    hits, tried = search.run(space, sought, stage, share)
    forms = [form for some in sought.values() for form in some]
    return [(hit.hypothesis, forms.index(hit.form)) for hit in hits], tried


@lru_cache(maxsize=1)
def _prepared(subject: Subject) -> tuple[Wanted, SearchSpace]:
    sought = search.wanted(subject.signature)
    return sought, search_space(subject, frozenset(map(len, sought)))
