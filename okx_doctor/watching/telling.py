"""A line for people, and one of JSON, about what happened while watching. Pure."""

from __future__ import annotations

import json

from okx_doctor.protocol.timestamps import NoDate, rest_timestamp
from okx_doctor.secrets.foreign_text import visible_name
from okx_doctor.watching.standing import SCHEMA, Event, Notice, State


def moment(at: float) -> str:
    """A time to the second, in UTC; a word where the calendar has none for it."""
    try:
        return f"{rest_timestamp(at)[:19]}Z"
    except NoDate:
        return "at no known date"


def line(event: Event) -> str:
    """One line that says what changed, and since when it had been as it was."""
    if isinstance(event, Notice):
        return f"{moment(event.at)} {visible_name(event.text)}\n"
    named = visible_name(event.name)
    said = f"{moment(event.at)} {named} is {_state(event.now)}"
    if event.gone:
        said += f"; gone: {', '.join(event.gone)}"
    if event.was is not None and event.since is not None:
        said += f"; it was {event.was.health.value} since {moment(event.since)}"
    return f"{said}\n"


def json_line(event: Event) -> str:
    """The same as one line of JSON."""
    return f"{json.dumps(fields(event), ensure_ascii=False)}\n"


def fields(event: Event) -> dict[str, object]:
    """The same as plain values."""
    if isinstance(event, Notice):
        return {"schema": SCHEMA, "kind": "notice", "at": moment(event.at), "text": event.text}
    return {
        "schema": SCHEMA,
        "kind": "change",
        "at": moment(event.at),
        "about": event.about,
        "name": event.name,
        "status": event.now.health.value,
        "causes": causes(event.now),
        "appeared": list(event.appeared),
        "gone": list(event.gone),
        "was": event.was.health.value if event.was else None,
        "since": moment(event.since) if event.since is not None else None,
    }


def causes(state: State) -> list[dict[str, str]]:
    return [{"id": cause.id, "severity": cause.severity, "confidence": cause.confidence} for cause in state.causes]


def _state(state: State) -> str:
    named = ", ".join(f"{cause.id} ({cause.confidence})" for cause in state.causes)
    return f"{state.health.value}: {named}" if named else state.health.value
