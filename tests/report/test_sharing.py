"""Addresses in reports that other people see are cut short; nothing else is touched."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict

from okx_doctor.model import Report
from okx_doctor.report.sharing import for_others, mapped, masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("it saw 203.0.113.77, not on the list.", "it saw 203.0.113.x, not on the list."),
        ("203.0.113.77", "203.0.113.x"),
        ("ends with 203.0.113.77.", "ends with 203.0.113.x."),
        ("http://10.9.8.7:3128/p", "http://10.9.8.x:3128/p"),
        ("2001:db8:5::9", "2001:db8:5:x"),
        ("https://[2001:db8:5::9]:443", "https://[2001:db8:5:x]:443"),
        ("2001:db8:5::9: no answer", "2001:db8:5:x: no answer"),
        ("::ffff:203.0.113.77", "::ffff:203.0.113.x"),
        ("fe80::1%eth0", "fe80:0:0:x%eth0"),
        ("2a02:8108:1:2:3:4:5:6", "2a02:8108:1:x"),
    ],
)
def test_an_address_is_cut_short(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:80 and [::1]:80",
        "2026-11-22T13:54:07.123Z",
        "45.0 s behind OKX (± 0.021 s), 203.05 s",
        "version 1.2.3, v1.2.3.4, 1.2.3.4.5",
        "00:1a:2b:3c:4d:5e",
        "std::vector, x::y, ::, dead: code::",
        "site:eea, call 3: refused",
    ],
)
def test_what_is_no_address_or_this_machine_itself_stays(text: str) -> None:
    assert masked(text) == text


@given(
    st.ip_addresses(), st.sampled_from(["{}", "at {}, refused", "https://[{}]:443/", "ip={}", "'{}'", "{}:", "({})."])
)
def test_no_address_is_shown_in_full(address: IPv4Address | IPv6Address, around: str) -> None:
    within = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    own = (within or address).is_loopback or (within or address).is_unspecified
    shown = masked(around.format(address))
    assert own or str(address) not in shown
    assert own or within is None or str(within) not in shown


@given(st.text())
def test_any_text_can_be_masked_twice(text: str) -> None:
    assert masked(masked(text)) == masked(text)


def test_a_whole_report_is_masked_where_it_names_addresses_and_keeps_its_form(reports: Mapping[str, Report]) -> None:
    report = reports["requests"]
    shown = str(asdict(for_others(report)))
    assert "203.0.113.77" in str(asdict(report))
    assert "203.0.113.77" not in shown and "2001:db8:5::" not in shown and "203.0.113.x" in shown
    assert mapped(report, lambda text: text) == report
