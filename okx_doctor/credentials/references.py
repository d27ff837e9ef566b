"""References to a value that is kept elsewhere (``${NAME}``, ``op://…``), and who fills in each form. Pure."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from msgspec import Struct


class Filling(NamedTuple):
    """A form of reference: its pattern, with the name referred to as a group where it has one, the program that fills
    it in, and what to do where nobody did."""

    id: str
    pattern: str
    filled_by: str
    cure: str


_HANDED_OVER: Final = "the program that is started under it gets the value itself"

FILLINGS: Final = (
    Filling(
        "github",
        r"\$?\{\{\s*(?:secrets|vars|env|inputs)\.(?P<name>\w+)\s*\}\}",
        "GitHub Actions, in its own workflow files alone",
        "Hand it over in the workflow, under env: of the step that starts the bot; elsewhere it stays as it is.",
    ),
    Filling(
        "editor",
        r"\$\{(?:env|input|config|command):(?P<name>[\w.-]+)\}",
        "an editor (VS Code, Cursor), in its own settings and mcp.json",
        f"Start the bot from the editor: {_HANDED_OVER}. Claude's files take ${{NAME}} or the value.",
    ),
    Filling(
        "stack",
        r"\{\{resolve:.*\}\}",
        "CloudFormation, when a stack is made",
        "Look at the variable where the stack's program runs; a template on its own holds no value.",
    ),
    Filling(
        "engine",
        r"\{\{.{0,200}\}\}",
        "a template engine (Ansible, Helm, Jinja, Postman)",
        "Render the template first, and read the file that it makes.",
    ),
    Filling(
        "erb",
        r"<%=.{0,200}%>|#\{(?P<name>[\w.-]+)\}#?|@@?(?P<at>[A-Z][A-Z0-9_]*)@@?|__(?P<under>[A-Z][A-Z0-9_]*?)__",
        "the step of a deployment that replaces such marks",
        "Run that step before the bot starts, and look that it knows this file and this name.",
    ),
    Filling(
        "mcp",
        r"(?!)",
        "the program that starts the server: Claude Code takes ${NAME}, VS Code and Cursor ${env:NAME}, others nothing",
        "Write it as that program takes it and set the variable where it is started, or write the value itself.",
    ),
    Filling(
        "shell",
        r"\$\{(?P<name>[A-Za-z_]\w*)(?::?[-?+=].*)?\}|\$(?P<bare>[A-Z_][A-Z0-9_]*)",
        "a shell, Docker Compose, direnv or a loader of env files such as python-dotenv",
        "Set it where the file is read, or write the value itself: docker run --env-file, systemd, node --env-file, "
        "cron, JSON, YAML and single quotes leave such a text as it is.",
    ),
    Filling(
        "powershell", r"\$\{?env:(?P<name>\w+)\}?", "PowerShell", "Assign it in PowerShell, without quotes around it."
    ),
    Filling(
        "cmd",
        r"%(?P<name>[A-Z_][A-Z0-9_]*)%",
        "Windows' cmd, at its prompt and in .bat files",
        "Set it there; PowerShell, env files and services leave such a text as it is.",
    ),
    Filling(
        "command",
        r"\$\(.{1,200}\)",
        "a shell, by running a command; or Kubernetes and Azure Pipelines, from a variable of that name",
        "Read the file with the shell (set -a; . ./FILE), or write the value itself: loaders of env files run nothing.",
    ),
    Filling(
        "1password",
        r"op://.+",
        "1Password's op",
        f"Start the bot with op run --env-file FILE -- COMMAND: {_HANDED_OVER}. So does okx-doctor: op run --env-file "
        "FILE -- okx-doctor check --no-env-file.",
    ),
    Filling(
        "vault",
        r"(?:>>)?vault:[\w./${}-]+(?:#.+)?",
        "Bank-Vaults' vault-env, from HashiCorp Vault",
        f"Start the bot with vault-env COMMAND: {_HANDED_OVER}; in Kubernetes its webhook does so for annotated pods.",
    ),
    Filling(
        "vals",
        r"ref\+\w+://.+",
        "vals (helmfile)",
        f"Start the bot with vals exec -f FILE -- COMMAND: {_HANDED_OVER}.",
    ),
    Filling(
        "cloud",
        r"arn:aws[\w-]*:(?:secretsmanager|ssm):.+|(?:aws-|gcp-)?(?:sm|ssm|secretsmanager)://.+|gcp:secretmanager:.+"
        r"|projects/[^/]+/secrets/[^/]+(?:/versions/[^/]+)?|secretref:.+|@Microsoft\.KeyVault\(.+\)|akv?s?://.+",
        "the cloud's own service (a task on AWS, Cloud Run, Azure's App Service), where it is set as a secret, not as "
        "a plain variable",
        "Set it as a secret of the service, and look at the variable inside the running container.",
    ),
    Filling(
        "path",
        r"(?:file:(?://)?)?/(?:run|var/run|etc|mnt)/(?:secrets|secrets-store)/[\w./-]+",
        "nobody: it is the path of a file, and the bot takes the path for the value",
        "Let the bot read the file, or name it by a variable that ends in _FILE where the bot knows such a one.",
    ),
    Filling(
        "code",
        r"process\.env\.(?P<name>\w+)|(?:os\.)?(?:environ|getenv|env|ENV)[\[(]\W?(?P<bare>\w+)\W?[\])]"
        r"|System\.getenv\(\W?(?P<java>\w+)\W?\)|env:(?P<env>[A-Z_][A-Z0-9_]*)",
        "the bot's own code, where it stands there without quotes",
        "Take the quotes away in the code, or write the value itself in the file.",
    ),
)
"""The forms, a special one before one that is more general. Sources: each program's own manual."""

