"""The local clock's error, taken from OKX's time and from NTP. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from okx_doctor.observations import MAX_UNCERTAINTY_SECONDS, Evidence, ExchangeTime, NtpTime

READS = (ExchangeTime, NtpTime)

ERROR_SECONDS: Final = 30.0
WARNING_SECONDS: Final = 5.0
QUARTER_HOUR: Final = 900.0
MAX_ZONE_SECONDS: Final = 14 * 3600.0
_MARGIN_S: Final = 0.01
"""Seconds by which two servers' intervals may miss each other and still agree: delays are not symmetric."""


class Offset(Struct, frozen=True, kw_only=True):
    """The reference's clock minus the local one, in seconds, with its doubt and where it comes from."""

    seconds: float
    uncertainty: float
    reference: str

    @property
    def certain(self) -> float:
        """By how much the clock is off at the very least."""
        return max(0.0, abs(self.seconds) - self.uncertainty)

    @property
    def zone_like(self) -> bool:
        """Whether it is a multiple of 15 minutes, within what a synchronised clock and the doubt allow."""
        nearest = round(self.seconds / QUARTER_HOUR) * QUARTER_HOUR
        return (
            nearest != 0
            and abs(self.seconds) <= MAX_ZONE_SECONDS + WARNING_SECONDS
            and abs(self.seconds - nearest) <= WARNING_SECONDS + self.uncertainty
        )

    def __str__(self) -> str:
        direction = "behind" if self.seconds > 0 else "ahead of"
        return f"{in_words(abs(self.seconds))} {direction} {self.reference} (± {in_words(self.uncertainty)})"


def exchange_offset(evidence: Evidence) -> Offset | None:
    """The offset against OKX: of all samples the one with the smallest round trip."""
    samples = evidence.all(ExchangeTime)
    if not samples:
        return None
    best = min(samples, key=lambda sample: sample.uncertainty_s)
    return Offset(seconds=best.offset_s, uncertainty=best.uncertainty_s, reference="OKX")


def explains_refusal(samples: Sequence[ExchangeTime]) -> bool:
    """Whether OKX's time, by every sample of it, is farther from the local clock than OKX allows, and one way."""
    off = [sample for sample in samples if abs(sample.offset_s) - sample.uncertainty_s > ERROR_SECONDS]
    return bool(off) and len(off) == len(samples) and len({sample.offset_s > 0 for sample in off}) == 1


def agrees(samples: Sequence[ExchangeTime]) -> bool:
    """Whether the local clock is so near to OKX's that to sign with the one or the other is the same to OKX."""
    near = ERROR_SECONDS - WARNING_SECONDS
    return all(abs(sample.offset_s) + sample.uncertainty_s <= near for sample in samples)


def ntp_offset(evidence: Evidence) -> Offset | None:
    """The offset that most time servers agree on; ``None`` where none answered or no majority agrees."""
    samples = evidence.all(NtpTime)
    agreeing = largest_agreement(samples)
    if not agreeing or len(agreeing) * 2 <= len(samples):
        return None
    best = min(agreeing, key=lambda sample: sample.uncertainty_s)
    return Offset(seconds=best.offset_s, uncertainty=best.uncertainty_s, reference="time servers")


def largest_agreement(samples: Sequence[NtpTime]) -> tuple[NtpTime, ...]:
    """The largest set of samples whose intervals (offset ± doubt) share a point: the others are outliers.

    One that is in too much doubt agrees with everything and counts with nothing.
    """
    best: tuple[NtpTime, ...] = ()
    usable = [sample for sample in samples if sample.uncertainty_s <= MAX_UNCERTAINTY_SECONDS]
    for sample in usable:
        point = sample.offset_s - sample.uncertainty_s - _MARGIN_S
        sharing = tuple(other for other in usable if abs(other.offset_s - point) <= other.uncertainty_s + 2 * _MARGIN_S)
        best = max(best, sharing, key=len)
    return best


def in_words(seconds: float) -> str:
    """A duration for people: ``0.012 s``, ``45.2 s``, ``2 h 0 min``, ``3 d 4 h``."""
    if seconds < 1:
        return f"{seconds:.3f} s"
    if seconds < 120:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min {int(seconds % 60)} s"
    if seconds < 172_800:
        return f"{int(seconds // 3600)} h {int(seconds % 3600 // 60)} min"
    return f"{int(seconds // 86_400)} d {int(seconds % 86_400 // 3600)} h"
