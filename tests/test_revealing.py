"""Where a secret is opened: in these modules and nowhere else, so that one more must be argued for here."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

import pytest

import okx_doctor

pytestmark = pytest.mark.slow

REVEALING: Final = (
    # to sign, and to build the headers of a request
    "protocol.signing",
    "protocol.keyed",
    "gate.evaluate",
    "forensics.search.parts",
    "forensics.search.hypotheses",
    "forensics.stand_ins",
    "cli.sign",
    # to read what a loader makes of the text of a file
    "credentials.env_file",
    "credentials.dialects.bash",
    "credentials.mangling",
    "credentials.comparing",
    "credentials.documents.sections",
    "credentials.documents.compose",
    "credentials.documents.toml",
    "credentials.spelling",
    "report.env_files",
    # to read the shape of a value
    "credentials.load",
    "credentials.slots",
    "probes.values",
    "forensics.structure.__init__",
    "cli.survey",
    # to send a run through the proxy that the bot's own file names
    "credentials.beside",
    "peeling.corrections",
    # to look for it in what is about to be written, or about to be committed
    "secrets.secret",
    "secrets.redactor",
    "secrets.request_masks",
    "cli.guard",
    # to give a bot the credentials that were made for it
    "gate.accounts",
    "cli.exchange_options",
    # to serve with a certificate, whose key is made for it, and perhaps by another process
    "gate.serve.certificates",
    "gate.serve.issuing",
    # to know a demo key's account as OKX does
    "surveying.with_key",
)
"""Modules that open a value themselves (``Secret.reveal``)."""

USING: Final = (
    # ``Keys.opened``: to hash and compare, and to tell the listener's own child
    "forensics.inspector",
    "forensics.search.hypotheses",
    "listening.explainer",
    # ``accounts.variables``: what a bot is given in its environment
    "cli.listen",
    "cli.sealed_run",
    "checking.simulation",
    "testing.exchange",
    "testing.running",
    # ``signing.signed_headers`` and ``signing.login_argument``
    "probes.machine",
    "probes.signed",
    "probes.websocket",
    "surveying.questions",
)
"""Modules that have values opened for them."""

_OPENED_FOR: Final = {"variables", "signed_headers", "login_argument"}


def _modules() -> dict[str, list[ast.AST]]:
    root = Path(okx_doctor.__file__).parent
    return {
        ".".join(path.relative_to(root).with_suffix("").parts): list(ast.walk(ast.parse(path.read_text("utf-8"))))
        for path in root.rglob("*.py")
    }


def _with_attribute(*names: str) -> set[str]:
    """Modules that take such an attribute of anything, called or not."""
    return {
        module
        for module, nodes in _modules().items()
        if any(isinstance(node, ast.Attribute) and node.attr in names for node in nodes)
    }


def test_a_secret_is_revealed_in_these_modules_only() -> None:
    assert _with_attribute("reveal") == set(REVEALING)


def test_a_secret_is_opened_on_behalf_of_these_modules_only() -> None:
    imported = {
        module
        for module, nodes in _modules().items()
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        and node.module in ("okx_doctor.gate.accounts", "okx_doctor.protocol.signing")
        and _OPENED_FOR & {alias.name for alias in node.names}
    }

    assert imported | _with_attribute("opened") == set(USING)


def test_no_module_reaches_behind_the_type() -> None:
    assert _with_attribute("_Secret__text", "__getattribute__") == set()
    assert _with_attribute("__text") == {"secrets.secret"}
