"""Where values come from: the environment, env files, documents and profiles."""

from __future__ import annotations

from tests.scenarios.scenario import Scenario, likely, proven, warned
from tests.scenarios.stages import (
    CCXT,
    FREQTRADE,
    HEX,
    KEY,
    LONG_AGO,
    PASSPHRASE,
    PROFILES,
    SECRET,
    SLOTS,
    TOML,
    YAML,
    add_env_line,
    both_have,
    move_to_document,
    move_to_env_file,
    okx_knows,
    unset,
    user_has,
    write_as,
)

PLAIN = "Abc-123456!"
"""A passphrase that YAML takes as it stands: one that was made at random may begin with a sign of YAML's own."""

SCENARIOS: tuple[Scenario, ...] = (
    *(
        Scenario(
            name=f"two equals signs before the {slot} in the file",
            steps=(move_to_env_file(name, "={}"),),
            causes=(proven("env-file-mangled"),),
            exit=1,
        )
        for name, slot in SLOTS
    ),
    Scenario(
        name="two equals signs and quotes before the secret in the file",
        steps=(move_to_env_file(SECRET, '="{}"'),),
        causes=(proven("env-file-mangled"),),
        exit=1,
    ),
    Scenario(
        name="a # without a blank before it is no comment",
        steps=(both_have(PASSPHRASE, "Abc-123456#7"), move_to_env_file(PASSPHRASE, "{}")),
        causes=(warned("env-file-dialects", "likely"),),
        texts=(
            "node --env-file cuts at `#`",
            "in single quotes",
            "docker run --env-file will still read that otherwise",
        ),
    ),
    Scenario(
        name="the file sets the passphrase twice, and the last line is the stale one",
        steps=(add_env_line(PASSPHRASE, "{}"), add_env_line(PASSPHRASE, "Of-an-older-key-1"), unset(PASSPHRASE)),
        causes=(proven("credential-sources-conflict"),),
        exit=1,
        texts=("OKX_PASSPHRASE in .env line 2 hides a different passphrase: OKX_PASSPHRASE in .env line 1",),
    ),
    Scenario(
        name="the file sets the passphrase twice, and the last line is the right one",
        steps=(add_env_line(PASSPHRASE, "Of-an-older-key-1"), add_env_line(PASSPHRASE, "{}"), unset(PASSPHRASE)),
    ),
    Scenario(
        name="a comment behind the value in the file",
        steps=(both_have(PASSPHRASE, "Abc-123456"), move_to_env_file(PASSPHRASE, "{} # of the bot")),
        causes=(warned("env-file-dialects", "likely"),),
        texts=("write it without a comment behind it",),
    ),
    Scenario(
        name="what bash would expand stands in double quotes in the file",
        steps=(both_have(PASSPHRASE, "Abc-$9xyz-1"), move_to_env_file(PASSPHRASE, '"{}"')),
        causes=(warned("env-file-dialects", "likely"),),
        texts=("docker run --env-file keeps the quotes; bash source expands `$9`", "write it in single quotes"),
    ),
    Scenario(
        name="what bash would expand stands in single quotes in the file",
        steps=(both_have(PASSPHRASE, "Abc-$9xyz-1"), move_to_env_file(PASSPHRASE, "'{}'")),
    ),
    Scenario(
        name="${…} in the file",
        steps=(both_have(PASSPHRASE, "Abc-${NO_SUCH_NAME}-1234"), move_to_env_file(PASSPHRASE, "{}")),
        causes=(proven("env-file-mangled"),),
        exit=1,
    ),
    Scenario(
        name="a backslash in double quotes in the file, made a tab",
        steps=(both_have(PASSPHRASE, "Abc\\t123456"), move_to_env_file(PASSPHRASE, '"{}"')),
        causes=(proven("env-file-mangled"),),
        exit=1,
    ),
    Scenario(
        name="a backslash in double quotes in the file, made a newline",
        steps=(both_have(PASSPHRASE, "Abc\\n123456"), move_to_env_file(PASSPHRASE, '"{}"')),
        causes=(proven("env-file-mangled"),),
        exit=1,
    ),
    Scenario(
        name="a quote that is never closed in the file",
        steps=(move_to_env_file(PASSPHRASE, '"{}'),),
        causes=(proven("credentials-missing"), likely("env-file-mangled")),
        exit=1,
    ),
    *(
        Scenario(
            name=f"another loader {what}",
            steps=(both_have(PASSPHRASE, right), add_env_line(PASSPHRASE, written), user_has(PASSPHRASE, made)),
            causes=(proven("env-file-mangled"),),
            exit=1,
        )
        for what, right, written, made in (
            ("cuts at #", "Abc-123456#7", "'Abc-123456#7'", "Abc-123456"),
            ("replaces $", "Abc$xyz-1234", "'Abc$xyz-1234'", "Abc-1234"),
            ("keeps the quotes", "Abc-123456", '"Abc-123456"', '"Abc-123456"'),
            ("drops backslashes", "Abc\\-123456", "'Abc\\-123456'", "Abc-123456"),
        )
    ),
    Scenario(
        name="another loader replaces $ and cuts at #, so that the text of the line is tried first",
        steps=(
            both_have(PASSPHRASE, "My$Bot #2026!"),
            add_env_line(PASSPHRASE, "{}"),
            user_has(PASSPHRASE, "My"),
        ),
        causes=(proven("env-file-mangled"),),
        exit=1,
    ),
    Scenario(
        name="no known loader made the value, and the hidden line is altered by its own: its text is tried",
        steps=(
            both_have(PASSPHRASE, "My$Bot #2026!"),
            add_env_line(PASSPHRASE, "{}"),
            user_has(PASSPHRASE, "My #2026!"),
        ),
        causes=(proven("env-file-mangled"),),
        exit=1,
    ),
    Scenario(
        name="another loader keeps the second of two equals signs",
        steps=(both_have(PASSPHRASE, "Abc-123456"), add_env_line(PASSPHRASE, "={}"), write_as(PASSPHRASE, "={}")),
        causes=(proven("env-file-mangled"),),
        exit=1,
    ),
    *(
        Scenario(
            name=f"the environment hides the {slot} of the file",
            steps=(add_env_line(name, "'{}'"), user_has(name, stale)),
            causes=(proven("credential-sources-conflict"),),
            exit=1,
            texts=(f"unset {name}",),
        )
        for (name, slot), stale in zip(SLOTS, (LONG_AGO, HEX, "Stale-123456!"), strict=True)
    ),
    Scenario(
        name="the environment hides all three of the file",
        steps=(
            add_env_line(KEY, "{}"),
            add_env_line(SECRET, "{}"),
            add_env_line(PASSPHRASE, "'{}'"),
            user_has(KEY, LONG_AGO),
            user_has(SECRET, HEX),
            user_has(PASSPHRASE, "Stale-123456!"),
        ),
        causes=(proven("credential-sources-conflict"),),
        exit=1,
        texts=(f"unset {KEY} {SECRET} {PASSPHRASE}",),
    ),
    Scenario(name="the environment hides the same value in the file", steps=(add_env_line(PASSPHRASE, "'{}'"),)),
    Scenario(
        name="an empty environment variable hides the file",
        steps=(add_env_line(PASSPHRASE, "'{}'"), user_has(PASSPHRASE, "")),
        causes=(proven("credentials-missing"),),
        exit=1,
    ),
    Scenario(
        name="a stale alias hides the right value",
        steps=(user_has("OKX_API_SECRET", HEX), move_to_env_file(SECRET, "{}")),
        causes=(proven("credential-sources-conflict"),),
        exit=1,
        texts=("unset OKX_API_SECRET",),
    ),
    Scenario(
        name="another name for the same key shares its passphrase",
        steps=(
            move_to_document(
                "config.toml", PROFILES.replace("{other}", "{passphrase}").replace(LONG_AGO, "{key}"), "live"
            ),
        ),
    ),
    *(
        Scenario(
            name=f"a number without quotes in {name}, {written[:2]}…",
            steps=(both_have(PASSPHRASE, written), move_to_document(name, text)),
            causes=(proven("env-file-mangled"),),
            exit=1,
            texts=(quoted,),
        )
        for name, text, written, quoted in (
            ("bot.yaml", YAML, "01234567", "passphrase: '…'"),
            ("bot.yml", YAML, "1_234_567", "passphrase: '…'"),
            ("config.json", FREQTRADE, "1e5", '"password": "…"'),
            ("bot.toml", TOML.replace("'{passphrase}'", "{passphrase}"), "1_234_567", "= '…'"),
        )
    ),
    *(
        Scenario(name=f"sound values in {name}", steps=(both_have(PASSPHRASE, PLAIN), move_to_document(name, text)))
        for name, text in (
            ("bot.yaml", YAML),
            ("config.json", FREQTRADE.replace("{passphrase}", '"{passphrase}"')),
            ("keys", CCXT),
            ("bot.toml", TOML),
        )
    ),
    Scenario(
        name="a comment cuts the passphrase in YAML",
        steps=(both_have(PASSPHRASE, "Abc-123456 #7"), move_to_document("bot.yaml", YAML)),
        causes=(proven("env-file-mangled"),),
        exit=1,
    ),
    Scenario(
        name="a backslash in JSON, made a newline",
        steps=(
            both_have(PASSPHRASE, "Abc\\n123456"),
            move_to_document("config.json", FREQTRADE.replace("{passphrase}", '"{passphrase}"')),
        ),
        causes=(proven("env-file-mangled"),),
        exit=1,
    ),
    Scenario(
        name="a block of YAML ends with a newline",
        steps=(
            both_have(PASSPHRASE, PLAIN),
            move_to_document("bot.yaml", YAML.replace("secret: {secret}", "secret: |\n    {secret}")),
        ),
        causes=(proven("credential-whitespace"),),
        exit=1,
    ),
    Scenario(
        name="a key that stands twice, the right one first",
        steps=(both_have(PASSPHRASE, PLAIN), move_to_document("bot.yaml", YAML + "  passphrase: Stale-123456!\n")),
        causes=(proven("credential-sources-conflict"),),
        exit=1,
    ),
    Scenario(
        name="a value that is empty in the file",
        steps=(move_to_document("config.json", FREQTRADE.replace("{passphrase}", '""')),),
        causes=(proven("credentials-missing"),),
        exit=1,
        texts=("Fill in exchange.password in config.json line 3",),
    ),
    Scenario(
        name="a demo profile",
        steps=(okx_knows(demo=True), move_to_document("config.toml", PROFILES + "demo = true\n", "live")),
    ),
    Scenario(
        name="a profile's base URL that is not OKX's is not followed",
        steps=(move_to_document("config.toml", PROFILES + "base_url = 'https://www.okx.com.example.net'\n", "live"),),
    ),
    Scenario(
        name="a base URL with a path in the file",
        steps=(add_env_line("OKX_API_BASE_URL", "https://www.okx.com/api/v5"),),
        causes=(likely("base-url-invalid"),),
        exit=3,
        texts=("the base URL in .env: ", "Write the plain address into .env"),
    ),
    Scenario(
        name="a base URL with a path in a profile",
        steps=(move_to_document("config.toml", PROFILES + "base_url = 'https://www.okx.com/api/v5'\n", "live"),),
        causes=(likely("base-url-invalid"),),
        exit=3,
        texts=("the base URL in config.toml: ", "Write the plain address into config.toml"),
    ),
)
