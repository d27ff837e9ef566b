"""Somebody's signer against published signatures: vectors in, its answers in, and what it does wrong out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct, field, to_builtins
from msgspec.structs import replace

from okx_doctor.forensics import structure
from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.search.parts import OpenKeys
from okx_doctor.forensics.search.recall import Names
from okx_doctor.forensics.search.search import DEPTH, search
from okx_doctor.forensics.search.subject import subject as subject_of
from okx_doctor.forensics.verdict import Prehash, judged
from okx_doctor.model import Cause, Sentence
from okx_doctor.protocol.signing import KEY_HEADER, PASSPHRASE_HEADER, SIGN_HEADER, TIMESTAMP_HEADER, prehash, sign
from okx_doctor.protocol.steps import Channel
from okx_doctor.protocol.vectors import Vector, good_vectors
from okx_doctor.protocol.wire import WireRequest
from okx_doctor.secrets.secret import shows_only

FULL_SEARCHES: Final = 3
"""Unexplained answers that are searched in full; the next only for single mistakes."""
VERIFY: Final = "run okx-doctor test-signer on it again"
VECTORS_SCHEMA: Final = "okx-doctor/signature-vectors/1"

_ABOUT: Final = (
    "Published signatures of OKX's v5 API, from projects independent of one another. The prehash is timestamp + method "
    "+ path + body; the signature is the padded base64 of HMAC-SHA256 over it, keyed with the secret's own bytes. A "
    "signer conforms when it returns `signature` for each vector with valid = true, and does not for the others, whose "
    "published signature does not belong to their request; `expected` is then the right one."
)
_AGENTS: Final[Mapping[str, str]] = {
    "python": "python-requests",
    "pypy": "python-requests",
    "uv": "python-requests",
    "node": "axios",
    "npx": "axios",
    "tsx": "axios",
    "bun": "bun/",
    "deno": "deno/",
    "go": "go-http-client",
    "php": "php",
    "java": "java-http-client",
    "dotnet": "dotnet",
    "ruby": "ruby",
    "cargo": "rust",
}
"""The client in whose words a remedy is put, by the program that runs the signer."""

Stage = Literal["prehash", "signature", "unknown"]


class NoAnswers(ValueError):
    """The signer's output is not one signature per vector; the text says how, in one line."""


@shows_only("vector", "right", "stage", "causes", "equally_simple", "hypotheses_tried", "in_full")
class VectorResult(Struct, frozen=True, kw_only=True):
    """One vector and the signer's answer to it.

    ``stage`` is where it left the vector: another text was signed, or the right text in another way; ``None``
    where the answer is right.
    """

    vector: Vector
    answer: str
    right: bool
    stage: Stage | None = None
    causes: tuple[Cause, ...] = ()
    equally_simple: tuple[tuple[str, ...], ...] = ()
    prehash: Prehash = field(default=Prehash())
    hypotheses_tried: int = 0
    in_full: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(cause.id for cause in self.causes)


class Group(Struct, frozen=True, kw_only=True):
    """Wrong answers with the same causes, the first of them as the example."""

    causes: tuple[Cause, ...]
    members: tuple[VectorResult, ...]


class SignerVerdict(Struct, frozen=True, kw_only=True):
    """A signer's answers to all vectors. ``pattern`` says what shows only in all of them together."""

    results: tuple[VectorResult, ...]
    groups: tuple[Group, ...]
    pattern: str

    @property
    def right(self) -> int:
        return sum(result.right for result in self.results)

    @property
    def all_right(self) -> bool:
        return self.right == len(self.results)


def vectors() -> tuple[Vector, ...]:
    """The vectors that a signer is run through: REST and WebSocket, all of them verified."""
    return good_vectors()


def request_line(vector: Vector) -> str:
    """The line that a signer gets for a vector: JSON, in ASCII."""
    return json.dumps(to_builtins(_to_sign(vector))) + "\n"


def _to_sign(vector: Vector) -> ToSign:
    return ToSign(
        timestamp=vector.timestamp,
        method=vector.method,
        path=vector.target,
        body=vector.body,
        secret=vector.secret,
    )


