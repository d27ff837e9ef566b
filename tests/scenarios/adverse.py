"""What must not mislead: stale values, swapped secrets, one cause that hides another."""

from __future__ import annotations

from okx_doctor.gate.api.faults import Fault
from okx_doctor.settings import Options
from tests.scenarios.scenario import Scenario, likely, possible, proven, stated, warned
from tests.scenarios.stages import (
    HEX,
    KEY,
    LONG_AGO,
    PASSPHRASE,
    SECRET,
    SWAPS,
    TIME,
    add_env_line,
    alter,
    both_have,
    exchange_fails,
    exchange_with,
    move_to_env_file,
    swap,
    unset,
    user_has,
    write_as,
)

SCENARIOS: tuple[Scenario, ...] = (
    # A hidden value that OKX refuses at an earlier step is not the one that is meant.
    Scenario(
        name="wrong secret and a stale passphrase in the file",
        steps=("secret-wrong", add_env_line(PASSPHRASE, "'Stale-123456!'")),
        causes=(likely("secret-wrong"),),
        exit=1,
    ),
    Scenario(
        name="wrong passphrase and a deleted key's three values in the file",
        steps=(
            "passphrase-wrong",
            add_env_line(KEY, LONG_AGO),
            add_env_line(SECRET, HEX),
            add_env_line(PASSPHRASE, "'Stale-123456!'"),
        ),
        causes=(stated("passphrase-wrong"),),
        exit=1,
    ),
    Scenario(
        name="wrong secret and a deleted key's three values in the file",
        steps=(
            "secret-wrong",
            add_env_line(KEY, LONG_AGO),
            add_env_line(SECRET, HEX),
            add_env_line(PASSPHRASE, "'Stale-123456!'"),
        ),
        causes=(likely("secret-wrong"),),
        exit=1,
    ),
    Scenario(
        name="wrong passphrase and a deleted key in the file",
        steps=("passphrase-wrong", add_env_line(KEY, LONG_AGO)),
        causes=(stated("passphrase-wrong"),),
        exit=1,
    ),
    Scenario(
        name="unknown key and a malformed one in the file",
        steps=("api-key-unknown", add_env_line(KEY, LONG_AGO[:-2])),
        causes=(stated("api-key-unknown"),),
        exit=1,
    ),
    Scenario(
        name="the file has the right passphrase and a stale secret",
        steps=(add_env_line(PASSPHRASE, "'{}'"), user_has(PASSPHRASE, "Stale-123456!"), add_env_line(SECRET, HEX)),
        causes=(proven("credential-sources-conflict"),),
        exit=1,
    ),
    Scenario(
        name="unknown key and another unknown one in the file",
        steps=("api-key-unknown", add_env_line(KEY, LONG_AGO)),
        causes=(likely("credential-sources-conflict"), stated("api-key-unknown")),
        exit=1,
    ),
    Scenario(
        name="truncated key and the whole one in the file",
        steps=(add_env_line(KEY, "{}"), "api-key-malformed"),
        causes=(proven("credential-sources-conflict"),),
        exit=1,
    ),
    Scenario(
        name="quoted passphrase and a stale one in the file",
        steps=("credential-quoted", add_env_line(PASSPHRASE, "'Stale-123456!'")),
        causes=(proven("credential-quoted"),),
        exit=1,
    ),
    Scenario(
        name="a placeholder in the environment hides the right key in the file",
        steps=(add_env_line(KEY, "{}"), user_has(KEY, "your-api-key")),
        causes=(likely("credentials-placeholder"), proven("credential-sources-conflict")),
        exit=1,
    ),
    # Two attempts are spent on the quotes; that the file has the right one was never tried.
    Scenario(
        name="stale passphrase in quotes in the environment hides the right one in the file",
        steps=(add_env_line(PASSPHRASE, "'{}'"), user_has(PASSPHRASE, '"Stale-123456!"')),
        causes=(likely("credential-sources-conflict"), likely("credential-quoted")),
        exit=1,
    ),
    Scenario(
        name="stale key in quotes in the environment hides the right one in the file",
        steps=(add_env_line(KEY, "{}"), user_has(KEY, f'"{LONG_AGO}"')),
        causes=(likely("credential-sources-conflict"), likely("credential-quoted")),
        exit=1,
    ),
    Scenario(
        name="stale secret in quotes in the environment hides the right one in the file",
        steps=(add_env_line(SECRET, "{}"), user_has(SECRET, f'"{HEX}"')),
        causes=(proven("credential-sources-conflict"), likely("credential-quoted")),
        exit=1,
    ),
    Scenario(
        name="a deleted key's three values hide the right key with a wrong passphrase",
        steps=(
            add_env_line(KEY, "{}"),
            add_env_line(SECRET, "{}"),
            add_env_line(PASSPHRASE, "'Wrong-123456!'"),
            user_has(KEY, LONG_AGO),
            user_has(SECRET, HEX),
            user_has(PASSPHRASE, "Stale-123456!"),
        ),
        causes=(likely("credential-sources-conflict"), stated("passphrase-wrong")),
        exit=1,
    ),
    Scenario(
        name="clock, site and a stale passphrase that hides the right one",
        steps=("credential-sources-conflict", "clock-drift", "wrong-site"),
        causes=(proven("clock-drift"), proven("wrong-site"), proven("credential-sources-conflict")),
        exit=1,
    ),
    Scenario(
        name="two equals signs before a wrong secret in the file",
        steps=(move_to_env_file(SECRET, "={}"), "secret-wrong"),
        causes=(likely("env-file-mangled"), likely("secret-wrong")),
        exit=1,
    ),
    Scenario(
        name="two slots mangled and a wrong secret",
        steps=("env-file-mangled", move_to_env_file(SECRET, "={}"), "secret-wrong"),
        causes=(proven("env-file-mangled"), likely("secret-wrong")),
        exit=1,
    ),
    # What OKX accepts with only another thing corrected is right as it stands.
    Scenario(
        name="passphrase that reads like an example and clock",
        steps=("clock-drift", both_have(PASSPHRASE, "my-okx-passphrase-1A")),
        causes=(proven("clock-drift"),),
        exit=1,
    ),
    Scenario(
        name="passphrase that reads like an example and site",
        steps=("wrong-site", both_have(PASSPHRASE, "my-okx-passphrase-1A")),
        causes=(proven("wrong-site"),),
        exit=1,
    ),
    Scenario(
        name="secret and passphrase are one text, which is not sent, and site",
        steps=("wrong-site", "passphrase-as-secret"),
        causes=(likely("passphrase-as-secret"),),
        exit=1,
        open=("wrong-site",),
    ),
    Scenario(
        name="passphrase that really has quotes and environment",
        steps=("wrong-environment", both_have(PASSPHRASE, '"Abc-123456!"')),
        causes=(proven("wrong-environment"),),
        exit=1,
    ),
    # A secret in a header's slot is not sent, whatever hangs on it.
    Scenario(
        name="swapped secret and passphrase and a zero-width space in the secret",
        steps=(write_as(SECRET, "{}\u200b"), swap(**SWAPS["secret and passphrase"])),
        causes=(likely("credentials-swapped"), likely("credential-characters")),
        exit=1,
    ),
    Scenario(
        name="swapped secret and key and a byte order mark in the secret",
        steps=(write_as(SECRET, "\ufeff{}"), swap(secret="api_key", api_key="secret")),
        causes=(likely("credentials-swapped"), likely("credential-characters")),
        exit=1,
    ),
    Scenario(
        name="swapped secret and passphrase and quotes within quotes",
        steps=(write_as(SECRET, "'\"{}\"'"), swap(**SWAPS["secret and passphrase"])),
        causes=(likely("credentials-swapped"), likely("credential-quoted")),
        exit=1,
    ),
    Scenario(
        name="swapped secret and passphrase and O for 0 in the secret",
        steps=(
            both_have(SECRET, HEX),
            user_has(SECRET, HEX.replace("0", "O")),
            swap(**SWAPS["secret and passphrase"]),
        ),
        causes=(likely("credentials-swapped"), likely("credential-characters")),
        exit=1,
    ),
    Scenario(
        name="swapped secret and passphrase and quotes around the secret",
        steps=(write_as(SECRET, '"{}"'), swap(**SWAPS["secret and passphrase"])),
        causes=(likely("credentials-swapped"), likely("credential-quoted")),
        exit=1,
    ),
    Scenario(
        name="swapped secret and key and a newline after the secret",
        steps=(write_as(SECRET, "{}\n"), swap(secret="api_key", api_key="secret")),
        causes=(likely("credentials-swapped"), likely("credential-whitespace")),
        exit=1,
    ),
    Scenario(
        name="swapped key and passphrase and two equals signs before the key in the file",
        steps=(swap(**SWAPS["key and passphrase"]), move_to_env_file(KEY, "={}")),
        causes=(likely("credentials-swapped"), likely("env-file-mangled")),
        exit=1,
    ),
    Scenario(
        name="swapped key and passphrase, mangled key and site",
        steps=(swap(**SWAPS["key and passphrase"]), move_to_env_file(KEY, "={}"), "wrong-site"),
        causes=(likely("credentials-swapped"), likely("env-file-mangled"), proven("wrong-site")),
        exit=1,
    ),
    Scenario(
        name="a key without its hyphens looks like a secret and is not sent",
        steps=(alter(KEY, lambda text: text.replace("-", "")),),
        causes=(likely("api-key-malformed"),),
        exit=1,
        texts=("a UUID without its hyphens", "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"),
    ),
    Scenario(
        name="a passphrase with 32 hexadecimal digits in it is not sent",
        steps=(both_have(PASSPHRASE, "Pw-0123456789abcdef0123456789abcdef"),),
        causes=(possible("credentials-swapped"),),
        exit=3,
    ),
    Scenario(
        name="swapped in the environment and right in the file",
        steps=(
            add_env_line(KEY, "{}"),
            add_env_line(SECRET, "{}"),
            add_env_line(PASSPHRASE, "'{}'"),
            swap(**SWAPS["key and passphrase"]),
        ),
        causes=(likely("credentials-swapped"),),
        exit=1,
    ),
    Scenario(
        name="quotes within quotes around the secret",
        steps=(write_as(SECRET, "'\"{}\"'"),),
        causes=(proven("credential-quoted"),),
        exit=1,
    ),
    Scenario(
        name="a trailing blank and a wrong passphrase",
        steps=(write_as(PASSPHRASE, "{} "), "passphrase-wrong"),
        causes=(likely("credential-whitespace"), stated("passphrase-wrong")),
        exit=1,
    ),
    Scenario(
        name="a zero-width space and a wrong secret",
        steps=(write_as(SECRET, "{}\u200b"), "secret-wrong"),
        causes=(likely("credential-characters"), likely("secret-wrong")),
        exit=1,
    ),
    Scenario(
        name="quotes around a malformed key",
        steps=("api-key-malformed", write_as(KEY, '"{}"')),
        causes=(likely("credential-quoted"), stated("api-key-malformed")),
        exit=1,
    ),
    Scenario(
        name="mangled key that no site knows",
        steps=("api-key-unknown", move_to_env_file(KEY, "={}")),
        causes=(proven("env-file-mangled"), stated("api-key-unknown")),
        exit=1,
    ),
    Scenario(
        name="no secret, and the passphrase looks like one",
        steps=(lambda bench: user_has(PASSPHRASE, bench.environ[SECRET])(bench), unset(SECRET)),
        causes=(proven("credentials-missing"), likely("credentials-swapped")),
        exit=1,
    ),
    Scenario(
        name="wrong passphrase hides a wrong secret",
        steps=("passphrase-wrong", "secret-wrong"),
        causes=(stated("passphrase-wrong"),),
        exit=1,
        open=("secret-wrong",),
    ),
    Scenario(
        name="lower-case passphrase that no other case puts right, with --try-case",
        steps=(both_have(PASSPHRASE, "mixedCASE-123!"), user_has(PASSPHRASE, "mixedcase-123!")),
        options=Options(try_case=True),
        causes=(stated("passphrase-wrong"), warned("passphrase-case-suspect", "possible")),
        exit=1,
    ),
    Scenario(
        name="OKX says 50102 and nothing else tells the time",
        steps=(exchange_with(ntp="silent", clock_offset=45.0), exchange_fails(Fault.EDGE_BLOCK, "*", TIME)),
        causes=(likely("blocked-by-edge"), likely("clock-drift")),
        exit=1,
    ),
    Scenario(
        name="removed header and clock",
        steps=("header-missing", "clock-drift"),
        causes=(stated("header-missing"), likely("clock-drift")),
        exit=1,
    ),
    Scenario(
        name="no name and a lower-case passphrase",
        steps=("dns-failure", both_have(PASSPHRASE, "alllowercase1!")),
        causes=(likely("dns-failure"), warned("passphrase-case-suspect", "possible")),
        exit=3,
    ),
    Scenario(
        name="quotes around the passphrase with --try-case",
        steps=("credential-quoted",),
        options=Options(try_case=True),
        causes=(proven("credential-quoted"),),
        exit=1,
    ),
)
