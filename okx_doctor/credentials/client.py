"""Which client the credentials belong to, by the names that they are kept under."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from okx_doctor.catalogue.clients.client import Client
from okx_doctor.catalogue.clients.recognise import client_named
from okx_doctor.credentials.env_file import EnvFile
from okx_doctor.credentials.places import Place


def client_of_places(places: Iterable[Place], environ: Mapping[str, str]) -> Client | None:
    """The client that the files tell of, else the environment; ``None`` where neither does."""
    for place in places:
        names = place.lines if isinstance(place, EnvFile) else place.keys
        if found := client_named(names=frozenset(names), file=place.label):
            return found
    return client_named(names=frozenset(environ))