def answers(output: bytes, expected: int) -> tuple[str, ...]:
    """The signatures that a signer printed, one per line. Raises ``NoAnswers``."""
    if not output.strip():
        raise NoAnswers("it printed nothing on standard output")
    if b"\0" in output:
        raise NoAnswers("its output holds NUL bytes, so it is no text in UTF-8: print each signature as base64")
    lines = output.decode("utf-8-sig", "backslashreplace").removesuffix("\n").split("\n")
    while len(lines) > expected and not lines[-1].strip():
        lines.pop()
    if len(lines) != expected:
        printed = f"it printed {len(lines)} line{'' if len(lines) == 1 else 's'} for {expected} vector"
        raise NoAnswers(f"{printed}{'' if expected == 1 else 's'}{_why(lines, expected)}")
    return tuple(line.strip() for line in lines)


def _why(lines: Sequence[str], expected: int) -> str:
    if len(lines) % expected == 0 and len(lines[0].strip()) in (64, 76):
        return "; its base64 is wrapped: print each signature on one line (base64 -w0, openssl base64 -A)"
    if len(lines) == 1 and expected > 1 and len(lines[0].strip()) in (44, 64, 88):
        return "; with --each it is run once per vector"
    return "; print each signature on a line of its own, and nothing else"


def judge(given: Sequence[Vector], returned: Sequence[str], program: str = "") -> SignerVerdict:
    """Compare, and explain what differs with the search that ``inspect`` uses."""
    known: dict[Names, None] = {}
    results: list[VectorResult] = []
    unexplained = 0
    agent = _agent(program)
    for vector, answer in zip(given, returned, strict=True):
        if answer == vector.signature:
            results.append(VectorResult(vector=vector, answer=answer, right=True))
            continue
        full = unexplained < FULL_SEARCHES
        result, names = _explained(vector, answer, agent, known=tuple(known), in_full=full)
        if names:
            known = {names: None, **known}
        unexplained += result.stage == "unknown"
        results.append(result)
    return SignerVerdict(results=tuple(results), groups=_groups(results), pattern=_pattern(results))


def _explained(
    vector: Vector, answer: str, agent: str, *, known: tuple[Names, ...], in_full: bool
) -> tuple[VectorResult, Names]:
    capture = _capture(vector, answer, agent)
    subject = subject_of(capture, OpenKeys(secret=vector.secret))
    outcome = search(subject, depth=DEPTH if in_full else 0, known=known)
    by_look = [row for row in structure.findings(capture) if row.cause.startswith("signature-")]
    found = judged(capture, by_look, subject, outcome, in_full=in_full)
    signed, expected = found.prehash.signed, found.prehash.expected
    stage: Stage = "unknown" if signed is None else "signature" if signed == expected else "prehash"
    made = VectorResult(
        vector=vector,
        answer=answer,
        right=False,
        stage=stage,
        causes=tuple(map(_of_a_signer, found.causes)),
        equally_simple=found.equally_simple,
        prehash=found.prehash,
        hypotheses_tried=found.hypotheses_tried,
        in_full=in_full,
    )
    return made, found.mistakes


def _of_a_signer(cause: Cause) -> Cause:
    """A cause in words that fit a signer: there is no request on a wire."""
    because = cause.because
    if cause.id == "signature-unexplained":
        because = (*because[:-1], "what is left: another secret than the given one, another text, a hash object kept")
    return replace(cause, because=because, remedy=replace(cause.remedy, verify=VERIFY))


def _capture(vector: Vector, answer: str, agent: str) -> Capture:
    """The answer as the request that it would be sent in."""
    headers = (
        (KEY_HEADER, "api-key"),
        (SIGN_HEADER, answer),
        (TIMESTAMP_HEADER, vector.timestamp),
        (PASSPHRASE_HEADER, "passphrase"),
        ("User-Agent", agent),
    )
    request = WireRequest(method=vector.method, target=vector.target, headers=headers, body=vector.body.encode())
    return Capture(
        request=request,
        form="json",
        place=vector.id,
        origin="https://www.okx.com",
        channel="websocket" if vector.channel == "websocket" else "rest",
    )


def _agent(program: str) -> str:
    name = PurePath(program).name.lower()
    return next((agent for start, agent in _AGENTS.items() if name.startswith(start)), "")


def _groups(results: Sequence[VectorResult]) -> tuple[Group, ...]:
    """The wrong answers by cause, the most frequent first."""
    wrong = [result for result in results if not result.right]
    sizes = Counter(result.names for result in wrong)
    return tuple(
        Group(causes=members[0].causes, members=members)
        for names, _ in sizes.most_common()
        if (members := tuple(result for result in wrong if result.names == names))
    )


