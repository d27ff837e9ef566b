"""``inspect()``: captured requests read and judged, with nothing secret left in what is said of them."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from msgspec import Struct

from okx_doctor.credentials.load import Credentials
from okx_doctor.forensics.captures.capture import Unreadable
from okx_doctor.forensics.captures.detect import FORMS, pieces
from okx_doctor.forensics.inspector import Inspector, inspect_each
from okx_doctor.forensics.masked_verdict import RequestVerdict, masked_verdict
from okx_doctor.forensics.search.subject import keys
from okx_doctor.forensics.stand_ins import all_resolved
from okx_doctor.forensics.tally import Tally
from okx_doctor.forensics.verdict import Validity
from okx_doctor.secrets.request_masks import Masks
from okx_doctor.settings import known_ids


class InspectionReport(Struct, frozen=True, kw_only=True):
    """All requests of a capture. ``remarks`` say what they have in common; ``unreadable`` are the other pieces."""

    requests: tuple[RequestVerdict, ...]
    remarks: tuple[str, ...]
    unreadable: tuple[str, ...]

    @property
    def healthy(self) -> bool:
        """Whether something signed was there, all of it could be read, and nothing is wrong with it."""
        signed = any(request.verdict is not Validity.UNSIGNED for request in self.requests)
        return signed and not self.unreadable and all(request.healthy for request in self.requests)


def inspect(
    capture: str | bytes,
    credentials: Credentials | None = None,
    *,
    form: str | None = None,
    deep: bool = False,
    read_files: bool = False,
) -> InspectionReport:
    """Say what captured requests signed wrongly, as ``okx-doctor inspect`` does.

    ``capture`` is the content: curl commands, HAR, raw HTTP, JSON, a client's verbose log; ``form`` says which where
    its look does not. The signature is checked with ``credentials``; without them only faults that show without a
    secret are reported, and nothing is healthy. Sends nothing, reads no environment and no file, and leaves no
    credential in the result. With ``read_files`` the files in the working directory that a curl command takes its body
    from are read; their content is not shown. A request that nothing explains takes about a second, and with ``deep``
    far longer. Raises ``UsageError`` for an unknown form.
    """
    known_ids(() if form is None else (form,), FORMS, "form of capture")
    loaded = None if credentials is None else keys(credentials)
    masks, tally = Masks(() if credentials is None else credentials.secrets()), Tally()
    requests: list[RequestVerdict] = []
    unreadable: list[str] = []
    raw = capture.encode("utf-8", "surrogatepass") if isinstance(capture, str) else capture
    given = all_resolved(pieces(BytesIO(raw), form, Path.cwd() if read_files else None), loaded)
    for found in inspect_each(given, Inspector(loaded, deep=deep)):
        if isinstance(found, Unreadable):
            unreadable.append(masks.loaded.sentence(f"{found.place} {found.why}"))
            continue
        tally.add(found)
        requests.append(masked_verdict(found, masks.carried(found.capture.request)))
    return InspectionReport(
        requests=tuple(requests),
        remarks=tuple(map(masks.loaded.sentence, tally.remarks())),
        unreadable=tuple(unreadable),
    )
