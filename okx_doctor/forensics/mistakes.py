"""The table of mistakes: every named wrong way to sign a request, in one place.

``inspect``, ``listen``, ``test-signer`` and the tests read this one table. A new mistake is one entry here, a page
for its cause, and a test. Where several entries explain a signature equally well the earlier one is named first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from okx_doctor.forensics.search.parts import Mistake, Sweep
from okx_doctor.forensics.variants import bodies, keys, layouts, queries, recipes, targets, templates, timestamps
from okx_doctor.forensics.writers import styles

NEIGHBOUR: Final = "recipe-neighbour"
_SHORT_STYLES: Final = ("python", "compact", "python-repr", "python-compact")

TABLE: Final[tuple[Mistake, ...]] = (
    # A whole scheme that is nearly OKX's: it explains more of the request than the single mistakes that it is made of.
    Mistake(
        id=NEIGHBOUR,
        axis="recipe",
        cause="other-exchange-recipe",
        done="the signature was made by another exchange's recipe",
        rebuild=recipes.neighbours,
    ),
    # Parts that are not signed at all.
    Mistake(
        id="query-dropped",
        axis="query",
        cause="query-not-signed",
        done="the query was left out of the signed text",
        rebuild=queries.unsigned,
        short=True,
    ),
    Mistake(
        id="body-dropped",
        axis="body",
        cause="body-not-signed",
        done="the body was left out of the signed text",
        rebuild=bodies.unsigned,
        short=True,
    ),
    # The query.
    Mistake(
        id="query-mark",
        axis="query",
        cause="query-trailing-mark",
        done="a question mark with nothing behind it was on one side only",
        rebuild=queries.trailing_mark,
        short=True,
    ),
    Mistake(
        id="query-as-body",
        axis="query",
        cause="get-body-signed",
        done="the parameters of the GET were signed as a body",
        rebuild=queries.as_body,
    ),
    Mistake(
        id="query-order",
        axis="query",
        cause="query-reordered",
        done="the parameters were signed in another order",
        rebuild=queries.reordered,
        short=True,
    ),
    Mistake(
        id="query-encoding",
        axis="query",
        cause="query-encoding",
        done="the query was signed in another encoding",
        rebuild=queries.encoded,
        short=True,
    ),
    Mistake(
        id="query-parameters",
        axis="query",
        cause="query-parameters-differ",
        done="another set of parameters was signed",
        rebuild=queries.other_parameters,
    ),
    Mistake(
        id="query-order-and-encoding",
        axis="query",
        cause="query-reordered",
        done="the parameters were signed in another order and encoding",
        rebuild=queries.reordered_and_encoded,
    ),
    Mistake(
        id="ending",
        axis="separator",
        cause="prehash-separator",
        done="the parts were signed with something behind them",
        rebuild=layouts.ended,
        short=True,
    ),
    # The body.
    *(
        Mistake(
            id=f"body-{style.id}",
            axis="body",
            cause="body-reserialised",
            done=f"the body was signed as {style.words} writes it"
            if style.words[0].isupper() or style.words.startswith(("httpx", "str"))
            else f"the body was signed {style.words}",
            rebuild=bodies.written_as(style),
            short=style.id in _SHORT_STYLES,
        )
        for style in styles.STYLES
    ),
    Mistake(
        id="body-numbers",
        axis="body",
        cause="body-reserialised",
        done="the body was signed with its numbers spelled otherwise",
        rebuild=bodies.number_forms,
    ),
    Mistake(
        id="body-double",
        axis="body",
        cause="body-double-encoded",
        done="the body was encoded as JSON twice on one side",
        rebuild=bodies.double_encoded,
    ),
    Mistake(
        id="body-form",
        axis="body",
        cause="body-form-encoded",
        done="one side has a form, the other JSON",
        rebuild=bodies.form_encoded,
    ),
    Mistake(
        id="body-fields",
        axis="body",
        cause="body-differs",
        done="the signed body holds other data",
        rebuild=bodies.other_fields,
    ),
    Mistake(
        id="body-in-query",
        axis="body",
        cause="body-differs",
        done="a body was signed whose fields were sent in the query",
        rebuild=bodies.from_query,
    ),
    Mistake(
        id="body-edges",
        axis="body",
        cause="body-reserialised",
        done="the body was signed with other blanks, quotes or case",
        rebuild=bodies.edges,
    ),
    Mistake(
        id="body-printed",
        axis="body",
        cause="body-differs",
        done="another text was signed in place of the body",
        rebuild=bodies.printed,
    ),
    Mistake(
        id="body-percent",
        axis="body",
        cause="body-reserialised",
        done="the body was encoded or hashed before it was signed",
        rebuild=bodies.percent_encoded,
    ),
    # The path.
    Mistake(
        id="path-url",
        axis="path",
        cause="full-url-signed",
        done="scheme and host were signed with the path",
        rebuild=targets.whole_url,
    ),
    Mistake(
        id="path-short",
        axis="path",
        cause="path-prefix-missing",
        done="the beginning of the path was not signed",
        rebuild=targets.shorter,
        short=True,
    ),
    Mistake(
        id="path-other",
        axis="path",
        cause="path-differs",
        done="the path was signed in another spelling",
        rebuild=targets.another,
    ),
    Mistake(
        id="path-dropped",
        axis="path",
        cause="prehash-partial",
        done="the path was left out of the signed text",
        rebuild=targets.nothing,
    ),
    Mistake(
        id="path-printed",
        axis="path",
        cause="path-differs",
        done="a variable without a value was signed for the path",
        rebuild=targets.printed_nothing,
    ),
    # The method.
    Mistake(
        id="method-case",
        axis="method",
        cause="method-case",
        done="the method was signed in another case",
        rebuild=targets.other_case,
        short=True,
    ),
    Mistake(
        id="method-other",
        axis="method",
        cause="method-mismatch",
        done="another method was signed",
        rebuild=targets.other_method,
        short=True,
    ),
    Mistake(
        id="method-dropped",
        axis="method",
        cause="prehash-partial",
        done="the method was left out of the signed text",
        rebuild=targets.nothing,
    ),
    Mistake(
        id="method-printed",
        axis="method",
        cause="method-mismatch",
        done="the printed name of a constant was signed for the method",
        rebuild=targets.printed_method,
    ),
    Mistake(
        id="method-unset",
        axis="method",
        cause="method-mismatch",
        done="a variable without a value was signed for the method",
        rebuild=targets.printed_nothing,
    ),
    # The timestamp.
    Mistake(
        id="timestamp-form",
        axis="timestamp",
        cause="timestamp-differs",
        done="the same moment was signed in another form",
        rebuild=timestamps.other_form,
    ),
    Mistake(
        id="timestamp-rounded",
        axis="timestamp",
        cause="timestamp-differs",
        done="the moment was signed rounded to a second",
        rebuild=timestamps.rounded,
    ),
    Mistake(
        id="timestamp-dropped",
        axis="timestamp",
        cause="prehash-partial",
        done="the timestamp was left out of the signed text",
        rebuild=timestamps.dropped,
    ),
    Mistake(
        id="timestamp-zone",
        axis="timestamp",
        cause="timestamp-differs",
        done="the time of another zone was signed",
        rebuild=timestamps.local_zone,
    ),
    Mistake(
        id="timestamp-unset",
        axis="timestamp",
        cause="timestamp-differs",
        done="a variable without a value was signed for the timestamp",
        rebuild=timestamps.placeholder,
    ),
    # The key.
    Mistake(
        id="key-source",
        axis="key",
        cause="secret-altered",
        done="the request is right with another form of the secret than the one that was loaded",
        rebuild=keys.loaded_otherwise,
        short=True,
    ),
    Mistake(
        id="key-passphrase",
        axis="key",
        cause="passphrase-as-secret",
        done="the passphrase was used as the key",
        rebuild=keys.passphrase,
        short=True,
    ),
    Mistake(
        id="key-api-key",
        axis="key",
        cause="api-key-as-secret",
        done="the API key was used as the key",
        rebuild=keys.api_key,
        short=True,
    ),
    Mistake(
        id="key-empty", axis="key", cause="secret-empty", done="an empty key was used", rebuild=keys.empty, short=True
    ),
    Mistake(
        id="key-edges",
        axis="key",
        cause="secret-altered",
        done="the secret was used with other whitespace at its ends",
        rebuild=keys.edges,
        short=True,
    ),
    Mistake(
        id="key-quoted",
        axis="key",
        cause="secret-altered",
        done="the secret was used with signs around it",
        rebuild=keys.quoted,
    ),
    Mistake(
        id="key-case",
        axis="key",
        cause="secret-altered",
        done="the secret was used in another case",
        rebuild=keys.other_case,
    ),
    Mistake(
        id="key-decoded",
        axis="key",
        cause="secret-decoded",
        done="the secret was decoded before it was used",
        rebuild=keys.decoded,
        short=True,
    ),
    Mistake(
        id="key-confused",
        axis="key",
        cause="secret-altered",
        done="the secret was used with a look-alike character",
        rebuild=keys.confused,
    ),
    Mistake(
        id="key-cut", axis="key", cause="secret-altered", done="the secret was not used as a whole", rebuild=keys.cut
    ),
    Mistake(
        id="key-changed",
        axis="key",
        cause="secret-altered",
        done="the secret was used encoded, hashed or joined to another value",
        rebuild=keys.changed,
    ),
    Mistake(
        id="key-placeholder",
        axis="key",
        cause="credentials-placeholder",
        done="a filler was used as the key",
        rebuild=keys.placeholder,
    ),
    # How the parts are put together.
    Mistake(
        id="order",
        axis="order",
        cause="prehash-order",
        done="the parts were signed in another order",
        rebuild=layouts.other_order,
    ),
    Mistake(
        id="separator",
        axis="separator",
        cause="prehash-separator",
        done="the parts were signed with something between them",
        rebuild=layouts.separated,
    ),
    Mistake(
        id="passphrase-added",
        axis="order",
        cause="passphrase-in-prehash",
        done="the passphrase was signed as well",
        rebuild=layouts.with_passphrase,
    ),
    Mistake(
        id="api-key-added",
        axis="order",
        cause="other-exchange-recipe",
        done="the API key was signed as well",
        rebuild=layouts.with_api_key,
    ),
    Mistake(
        id="secret-added",
        axis="order",
        cause="other-exchange-recipe",
        done="the secret was signed as well",
        rebuild=layouts.with_secret,
    ),
    Mistake(
        id="part-twice", axis="order", cause="prehash-order", done="a part was signed twice", rebuild=layouts.twice
    ),
    Mistake(
        id="text-encoding",
        axis="order",
        cause="prehash-encoding",
        done="the text was signed in another character encoding",
        rebuild=layouts.in_another_encoding,
    ),
    Mistake(
        id="target-encoded",
        axis="order",
        cause="query-encoding",
        done="path and query were percent-encoded together before they were signed",
        rebuild=layouts.encoded,
    ),
    # How they are hashed.
    Mistake(
        id="arguments-swapped",
        axis="arguments",
        cause="hmac-arguments-swapped",
        done="key and message of the HMAC were swapped",
        rebuild=layouts.swapped,
        short=True,
    ),
    Mistake(
        id="unkeyed",
        axis="arguments",
        cause="unkeyed-hash",
        done="a plain hash was made instead of an HMAC",
        rebuild=layouts.unkeyed,
    ),
    Mistake(
        id="hashed-first",
        axis="arguments",
        cause="wrong-hash",
        done="the text was hashed before the HMAC was made",
        rebuild=layouts.hashed_first,
    ),
    Mistake(id="hash", axis="hash", cause="wrong-hash", done="another hash was used", rebuild=layouts.hashes),
    # Templates that were signed before they were filled in.
    Mistake(
        id="query-template",
        axis="query",
        cause="template-not-filled",
        done="the query was signed with a place to fill in",
        rebuild=templates.query,
    ),
    Mistake(
        id="body-template",
        axis="body",
        cause="template-not-filled",
        done="the body was signed with a place to fill in",
        rebuild=templates.body,
    ),
    Mistake(
        id="path-template",
        axis="path",
        cause="template-not-filled",
        done="the path was signed with a place to fill in",
        rebuild=templates.path,
    ),
    Mistake(
        id="key-template",
        axis="key",
        cause="template-not-filled",
        done="a place to fill in was used as the key",
        rebuild=templates.key,
    ),
    # Whole foreign recipes.
    Mistake(
        id="recipe",
        axis="recipe",
        cause="other-exchange-recipe",
        done="the signature was made by another exchange's recipe",
        rebuild=recipes.every,
    ),
)

SWEEPS: Final[tuple[Sweep, ...]] = (
    Sweep(
        id="key-typed",
        axis="key",
        cause="secret-altered",
        done="the secret was used with a typing error",
        groups=keys.typing_errors,
        note=keys.typed,
    ),
    Sweep(
        id="timestamp-sweep",
        axis="timestamp",
        cause="timestamp-differs",
        done="another moment was signed",
        groups=timestamps.own_form,
        note=timestamps.shift,
    ),
    Sweep(
        id="timestamp-sweep-s",
        axis="timestamp",
        cause="timestamp-differs",
        done="another moment was signed, in whole seconds",
        groups=timestamps.seconds_around,
        note=timestamps.shift,
    ),
    Sweep(
        id="timestamp-sweep-ms",
        axis="timestamp",
        cause="timestamp-differs",
        done="another moment was signed, in milliseconds since 1970",
        groups=timestamps.form_around("epoch-ms"),
        note=timestamps.shift,
    ),
    Sweep(
        id="timestamp-sweep-iso",
        axis="timestamp",
        cause="timestamp-differs",
        done="another moment was signed, as a date with milliseconds",
        groups=timestamps.form_around("iso-ms"),
        note=timestamps.shift,
    ),
)


def by_id() -> Mapping[str, Mistake | Sweep]:
    """Every entry by its id."""
    return {entry.id: entry for entry in _ALL}


def place(mistake_id: str) -> int:
    """The position of an entry in the table: earlier is more usual."""
    return _PLACES.get(mistake_id, len(_PLACES))


_ALL: Final[tuple[Mistake | Sweep, ...]] = (*TABLE, *SWEEPS)
_PLACES: Final[Mapping[str, int]] = {entry.id: at for at, entry in enumerate(_ALL)}
