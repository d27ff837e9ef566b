"""Where okx-doctor's own repository is. The one setting is ``Repository`` under ``project.urls`` in pyproject.toml.

While it is not set, no output names or guesses an address.
"""

from __future__ import annotations


def address() -> str | None:
    """The repository's address as the installed package has it."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        urls = metadata("okx-doctor").get_all("Project-URL") or ()
    except PackageNotFoundError:
        return None
    return next((url.removeprefix("Repository, ") for url in urls if url.startswith("Repository, ")), None)


def please_report() -> str:
    """The words that ask for a report of a bug, and say where to send it if there is such a place."""
    here = address()
    return f"please report it: {here.rstrip('/')}/issues" if here else "please report it"
