"""A value that cannot be printed. Imports nothing of the package."""

from __future__ import annotations

from collections.abc import Callable

MASK = "[hidden]"


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


def safe_repr(record: object, *names: str) -> str:
    """The ``repr`` of a record that holds secrets as text: these fields and nothing of the others.

    For ``__repr__`` in the class itself, so that a dataclass, a named tuple and a ``msgspec.Struct`` hide alike.
    """
    fields = [f"{name}={getattr(record, name)!r}" for name in names]
    return f"{type(record).__qualname__}({', '.join([*fields, '…'])})"
