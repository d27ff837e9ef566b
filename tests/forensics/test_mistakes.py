"""Every entry of the table, alone and in pairs: what was signed with it is explained by it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache

import pytest
from msgspec.structs import replace

from okx_doctor.catalogue.causes import ids
from okx_doctor.forensics.mistakes import SWEEPS, TABLE, by_id
from okx_doctor.forensics.search.encodings import STANDARD, WRONG, TextForm
from okx_doctor.forensics.search.hits import Hit, causes_of
from okx_doctor.forensics.search.hypotheses import SearchSpace, search_space, variants
from okx_doctor.forensics.search.moments import iso
from okx_doctor.forensics.search.parts import Axis, Extent, Mistake, Sweep, Value, Variant
from okx_doctor.forensics.search.search import run, search, wanted
from okx_doctor.forensics.search.work import Stage
from okx_doctor.protocol.scheme import NEIGHBOURS
from tests.forensics import bench
from tests.forensics.bench import b64, capture
from tests.forensics.signing import digest

pytestmark = pytest.mark.slow

ALONE = Stage(1, False, False)
IN_PAIRS = Stage(2, False, False)
RICH_BODY = (
    '{"instId": "BTC-USDT", "side": "buy", "note": "größer <b>&</b> \'x\' / y", "sz": 0.10, "n": 1.0, "tiny": 1e-7,'
    ' "flag": true, "none": null, "list": [1, "2"], "inner": {"b": 1, "a": "2"}}'
).encode()
BASES = {
    "get": bench.subject(capture("GET", bench.POSITIONS)),
    "get without query": bench.subject(capture("GET", bench.BALANCE)),
    "get, encoded": bench.subject(capture("GET", "/api/v5/account/balance?ccy=BTC%2CETH&after=&uly=a%20b+c")),
    "get, dangling mark": bench.subject(capture("GET", bench.BALANCE + "?")),
    "post": bench.subject(capture("POST", bench.ORDER, bench.ORDER_BODY)),
    "post, rich": bench.subject(capture("POST", bench.ORDER, RICH_BODY)),
    "post, list": bench.subject(capture("POST", "/api/v5/trade/batch-orders", b"[" + bench.ORDER_BODY + b"]")),
    "post, form": bench.subject(capture("POST", bench.ORDER, b"instId=BTC-USDT&sz=2&px=1.5")),
    "post, twice encoded": bench.subject(capture("POST", bench.ORDER, b'"{\\"instId\\":\\"BTC-USDT\\"}"')),
    "post without body": bench.subject(capture("POST", bench.ORDER + "?instId=BTC-USDT&sz=2")),
    "epoch": bench.subject(capture("GET", bench.BALANCE, stamp="1795165737.715")),
    "websocket": replace(bench.subject(capture("GET", "/users/self/verify", stamp="1795165737")), channel="websocket"),
}


@cache
def space(name: str) -> SearchSpace:
    return search_space(BASES[name], frozenset((16, 20, 28, 32, 48, 64)))


def made(mistake: Mistake) -> Iterator[tuple[str, Variant]]:
    """Each variant of a mistake on each request on which it differs from the right way."""
    for name, subject in BASES.items():
        right = digest(subject, {})
        for variant in variants(mistake, subject):
            if digest(subject, {mistake.axis: variant.value}) != right:
                yield name, variant


def found(name: str, value: bytes, stage: Stage = ALONE) -> list[Hit]:
    """The hits of one stage for a digest, written rightly."""
    signature = b64(value)
    hits, _ = run(replace(space(name), subject=replace(BASES[name], signature=signature)), wanted(signature), stage)
    return hits


@pytest.mark.parametrize("mistake", TABLE, ids=lambda mistake: mistake.id)
def test_every_variant_of_a_mistake_alone_is_explained_by_one_mistake_of_its_cause(mistake: Mistake) -> None:
    tried = list(made(mistake))
    chosen = tried if len(tried) <= 30 else random.Random(mistake.id).sample(tried, 30)

    assert tried or mistake.id == "key-source"
    for name, variant in chosen:
        hits = found(name, digest(BASES[name], {mistake.axis: variant.value}))
        named = {frozenset(causes_of(hit)) for hit in hits}
        assert hits, (name, variant)
        assert frozenset(variant.causes or (mistake.cause,)) in named or _claimed(mistake, variant, hits), (
            name,
            variant,
            named,
        )


def _claimed(mistake: Mistake, variant: Variant, hits: list[Hit]) -> bool:
    """Whether an entry further up makes the very same value: it is then the one that is named."""
    return any(
        choice.value == variant.value and choice.axis == mistake.axis and choice.mistake != mistake.id
        for hit in hits
        for choice in hit.hypothesis
    )


PAIRS = 24
"""So many random pairs are tried here; ``benchmarks/forensics.py`` tries thousands."""


def pairs(seed: int, count: int) -> Iterator[tuple[str, tuple[Mistake, Variant], tuple[Mistake, Variant]]]:
    """Random pairs on different axes, each of which changes what is signed."""
    dice = random.Random(seed)
    names = sorted(BASES)
    while count:
        name = dice.choice(names)
        subject = BASES[name]
        one, other = dice.sample([entry for entry in TABLE if entry.axis != "recipe"], 2)
        if one.axis == other.axis:
            continue
        first, second = variants(one, subject), variants(other, subject)
        if not first or not second:
            continue
        chosen = (one, dice.choice(first)), (other, dice.choice(second))
        values = {mistake.axis: variant.value for mistake, variant in chosen}
        alone = {digest(subject, {axis: value}) for axis, value in values.items()}
        if digest(subject, values) not in alone | {digest(subject, {})}:
            count -= 1
            yield name, *chosen


def test_pairs_of_mistakes_are_explained_by_two_or_fewer() -> None:
    explained = 0
    for name, one, other in pairs(7, PAIRS):
        value = digest(BASES[name], {one[0].axis: one[1].value, other[0].axis: other[1].value})
        explained += bool(found(name, value) or found(name, value, IN_PAIRS))

    assert explained >= 0.95 * PAIRS


@pytest.mark.parametrize("form", WRONG, ids=lambda form: form.done)
def test_every_wrong_way_to_write_the_digest_is_named(form: TextForm) -> None:
    subject = BASES["get"]
    signature = form.write(digest(subject, {}))
    if signature == b64(digest(subject, {})):
        subject = BASES["post"]  # this digest needs a character that the form changes
        signature = form.write(digest(subject, {}))
    outcome = search(replace(subject, signature=signature))

    assert outcome.best is not None
    assert causes_of(outcome.best) == (form.cause,)
    few = 3 + len(NEIGHBOURS)
    assert outcome.tried <= few, "the text costs no search: three digests, and a neighbour's recipe each"


@pytest.mark.parametrize("form", [form for form in WRONG if form.id in ("hex", "base64-of-hex")])
def test_a_wrong_text_and_another_mistake_are_both_named(form: TextForm) -> None:
    subject = BASES["get"]
    outcome = search(replace(subject, signature=form.write(digest(subject, {"query": b""}))))

    assert outcome.best is not None
    assert set(causes_of(outcome.best)) == {form.cause, "query-not-signed"}


def swept(name: str, sweep: Sweep, extent: Extent = "full") -> list[bytes]:
    return list(sweep.values(BASES[name], extent))


@pytest.mark.parametrize("name", ["get", "post", "epoch", "websocket"])
@pytest.mark.parametrize("sweep", SWEEPS, ids=lambda sweep: sweep.id)
def test_any_value_of_a_sweep_is_found_alone(name: str, sweep: Sweep) -> None:
    values = swept(name, sweep)
    for value in random.Random(name).sample(values, min(2, len(values))):
        outcome = search(replace(BASES[name], signature=b64(digest(BASES[name], {sweep.axis: value}))))
        assert outcome.best is not None
        assert causes_of(outcome.best) == (sweep.cause,)
        assert outcome.best.hypothesis[0].note


@pytest.mark.parametrize("name", ["get", "post"])
@pytest.mark.parametrize(
    "sweep",
    [sweep for sweep in SWEEPS if sweep.id != "timestamp-sweep-iso"],  # their own form is that one
    ids=lambda sweep: sweep.id,
)
def test_a_near_moment_or_a_typing_error_is_found_together_with_a_short_mistake(name: str, sweep: Sweep) -> None:
    values = swept(name, sweep, "near" if sweep.axis == "timestamp" else "full")
    dice = random.Random(sweep.id + name)
    short = [
        (entry.axis, variant.value)
        for entry in TABLE
        if entry.short and entry.axis not in (sweep.axis, "arguments")
        for variant in variants(entry, BASES[name])
        if variant.rank == 3
    ]
    for axis, value in dice.sample(short, 2):
        together: dict[Axis, Value] = {sweep.axis: dice.choice(values), axis: value}
        outcome = search(replace(BASES[name], signature=b64(digest(BASES[name], together))))
        assert outcome.best is not None, (axis, value)
        assert outcome.best.mistakes <= 2


def test_three_common_mistakes_together_are_found() -> None:
    subject = BASES["get"]
    value = digest(subject, {"method": b"get", "query": b"", "key": subject.keys.passphrase.encode()})
    outcome = search(replace(subject, signature=value.hex()))

    assert outcome.best is not None
    assert set(causes_of(outcome.best)) == {"method-case", "query-not-signed", "passphrase-as-secret", "signature-hex"}


def test_the_sweep_covers_a_minute_either_way_to_the_millisecond() -> None:
    around = next(sweep for sweep in SWEEPS if sweep.id == "timestamp-sweep")
    values = swept("get", around)
    moment = BASES["get"].moment
    assert moment is not None
    steps = {step for size in range(1, 60_001) for step in (size, -size)}

    assert len(set(values)) == len(values) == 2 * 60_000 + 99  # the tenths at both ends are whole
    assert {iso(moment + step * 1000).encode() for step in steps} <= set(values)
    assert BASES["get"].timestamp not in values


@pytest.mark.parametrize("name", ["timestamp-sweep", "timestamp-sweep-ms"])
@pytest.mark.parametrize("millisecond", [0, 1, 99, 100, 499, 998, 999])
def test_moments_come_nearest_tenth_first_and_each_once(name: str, millisecond: int) -> None:
    around = next(sweep for sweep in SWEEPS if sweep.id == name)
    moment = 1_763_629_737_000_000 + millisecond * 1000
    sent = replace(BASES["get"], timestamp=iso(moment).encode(), moment=moment)
    write = iso if name == "timestamp-sweep" else lambda at: str(at // 1000)
    tenths = [0] + [way * size for size in range(1, 21) for way in (1, -1)]
    first = moment // 100_000
    near = [(first + tenth) * 100_000 + rest * 1000 for tenth in tenths for rest in range(100)]

    assert list(around.values(sent, "near")) == [write(at).encode() for at in near if at != moment]


@pytest.mark.parametrize("millisecond", [0, 500, 996, 997, 999])
def test_whole_seconds_are_tried_as_dates_and_as_numbers(millisecond: int) -> None:
    around = next(sweep for sweep in SWEEPS if sweep.id == "timestamp-sweep-s")
    second = 1_763_629_737
    moment = (second * 1000 + millisecond) * 1000
    sent = replace(BASES["get"], timestamp=iso(moment).encode(), moment=moment)
    seconds = [second + way * size for size in range(1, 61) for way in (1, -1)]
    dates = [iso(at * 1_000_000, 0).encode() for at in seconds]

    assert list(around.values(sent, "full")) == dates + [b"%d" % at for at in seconds]


def test_a_digest_is_found_beside_others_of_its_size() -> None:
    subject = BASES["get"]
    value = digest(subject, {"query": b""})
    sent = replace(subject, signature=b64(value))
    sought = {b"\x01" * 32: (STANDARD,), b"\x01" * 48: (STANDARD,), value: (STANDARD,), b"\x02" * 32: (STANDARD,)}
    hits, _ = run(search_space(sent, frozenset({32, 48})), sought, ALONE)

    assert [causes_of(hit) for hit in hits] == [("query-not-signed",)]


def test_every_entry_has_an_id_of_its_own_and_a_cause_of_the_catalogue() -> None:
    assert len(by_id()) == len(TABLE) + len(SWEEPS)
    assert {entry.cause for entry in by_id().values()} <= set(ids())
    assert {form.cause for form in WRONG} <= set(ids())


@pytest.mark.parametrize("mistake", TABLE, ids=lambda mistake: mistake.id)
def test_what_was_done_reads_as_a_sentence(mistake: Mistake) -> None:
    assert mistake.done[0].islower()
    assert not mistake.done.endswith((".", ":"))
