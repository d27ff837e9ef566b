"""Where okx-doctor's own repository and manual are: ``Repository`` and ``Documentation`` under ``project.urls`` in
pyproject.toml.

While one is not set, no output names or guesses its address.
"""

from __future__ import annotations


def address() -> str | None:
    """The repository's address as the installed package has it."""
    return _set("Repository")


def page_of(cause: str) -> str | None:
    """The address of a cause's page in the manual."""
    manual = _set("Documentation")
    return f"{manual.rstrip('/')}/causes/{cause}.html" if manual else None


def please_report() -> str:
    """The words that ask for a report of a bug, and say where to send it if there is such a place."""
    here = address()
    return f"please report it: {here.rstrip('/')}/issues" if here else "please report it"


def _set(name: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        urls = metadata("okx-doctor").get_all("Project-URL") or ()
    except PackageNotFoundError:
        return None
    return next((url.removeprefix(f"{name}, ") for url in urls if url.startswith(f"{name}, ")), None)
