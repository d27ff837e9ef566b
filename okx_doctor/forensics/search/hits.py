"""Mistakes that reproduce a signature: rebuilt before they are believed, and put in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from okx_doctor.forensics import mistakes
from okx_doctor.forensics.search import rebuild
from okx_doctor.forensics.search.encodings import TextForm
from okx_doctor.forensics.search.hypotheses import SearchSpace, with_note
from okx_doctor.forensics.search.parts import Hypothesis, Subject
from okx_doctor.forensics.search.work import Work

Wanted = Mapping[bytes, Sequence[TextForm]]
"""The digests that a signature may stand for, with the forms in which they give it."""


class Hit(NamedTuple):
    """Mistakes that reproduce the signature, with the form it is written in."""

    hypothesis: Hypothesis
    form: TextForm

    @property
    def mistakes(self) -> int:
        return len(self.hypothesis) + bool(self.form.cause and not self.is_recipe)

    @property
    def is_recipe(self) -> bool:
        """Whether another exchange's whole recipe explains it, its way to write the digest included."""
        return any(choice.axis == "recipe" for choice in self.hypothesis)


def compared(space: SearchSpace, sought: Wanted, parts: Work, *, at_most_one: bool) -> tuple[list[Hit], int]:
    """The hits among these texts, and how many hypotheses were tried.

    ``at_most_one``: the first hit is enough. Of moments and typing errors no two sign alike, and what else explains a
    hit of known mistakes is found by its text.
    """
    of_size: dict[int, list[bytes]] = {}  # a scan compares with one digest, and there is mostly one of a size
    for digest in sought:
        of_size.setdefault(len(digest), []).append(digest)
    hits: list[Hit] = []
    tried = 0
    for (fixed, prefix, tails, last), keyed in parts:
        for choices, hasher in keyed:
            for digest in of_size.get(hasher.digest_size, ()):
                for place in hasher.scan(prefix, tails, digest):
                    hits += verified(space.subject, (*fixed, *last(place), *choices), sought)
        tried += len(tails) * len(keyed)
        if hits and at_most_one:
            break
    return hits, tried


def verified(subject: Subject, hypothesis: Hypothesis, sought: Wanted) -> list[Hit]:
    """The hypothesis in each form in which it really gives the header, rebuilt from its parts."""
    forms = dict.fromkeys(form for some in sought.values() for form in some)
    return [Hit(hypothesis, form) for form in forms if rebuild.reproduces(subject, hypothesis, form)]


def ranked(subject: Subject, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """The hits with the fewest mistakes, with their notes, the usual ones first, each set of causes once."""
    fewest = min(hit.mistakes for hit in hits)
    usual = sorted((hit for hit in hits if hit.mistakes == fewest), key=_unusual)
    kept: dict[frozenset[str], Hit] = {}
    for hit in usual:
        kept.setdefault(frozenset(causes_of(hit)), hit)
    return tuple(Hit(tuple(with_note(choice, subject) for choice in hit.hypothesis), hit.form) for hit in kept.values())


def _unusual(hit: Hit) -> tuple[int, int]:
    return len(causes_of(hit)), sum(mistakes.place(choice.mistake) for choice in hit.hypothesis)


def causes_of(hit: Hit) -> tuple[str, ...]:
    """The causes of a hit, each once, in the order of the parts."""
    named = [cause for choice in hit.hypothesis for cause in choice.causes]
    written = () if hit.is_recipe or not hit.form.cause else (hit.form.cause,)
    return tuple(dict.fromkeys((*named, *written)))
