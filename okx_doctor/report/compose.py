"""The Compose file for machines on which nothing can be sealed off: the bot on a network without a way out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from okx_doctor.confining.trust import CA_BUNDLE, VARIABLES
from okx_doctor.protocol.sites import hosts

_TRUST: Final = "/trust"
_CA: Final = f"{_TRUST}/ca.pem"
_READY: Final = f"{_TRUST}/ready.json"
_HOOK: Final = "python -c 'import okx_doctor.confining.certifi_hook as hook; print(hook.__file__)'"


def compose_file(command: Sequence[str], site: str, demo: bool) -> str:
    """The file. ``command`` is the bot's own, empty where its image has one."""
    names = sorted(hosts())
    listen = [
        *("okx-doctor", "listen", "--host", "0.0.0.0", "--expose", "--port", "443"),  # noqa: S104  of a network of two
        *("--site", site, "--demo" if demo else "--live", "--tls", _CA, "--ready-file", _READY),
        *(part for name in names for part in ("--host-name", name)),
    ]
    start = f'cp "$({_HOOK})" {_TRUST}/sitecustomize.py && exec {" ".join(listen)}'
    variables = {**dict.fromkeys((*VARIABLES, CA_BUNDLE), _CA), "PYTHONPATH": _TRUST}
    own = [f"    command: {_quoted(list(command))}"] if command else []
    lines = [
        "# The bot as it is, where every name of OKX leads to okx-doctor and no network leads out.",
        "# Put okx-doctor's wheel beside this file: pip wheel --no-deps FOLDER-OF-ITS-CLONE",
        "# docker compose up --build --abort-on-container-exit; ^C ends and sums up.",
        "services:",
        "  okx:",
        "    build:",
        "      context: .",
        "      dockerfile_inline: |",
        "        FROM python:3.13-slim",
        "        COPY okx_doctor-*.whl /tmp/",
        "        RUN pip install --no-cache-dir /tmp/okx_doctor-*.whl",
        f"    command: {_quoted(['sh', '-c', start])}",
        "    stop_signal: SIGINT",
        "    env_file: .env  # the bot's credentials: its requests are judged with them",
        "    volumes:",
        f"      - trust:{_TRUST}",
        "    networks:",
        "      okx:",
        "        aliases:",
        *(f"          - {name}" for name in names),
        "    healthcheck:",
        f"      test: {_quoted(['CMD-SHELL', f'test -s {_READY} && chmod a+r {_CA}'])}  # whatever user the bot is",
        "      interval: 1s",
        "      retries: 60",
        "  bot:",
        "    build: .  # the bot's own image",
        *own,
        "    env_file: .env",
        "    environment:",
        *(f"      {name}: {_quoted(value)}" for name, value in variables.items()),
        "    volumes:",
        f"      - trust:{_TRUST}:ro",
        "    networks:",
        "      - okx  # this one alone",
        "    depends_on:",
        "      okx:",
        "        condition: service_healthy",
        "networks:",
        "  okx:",
        "    internal: true",
        "volumes:",
        "  trust:",
    ]
    return "\n".join([*lines, ""])


def _quoted(value: object) -> str:
    """As JSON, which YAML takes; Compose reads a dollar as a variable unless it is written twice."""
    return json.dumps(value).replace("$", "$$")
