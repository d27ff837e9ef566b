"""A value that cannot be printed. Imports nothing of the package."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

MASK = "[hidden]"

Record = TypeVar("Record")


class Secret:
    """Text that shows neither in ``repr``, ``str`` and ``format`` nor in a pickle or a traceback.

    ``reveal()`` is for signing, for building headers, for reading what a file means, and for masking.
    """

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        return self.__text

    def changed(self, change: Callable[[str], str]) -> Secret:
        """Another spelling of it (``str.strip``), as secret as this one."""
        return Secret(change(self.__text))

    def __len__(self) -> int:
        return len(self.__text)

    def __bool__(self) -> bool:
        return bool(self.__text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.__text == other.reveal()

    def __hash__(self) -> int:
        return hash(self.__text)

    def __repr__(self) -> str:
        return f"Secret({len(self.__text)} characters)"

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __reduce__(self) -> tuple[type, tuple[str]]:
        return (Secret, (MASK,))


def shows_only(*names: str) -> Callable[[type[Record]], type[Record]]:
    """Give a record that holds secrets as text a ``repr`` of these fields and nothing of the others.

    Dataclasses (below or above their own decorator), named tuples and ``msgspec.Struct`` hide alike.
    """

    def hiding(record: type[Record]) -> type[Record]:
        def shown(self: object) -> str:
            fields = [f"{name}={getattr(self, name)!r}" for name in names]
            return f"{record.__qualname__}({', '.join([*fields, '…'])})"

        record.__repr__ = shown  # type: ignore[method-assign]  # the point of it
        return record

    return hiding