_ANY: Final = re.compile("|".join(re.sub(r"\?P<\w+>", "?:", filling.pattern) for filling in FILLINGS), re.DOTALL)
"""Every form at once: most texts are none of them, and each value of each request is asked."""
_BY_ID: Final = {filling.id: filling for filling in FILLINGS}
_LONGEST: Final = 512
_PLAIN_NAME: Final = re.compile(r"[A-Z][A-Z0-9_]{0,63}", re.ASCII)
"""A name that cannot be a passphrase of OKX's, which have small letters: only such a one is shown between signs."""
_ANY_NAME: Final = re.compile(r"[A-Za-z_][\w.-]{0,63}", re.ASCII)
_WITH_A_WORD: Final = ("github", "editor", "powershell", "code")
_SERVERS: Final = ("mcpServers.", "servers.", "mcp.")
"""The keys that MCP's programs keep their servers below."""


class Reference(Struct, frozen=True):
    """A reference by the id of its form, with the name of what it refers to, empty where it has none to show."""

    form: str
    name: str = ""


def reference(text: str, key: str = "") -> Reference | None:
    """The reference that a whole text is; ``None`` for any other text. ``key`` is its dotted key in a document."""
    bare = text.strip()
    if not bare or len(bare) > _LONGEST or not _ANY.fullmatch(bare):
        return None
    for known in FILLINGS:
        if found := re.fullmatch(known.pattern, bare, re.DOTALL):
            name = next((each for each in found.groupdict().values() if each), "")
            shown = (_ANY_NAME if known.id in _WITH_A_WORD else _PLAIN_NAME).fullmatch(name)
            form = "mcp" if known.id == "shell" and key.startswith(_SERVERS) else known.id
            return Reference(form, name if shown else "")
    return None


def left_empty(written: str, value: str) -> Reference | None:
    """The reference that a loader made an empty value of, since what it refers to is not set."""
    if value.strip():
        return None
    quoted = re.match(r"""\s*(["'])(.*)\1""", written, re.DOTALL)
    return reference(quoted.group(2) if quoted else re.split(r"\s#", written)[0])


def filling(form: str) -> Filling | None:
    """The form of an id; ``None`` for one that is not known here."""
    return _BY_ID.get(form)
