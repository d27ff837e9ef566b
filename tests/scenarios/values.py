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
    SWAPS,
    add_env_line,
    both_have,
    swap,
    unset,
    user_has,
    write_as,
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
            steps=(swap(**holds),),
            causes=(likely("credentials-swapped"),),
            exit=1,
        )
        for what, holds in SWAPS.items()
    ),
    # HTTP drops a blank at a header's edge, so that only a signature shows that it did harm.
    *(
        Scenario(
            name=f"{what} in the {slot}",
            steps=(write_as(name, form),),
            causes=(proven("credential-whitespace") if name == SECRET else likely("credential-whitespace"),),
            exit=1,
        )
        for name, slot in SLOTS
        for what, form in _BLANKS
    ),
    *(
        Scenario(
            name=f"{what} in the {slot}",
            steps=(write_as(name, form),),
            causes=(proven("credential-whitespace"),),
            exit=1,
        )
        for name, slot in SLOTS
        for what, form in _LINE_ENDS
    ),
    *(
        Scenario(
            name=f"{what} around the {slot}",
            steps=(write_as(name, form),),
            causes=(proven("credential-quoted"),),
            exit=1,
        )
        for name, slot in SLOTS
        for what, form in _QUOTES
    ),
    *(
        Scenario(
            name=f"smart quotes around the {slot}",
            steps=(write_as(name, "\u201c{}\u201d"),),
            causes=(proven("credential-characters"),),
            exit=1,
        )
        for name, slot in SLOTS
    ),
    *(
        Scenario(
            name=f"{what} in the {slot}",
            steps=(write_as(name, form),),
            causes=(proven("credential-characters"),),
            exit=1,
        )
        for name, slot in SLOTS
        for what, form in (("a zero-width space", "{}\u200b"), ("a byte order mark", "\ufeff{}"))
    ),
    *(
        Scenario(
            name=f"{what} in the secret",
            steps=(both_have(SECRET, HEX), user_has(SECRET, HEX.replace(right, wrong))),
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
        steps=(both_have(KEY, LONG_AGO), user_has(KEY, LONG_AGO.replace("0", "O"))),
        causes=(proven("credential-characters"),),
        exit=1,
    ),
    Scenario(
        name="a non-breaking hyphen in the passphrase",
        steps=(both_have(PASSPHRASE, "Abc-123456"), user_has(PASSPHRASE, "Abc\u2011123456")),
        causes=(proven("credential-characters"),),
        exit=1,
    ),
    Scenario(
        name="a passphrase that really has an umlaut, which no header of httpx carries",
        steps=(both_have(PASSPHRASE, "Gr\u00fc\u00dfe-1234"),),
        causes=(likely("credential-characters"),),
        exit=1,
    ),
    Scenario(
        name="a passphrase of 32 hexadecimal digits is not sent",
        steps=(both_have(PASSPHRASE, "0123456789abcdef0123456789ABCDEF"),),
        causes=(possible("credentials-swapped"),),
        exit=3,
    ),
    Scenario(
        name="a passphrase that is a UUID is not sent",
        steps=(both_have(PASSPHRASE, "6F9619FF-8B86-D011-B42D-00CF4FC964FF"),),
        causes=(possible("credentials-swapped"),),
        exit=3,
        texts=("holds what looks like an API key",),
    ),
    Scenario(
        name="a passphrase that is sixteen bytes in padded base64 is not sent",
        steps=(both_have(PASSPHRASE, "q83vEjRWeJCrze8SNFZ4kA=="),),
        causes=(possible("credentials-swapped"),),
        exit=3,
        texts=("in base64", "cannot be told from a secret key"),
    ),
    Scenario(
        name="a passphrase of 22 letters and digits",
        steps=(both_have(PASSPHRASE, "q83vEjRWeJCrze8SNFZ4kA"),),
    ),
    *(
        Scenario(
            name=f"a key of {what} beside a good secret",
            steps=(user_has(KEY, text),),
            causes=(likely("api-key-malformed"),),
            exit=1,
            texts=(said,),
        )
        for what, text, said in (
            ("32 digits", LONG_AGO.replace("-", ""), "a UUID without its hyphens"),
            ("33 digits", LONG_AGO.replace("-", "") + "0", "has 33 hexadecimal digits, where a key has 32"),
            ("31 digits", LONG_AGO.replace("-", "")[:-1], "has 31 hexadecimal digits, where a key has 32"),
            ("one digit too many", LONG_AGO + "0", "has 33 hexadecimal digits, where a key has 32"),
            ("another grouping", "37c541a1 0f3c4b6b 9d3e10fe 7a038418", "is not a UUID, 8-4-4-4-12"),
            ("two keys", LONG_AGO + LONG_AGO, "has 64 hexadecimal digits, where a key has 32"),
            ("base64", "N8VBoQ88S2udPhD+egOEGA==", "may be base64 of a secret key"),
            ("angle brackets", f"<{LONG_AGO}>", "is not a UUID, 8-4-4-4-12"),
        )
    ),
    Scenario(
        name="a key of zeros, a UUID all the same",
        steps=(user_has(KEY, "00000000-0000-0000-0000-000000000000"),),
        causes=(likely("credentials-placeholder"),),
        exit=1,
    ),
    Scenario(
        name="blanks around a key without its hyphens",
        steps=(user_has(KEY, f" {LONG_AGO.replace('-', '')} "),),
        causes=(likely("credential-whitespace"), likely("api-key-malformed")),
        exit=1,
    ),
    Scenario(
        name="the secret's digits in the key slot, grouped as a key's",
        steps=(both_have(SECRET, HEX), user_has(KEY, "22582BD0-CFF1-4C41-EDBF-1AB98506286D")),
        causes=(likely("credentials-swapped"),),
        exit=1,
        texts=("holds what stands in the secret slot", "delete the key and make a new one"),
    ),
    Scenario(
        name="a passphrase with a secret in it that is not hexadecimal",
        steps=(both_have(SECRET, "no-hexadecimal-text"), write_as(PASSPHRASE, "{} NO_hexadecimal.text")),
        causes=(likely("credentials-swapped"), likely("secret-malformed")),
        exit=1,
        texts=("holds what stands in the secret slot",),
    ),
    Scenario(
        name="the passphrase is what the file has as the secret",
        steps=(both_have(PASSPHRASE, "Abc-1234567!"), add_env_line(SECRET, "'Abc-1234567!'")),
        causes=(likely("credentials-swapped"),),
        exit=1,
        texts=("holds what another source has as the secret key",),
    ),
    Scenario(
        name="the key is what the file has as the secret, which is then no secret",
        steps=(both_have(KEY, LONG_AGO), add_env_line(SECRET, LONG_AGO)),
    ),
    Scenario(
        name="a secret that is another text",
        steps=(user_has(SECRET, "no-hexadecimal-text"),),
        causes=(likely("secret-malformed"),),
        exit=1,
        texts=("is not 32 hexadecimal digits",),
    ),
    Scenario(
        name="the secret in the passphrase slot too",
        steps=(swap(passphrase="secret"),),
        causes=(likely("credentials-swapped"),),
        exit=1,
    ),
    Scenario(
        name="the secret in the key slot too",
        steps=(swap(api_key="secret"),),
        causes=(likely("credentials-swapped"),),
        exit=1,
    ),
    Scenario(
        name="placeholders in every slot",
        steps=(
            user_has(KEY, "your-api-key"),
            user_has(SECRET, "your-secret-key"),
            user_has(PASSPHRASE, "your-passphrase"),
        ),
        causes=(likely("credentials-placeholder"),),
        exit=1,
    ),
    Scenario(
        name="-1 in every slot",
        steps=(user_has(KEY, "-1"), user_has(SECRET, "-1"), user_has(PASSPHRASE, "-1")),
        causes=(likely("credentials-placeholder"),),
        exit=1,
    ),
    Scenario(
        name="a reference of another kind in every slot",
        steps=(
            user_has(KEY, "%OKX_KEY%"),
            user_has(SECRET, "${{ secrets.OKX_SECRET }}"),
            user_has(PASSPHRASE, "{{ okx_passphrase }}"),
        ),
        causes=(likely("template-not-filled"),),
        exit=1,
        texts=("Windows' cmd", "GitHub Actions", "Ansible"),
    ),
    Scenario(
        name="a placeholder for the secret",
        steps=(user_has(SECRET, "<secret>"),),
        causes=(likely("credentials-placeholder"),),
        exit=1,
    ),
    Scenario(
        name="a placeholder for the passphrase",
        steps=(user_has(PASSPHRASE, "changeme"),),
        causes=(likely("credentials-placeholder"),),
        exit=1,
    ),
    Scenario(
        name="nothing is set",
        steps=(unset(KEY, SECRET, PASSPHRASE),),
        causes=(proven("credentials-missing"),),
        exit=1,
    ),
    Scenario(
        name="a passphrase of blanks only",
        steps=(user_has(PASSPHRASE, "   "),),
        causes=(proven("credentials-missing"),),
        exit=1,
    ),
)
