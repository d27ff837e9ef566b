"""Values as the user holds them: swapped, with blanks, quotes and odd characters, placeholders, missing."""

from __future__ import annotations

from tests.scenarios.scenario import Scenario, likely, possible, proven
from tests.scenarios.stages import (
    HEX,
    KEY,
    LONG_AGO,
    PASSPHRASE,
    SECRET,
    SLOTS,
    SWAPPED_BACK,
    formed,
    held,
    permuted,
    really,
    set_to,
    without,
)

_BLANKS = (
    ("a leading blank", " {}"),
    ("a trailing blank", "{} "),
    ("a leading tab", "\t{}"),
    ("a trailing tab", "{}\t"),
)
_LINE_ENDS = (
    ("a trailing newline", "{}\n"),
    ("a trailing CR and newline", "{}\r\n"),
    ("a trailing CR", "{}\r"),
    ("a leading newline", "\n{}"),
)
_QUOTES = (
    ("double quotes", '"{}"'),
    ("single quotes", "'{}'"),
    ("backticks", "`{}`"),
    ("a leading equals sign", "={}"),
    ("an equals sign and quotes", '="{}"'),
    ("one double quote at the end", '{}"'),
)

SCENARIOS: tuple[Scenario, ...] = (
    *(
        Scenario(
            name=f"swapped {what}",
            steps=(permuted(**holds),),
            causes=(likely("credentials-swapped"),),
            exit=1,
        )
        for what, holds in SWAPPED_BACK.items()
    ),
    # HTTP drops a blank at a header's edge, so that only a signature shows that it did harm.
    *(
        Scenario(
            name=f"{what} in the {slot}",
            steps=(held(name, formed(form)),),
            causes=(proven("credential-whitespace") if name == SECRET else likely("credential-whitespace"),),
            exit=1,
        )
        for name, slot in SLOTS
        for what, form in _BLANKS
    ),
    *(
        Scenario(
            name=f"{what} in the {slot}",
            steps=(held(name, formed(form)),),
            causes=(proven("credential-whitespace"),),
            exit=1,
        )
        for name, slot in SLOTS
        for what, form in _LINE_ENDS
    ),
    *(
        Scenario(
            name=f"{what} around the {slot}",
            steps=(held(name, formed(form)),),
            causes=(proven("credential-quoted"),),
            exit=1,
        )
        for name, slot in SLOTS
        for what, form in _QUOTES
    ),
    *(
        Scenario(
            name=f"smart quotes around the {slot}",
            steps=(held(name, formed("\u201c{}\u201d")),),
            causes=(proven("credential-characters"),),
            exit=1,
        )
        for name, slot in SLOTS
    ),
    *(
        Scenario(
            name=f"{what} in the {slot}",
            steps=(held(name, formed(form)),),
            causes=(proven("credential-characters"),),
            exit=1,
        )
        for name, slot in SLOTS
        for what, form in (("a zero-width space", "{}\u200b"), ("a byte order mark", "\ufeff{}"))
    ),
    *(
        Scenario(
            name=f"{what} in the secret",
            steps=(really(SECRET, HEX), set_to(SECRET, HEX.replace(right, wrong))),
            causes=(proven("credential-characters"),),
            exit=1,
        )
        for what, right, wrong in (
            ("O for 0", "0", "O"),
            ("l for 1", "1", "l"),
            ("Cyrillic В for B", "B", "\u0412"),
            ("full-width digits", "2", "\uff12"),
        )
    ),
    Scenario(
        name="O for 0 in the key",
        steps=(really(KEY, LONG_AGO), set_to(KEY, LONG_AGO.replace("0", "O"))),
        causes=(proven("credential-characters"),),
        exit=1,
    ),
    Scenario(
        name="a non-breaking hyphen in the passphrase",
        steps=(really(PASSPHRASE, "Abc-123456"), set_to(PASSPHRASE, "Abc\u2011123456")),
        causes=(proven("credential-characters"),),
        exit=1,
    ),
    Scenario(
        name="a passphrase that really has an umlaut, which no header of httpx carries",
        steps=(really(PASSPHRASE, "Gr\u00fc\u00dfe-1234"),),
        causes=(likely("credential-characters"),),
        exit=1,
    ),
    Scenario(
        name="a passphrase of 32 hexadecimal digits is not sent",
        steps=(really(PASSPHRASE, "0123456789abcdef0123456789ABCDEF"),),
        causes=(possible("credentials-swapped"),),
        exit=3,
    ),
    Scenario(
        name="the secret in the passphrase slot too",
        steps=(permuted(passphrase="secret"),),
        causes=(likely("credentials-swapped"),),
        exit=1,
    ),
    Scenario(
        name="the secret in the key slot too",
        steps=(permuted(api_key="secret"),),
        causes=(likely("credentials-swapped"),),
        exit=1,
    ),
    Scenario(
        name="placeholders in every slot",
        steps=(
            set_to(KEY, "your-api-key"),
            set_to(SECRET, "your-secret-key"),
            set_to(PASSPHRASE, "your-passphrase"),
        ),
        causes=(likely("credentials-placeholder"),),
        exit=1,
    ),
    Scenario(
        name="-1 in every slot",
        steps=(set_to(KEY, "-1"), set_to(SECRET, "-1"), set_to(PASSPHRASE, "-1")),
        causes=(likely("credentials-placeholder"),),
        exit=1,
    ),
    Scenario(
        name="a placeholder for the secret",
        steps=(set_to(SECRET, "<secret>"),),
        causes=(likely("credentials-placeholder"),),
        exit=1,
    ),
    Scenario(
        name="a placeholder for the passphrase",
        steps=(set_to(PASSPHRASE, "changeme"),),
        causes=(likely("credentials-placeholder"),),
        exit=1,
    ),
    Scenario(
        name="nothing is set",
        steps=(without(KEY, SECRET, PASSPHRASE),),
        causes=(proven("credentials-missing"),),
        exit=1,
    ),
    Scenario(
        name="a passphrase of blanks only",
        steps=(set_to(PASSPHRASE, "   "),),
        causes=(proven("credentials-missing"),),
        exit=1,
    ),
)
