"""Of what a server chose nothing is repeated but words that are known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okx_doctor.observations import CallAnswer
from okx_doctor.probes.http import Reply
from okx_doctor.probes.network import short
from okx_doctor.protocol.answers import KNOWN_TITLES, Answer, Form
from okx_doctor.protocol.sites import NOT_API_HOSTS, hosts
from okx_doctor.secrets.redactor import Redactor, redactor_of
from okx_doctor.secrets.secret import Secret

KEY = "5b8e1f60-77aa-4e1c-9d52-64c1fe3ab985"
NOTHING = redactor_of(())


def told(
    redactor: Redactor = NOTHING, *, message: str = "", redirect_host: str = "", code: str = "", caller_ip: str = ""
) -> CallAnswer:
    answer = Answer(
        status=403,
        form=Form.PAGE if message else Form.OKX,
        message=message,
        redirect_host=redirect_host,
        code=code,
        caller_ip=caller_ip,
    )
    found = short(Reply(answer=answer), redactor)
    assert found is not None
    return found


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=8))
def test_no_text_of_a_server_is_repeated(title: str, host: str, code: str) -> None:
    answer = told(message=title, redirect_host=host, code=code)

    assert answer.message in ("", *KNOWN_TITLES, *(known[4:] for known in KNOWN_TITLES))
    assert answer.redirect_host in ("", "another host", *hosts(), *NOT_API_HOSTS)
    assert answer.code in ("", "unknown") or answer.code.lstrip("-").isdecimal()


@pytest.mark.parametrize("title", KNOWN_TITLES)
def test_a_known_title_is_told(title: str) -> None:
    assert told(message=title.upper()).message == title


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("www.okx.com", "www.okx.com"),
        ("WWW.OKX.COM", "www.okx.com"),
        ("demo.okx.com", "demo.okx.com"),
        ("hunter22.okx.com", "another host"),
        ("hunter22", "another host"),
        ("www.okx.com.example", "another host"),
        ("", ""),
    ],
)
def test_a_host_is_told_by_name_where_it_is_known(host: str, said: str) -> None:
    assert told(redirect_host=host).redirect_host == said


@pytest.mark.parametrize(
    ("code", "passphrase", "said"),
    [
        ("50105", "50105", "50105"),
        ("0", "x", "0"),
        ("59898", "x", "59898"),
        ("59898", "59898", "unknown"),
        ("123456", "1234567", "unknown"),
        ("1234_56", "x", "unknown"),
    ],
)
def test_a_code_is_told_where_it_is_known_or_has_the_form_of_one(code: str, passphrase: str, said: str) -> None:
    assert told(redactor_of([Secret(passphrase)]), code=code).code == said


def test_an_address_that_is_a_credential_s_digits_is_not_repeated() -> None:
    digits = KEY.replace("-", "")
    address = ":".join(digits[at : at + 4] for at in range(0, 32, 4))

    assert told(redactor_of([Secret(KEY)]), caller_ip=address).caller_ip == ""
    assert told(redactor_of([Secret(digits)]), caller_ip=address).caller_ip == ""
    assert told(redactor_of([Secret(KEY)]), caller_ip="2001:db8::7").caller_ip == "2001:db8::7"
