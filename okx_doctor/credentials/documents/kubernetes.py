"""Secrets of Kubernetes in a manifest: ``data`` decoded, ``stringData`` as it is, one section for each Secret.

https://kubernetes.io/docs/concepts/configuration/secret/
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Final

import yaml

from okx_doctor.credentials import shapes
from okx_doctor.credentials.documents import go_yaml
from okx_doctor.credentials.documents.home import Leaf
from okx_doctor.credentials.documents.sections import slot_of
from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.mangling import LoaderChange
from okx_doctor.secrets.secret import Secret

_SEALED: Final[Mapping[str, str]] = {
    "SealedSecret": "holds a SealedSecret, which only its cluster can open",
    "ExternalSecret": "holds an ExternalSecret, which only names where the values are kept",
    "ClusterExternalSecret": "holds a ClusterExternalSecret, which only names where the values are kept",
}
_TEXT: Final = "tag:yaml.org,2002:str"
_MAX_DOCUMENTS: Final = 1_000
_NEWLINE: Final = "ends with the newline that echo leaves before base64"
_TWICE: Final = "is base64 of base64, and Kubernetes decodes it once"
_IN_PLAIN: Final = "is base64 under stringData, which takes the text itself"
_NO_TEXT: Final = "is not quoted, so that YAML makes no text of it, and Kubernetes refuses the Secret"


def leaves(text: str, named: str) -> list[Leaf]:
    """Every value of every Secret, a section for each. Raises ``UnusableFile`` that begins with ``named``."""
    found: list[Leaf] = []
    others: list[str] = []
    try:
        for count, document in enumerate(yaml.compose_all(text, yaml.SafeLoader)):
            if count >= _MAX_DOCUMENTS:
                raise UnusableFile(f"{named} holds more than {_MAX_DOCUMENTS} documents")
            for resource in _resources(document):
                kind = _scalar(resource.get("kind"))
                if kind == "Secret":
                    found += _secret(resource, named)
                elif kind in _SEALED:
                    others.append(_SEALED[kind])
    except yaml.MarkedYAMLError as error:  # its text quotes the line; only the place is taken from it
        mark = error.problem_mark or error.context_mark
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise UnusableFile(f"{named} is not YAML{where}; a text stands in single quotes") from None
    except (yaml.YAMLError, RecursionError):
        raise UnusableFile(f"{named} is not YAML that can be followed") from None
    if not found and others:
        raise UnusableFile(
            f"{named} {others[0]}; run kubectl get secret NAME -o yaml | okx-doctor check --credentials -"
        )
    return found


def quoted(key: str) -> str:
    """A key's line as it keeps every character."""
    return f"stringData: {{{key}: '…'}}, or under data what printf %s '…' | base64 -w0 prints"


def _resources(node: yaml.Node | None) -> Iterator[Mapping[str, yaml.Node]]:
    """The resources of a document; a List holds them in ``items``."""
    parts = _parts(node)
    items = parts.get("items")
    if isinstance(items, yaml.SequenceNode):
        for item in items.value:
            yield _parts(item)
    elif parts:
        yield parts


def _parts(node: yaml.Node | None) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {key.value: inner for key, inner in node.value if isinstance(key, yaml.ScalarNode)}


def _scalar(node: yaml.Node | None) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def _secret(resource: Mapping[str, yaml.Node], named: str) -> Iterator[Leaf]:
    """The values of one Secret; those of ``stringData`` come last, since they win."""
    name = _scalar(_parts(resource.get("metadata")).get("name")) or "Secret"
    for part, read in (("data", _decoded), ("stringData", _as_it_stands)):
        for key, node in _parts(resource.get(part)).items():
            if not isinstance(node, yaml.ScalarNode) or slot_of(key) is None:
                continue
            where = f"{named} line {node.start_mark.line + 1}: {part}.{key}"
            value, change = read(node, where)
            yield Leaf(
                path=(name, key),
                text=Secret(value),
                line=node.start_mark.line + 1,
                change=change or _not_text(node),
                key=f"{part}.{key}",
            )


def _not_text(node: yaml.ScalarNode) -> LoaderChange | None:
    """A scalar that one of the readers of Kubernetes' tools makes a number or a truth value of."""
    written = str(node.value)
    if node.style is not None or not written:
        return None
    try:
        if node.tag == _TEXT and go_yaml.plain(written) == written:
            return None
    except go_yaml.NoScalar:
        pass
    return LoaderChange(character="", what=_NO_TEXT, meant=Secret(written))


def _decoded(node: yaml.ScalarNode, where: str) -> tuple[str, LoaderChange | None]:
    written = str(node.value)
    value = _from_base64(written)
    if value is None:
        raise UnusableFile(f"{where} is not base64 of a text; write it under stringData as it is, or encode it")
    inner = _told(value.rstrip("\r\n"))
    if inner:
        return value, LoaderChange(character="", what=_TWICE, meant=Secret(inner.rstrip("\r\n")))
    if value.endswith("\n"):
        return value, LoaderChange(character="", what=_NEWLINE, meant=Secret(value.rstrip("\r\n")))
    return value, None


def _as_it_stands(node: yaml.ScalarNode, where: str) -> tuple[str, LoaderChange | None]:
    value = str(node.value)
    inner = _told(value.strip())
    return value, LoaderChange(character="", what=_IN_PLAIN, meant=Secret(inner.rstrip("\r\n"))) if inner else None


def _from_base64(text: str) -> str | None:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None


def _told(text: str) -> str:
    """The credential that a text is base64 of, without a doubt: by its shape, or as a passphrase with its signs.

    Many a passphrase of letters and digits is base64 by chance; what it decodes to is none of these.
    """
    inner = _from_base64(text) if len(text) >= 8 else None
    if inner is None or not all(" " <= char < "\x7f" for char in inner.rstrip("\r\n")):
        return ""
    bare = inner.rstrip("\r\n")
    signs = re.search(r"[^A-Za-z0-9]", bare) and re.search(r"\d", bare) and shapes.letter_case(bare) == "mixed"
    return inner if shapes.shape(bare) in ("uuid", "hex32") or (signs and len(bare) >= 8) else ""