_FEATURES: Final[tuple[tuple[str, Callable[[Vector], bool]], ...]] = (
    ("are WebSocket logins", lambda vector: vector.channel == "websocket"),
    ("are REST requests", lambda vector: vector.channel == "rest"),
    ("have a query", lambda vector: "?" in vector.target),
    ("have a body", lambda vector: bool(vector.body)),
    ("have a percent sign in their query", lambda vector: "%" in vector.target),
    ("have a query of several parameters", lambda vector: "&" in vector.target),
)


def _pattern(results: Sequence[VectorResult]) -> str:
    """The pattern in all answers, in words: an order, a memory, or what only the wrong ones have; or ``""``."""
    right = [result.vector for result in results if result.right]
    wrong = [result.vector for result in results if not result.right]
    given = [result.answer for result in results]
    if not wrong:
        return ""
    if Counter(given) == Counter(result.vector.signature for result in results):
        return "Every signature is there, in another order: print them in the order of the lines read."
    if len(results) > 1 and len(set(given)) == 1:
        return "Every answer is the same: the signer keeps its first signature, or does not use what it reads."
    if _keeps_its_hash(results):
        return "Each signature is over all texts so far: one hash object is kept. Make a new one for every signature."
    for words, has in _FEATURES if right else ():
        if all(map(has, wrong)) and not any(map(has, right)):
            return f"The wrong ones, and only they, {words}."
    return ""


def _keeps_its_hash(results: Sequence[VectorResult]) -> bool:
    """Whether a wrong answer is the signature of all texts up to it, under its own or under the first secret."""
    texts = ""
    for result in results:
        texts += result.vector.prehash
        secrets = {result.vector.secret, results[0].vector.secret}
        if not result.right and any(sign(secret, texts.encode()) == result.answer for secret in secrets):
            return True
    return False


class ToSign(Struct, frozen=True, kw_only=True):
    """A request as a signer gets it."""

    timestamp: Sentence
    method: Literal["GET", "POST"]
    path: Annotated[str, Meta(pattern="^/", description="With its query.")]
    body: Annotated[str, Meta(description="Empty where there is none.")]
    secret: Annotated[Sentence, Meta(description="A published one.")]


_SIGNATURE: Final = "^[A-Za-z0-9+/]{43}=$"


class PublishedVector(Struct, frozen=True, kw_only=True):
    """A published signature with the request that it was published for."""

    id: Sentence
    channel: Channel
    request: Annotated[ToSign, Meta(description="What a signer gets.")]
    prehash: Annotated[Sentence, Meta(description="The text that was signed.")]
    signature: Annotated[str, Meta(pattern=_SIGNATURE, description="The published one.")]
    valid: Annotated[bool, Meta(description="Whether it belongs to the request.")]
    expected: Annotated[
        str, Meta(pattern=_SIGNATURE, description="The right one; another than signature where valid is false.")
    ]
    source: Annotated[Sentence, Meta(description="Where it was published.")]
    note: Annotated[str, Meta(description="Why it is not valid.")]


class ConformanceSet(Struct, frozen=True, kw_only=True, tag_field="schema", tag=VECTORS_SCHEMA):
    """All vectors as a document."""

    version: Annotated[Sentence, Meta(description="The okx-doctor that wrote the set.")]
    about: Sentence
    vectors: Annotated[tuple[PublishedVector, ...], Meta(min_length=1)]


def conformance_set(every: Sequence[Vector], version: str) -> str:
    """The vectors as a public document (schema ``okx-doctor/signature-vectors/1``), those that do not verify too."""
    published = tuple(
        PublishedVector(
            id=vector.id,
            channel=vector.channel,
            request=_to_sign(vector),
            prehash=vector.prehash,
            signature=vector.signature,
            valid=vector.good,
            expected=_expected(vector),
            source=vector.source,
            note=vector.note,
        )
        for vector in every
    )
    document = ConformanceSet(version=version, about=_ABOUT, vectors=published)
    return json.dumps(to_builtins(document), indent=2, ensure_ascii=False) + "\n"


def _expected(vector: Vector) -> str:
    return sign(vector.secret, prehash(vector.timestamp, vector.method, vector.target, vector.body.encode()))
