"""Numbers as languages spell them: from the spelling that was sent to the one that each makes of the same number."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal


def as_sent(number: str) -> str:
    return number


def _parts(number: str) -> tuple[str, str, int] | None:
    """Sign, digits without zeros at either end, and the power of ten of the first digit, of a 64-bit float."""
    value = float(number)
    if value in (float("inf"), float("-inf")):
        return None
    shortest = Decimal(repr(abs(value)))
    digits = "".join(map(str, shortest.as_tuple().digits)).strip("0")
    return "-" if value < 0 else "", digits or "0", shortest.adjusted() if value else 0


def _plain(sign: str, digits: str, power: int, zero: bool) -> str:
    if power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{digits}"
    whole, rest = digits[: power + 1].ljust(power + 1, "0"), digits[power + 1 :]
    return f"{sign}{whole}.{rest}" if rest else f"{sign}{whole}{'.0' if zero else ''}"


def _floating(low: int, high: int, exponent: Callable[[str, str, int], str], zero: bool) -> Callable[[str], str]:
    """A writer of floats: plain from ``10**low`` to below ``10**high``, outside of it with an exponent."""

    def write(number: str) -> str:
        if not set(number) & set(".eE"):
            return number
        parts = _parts(number)
        if parts is None:
            return number
        sign, digits, power = parts
        if low <= power < high or digits == "0":
            return _plain(sign, digits, power, zero)
        return exponent(sign, digits, power)

    return write


def _js_exponent(sign: str, digits: str, power: int) -> str:
    fraction = f".{digits[1:]}" if digits[1:] else ""
    return f"{sign}{digits[0]}{fraction}e{'+' if power > 0 else '-'}{abs(power)}"


def _java_exponent(sign: str, digits: str, power: int) -> str:
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{power}"


def _dotnet_exponent(sign: str, digits: str, power: int) -> str:
    fraction = f".{digits[1:]}" if digits[1:] else ""
    return f"{sign}{digits[0]}{fraction}E{'+' if power > 0 else '-'}{abs(power):02d}"


def _php_exponent(sign: str, digits: str, power: int) -> str:
    return f"{sign}{digits[0]}.{digits[1:] or '0'}e{'+' if power > 0 else '-'}{abs(power)}"


def python_number(number: str) -> str:
    return repr(float(number)) if set(number) & set(".eE") else number


js_number = _floating(-6, 21, _js_exponent, zero=False)
go_number = js_number
java_number = _floating(-3, 7, _java_exponent, zero=True)
dotnet_number = _floating(-5, 15, _dotnet_exponent, zero=False)
php_number = _floating(-4, 15, _php_exponent, zero=False)
ruby_number = _floating(-4, 16, lambda s, d, p: f"{s}{d[0]}.{d[1:] or '0'}e{'+' if p > 0 else '-'}{abs(p):02d}", True)
