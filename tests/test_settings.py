from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okx_doctor.credentials.env_file import EnvFile, parse_env_file
from okx_doctor.credentials.variables import DEMO_VARIABLES
from okx_doctor.protocol.sites import SITE_IDS, SITES
from okx_doctor.settings import DEFAULT_NTP, Options, Settings, UsageError, known_ids, settle, split_server

ONE_SITE = "global=http://127.0.0.1:8001"
TWO_SITES = "eea=http://127.0.0.1:8002,global=http://127.0.0.1:8001"


def _file(*lines: str) -> EnvFile:
    return parse_env_file("\n".join(lines), "bot.env")


def _settled(environ: Mapping[str, str] | None = None, *lines: str, options: Options | None = None) -> Settings:
    return settle(options or Options(), environ or {}, (_file(*lines),) if lines else ())


def _refused(environ: Mapping[str, str] | None = None, *lines: str, options: Options | None = None) -> str:
    """The one line that says why a run cannot be started as asked."""
    with pytest.raises(UsageError) as caught:
        _settled(environ, *lines, options=options)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_without_a_word_it_is_the_global_site_live() -> None:
    target = _settled().target

    assert (target.site, target.base_url, target.demo, target.official) == (
        "global",
        "https://openapi.okx.com",
        False,
        True,
    )
    assert target.other_sites == ("eea", "us", "tr", "au")
    assert (target.not_api_reason, target.file_url_fault, target.file_url_ignored) == ("", "", "")


@pytest.mark.parametrize(
    ("options", "environ", "line", "base_url"),
    [
        (
            Options(base_url="http://127.0.0.1:1", site="eea"),
            {"OKX_API_BASE_URL": "http://127.0.0.1:2", "OKX_SITE": "us"},
            "OKX_SITE=tr",
            "http://127.0.0.1:1",
        ),
        (
            Options(site="eea"),
            {"OKX_API_BASE_URL": "http://127.0.0.1:2", "OKX_SITE": "us"},
            "OKX_SITE=tr",
            "https://eea.okx.com",
        ),
        (
            Options(),
            {"OKX_API_BASE_URL": "http://127.0.0.1:2", "OKX_SITE": "us"},
            "OKX_SITE=tr",
            "http://127.0.0.1:2",
        ),
        (Options(), {"OKX_SITE": "us"}, "OKX_API_BASE_URL=https://eea.okx.com", "https://us.okx.com"),
        (Options(), {}, "OKX_API_BASE_URL=https://eea.okx.com\nOKX_SITE=tr", "https://eea.okx.com"),
        (Options(), {}, "OKX_SITE=tr", "https://tr.okx.com"),
        (Options(), {"OKX_API_BASE_URL": "", "OKX_SITE": ""}, "OKX_SITE=tr", "https://tr.okx.com"),
    ],
)
def test_options_win_over_the_environment_and_that_over_the_file(
    options: Options, environ: dict[str, str], line: str, base_url: str
) -> None:
    assert _settled(environ, line, options=options).target.base_url == base_url


@pytest.mark.parametrize("name", SITE_IDS)
def test_a_site_is_reached_at_its_documented_host_and_the_others_may_be_asked(name: str) -> None:
    target = _settled(options=Options(site=name)).target

    shared = {"us", "au"} if name in ("us", "au") else {name}
    assert target.site == name
    assert set(target.other_sites) == set(SITE_IDS) - shared


@pytest.mark.parametrize("written", ["EEA", " eea ", "Eea"])
def test_a_site_in_the_environment_or_a_file_may_be_in_any_case(written: str) -> None:
    assert _settled({"OKX_SITE": written}).target.site == "eea"
    assert _settled({}, f"OKX_SITE='{written}'").target.site == "eea"


@pytest.mark.parametrize(("url", "site"), [(url, known.id) for known in SITES for url in known.rest])
def test_an_official_base_url_is_one_of_a_site(url: str, site: str) -> None:
    for target in (
        _settled(options=Options(base_url=url)).target,
        _settled({"OKX_API_BASE_URL": f"{url}/"}).target,
        _settled({}, f"OKX_API_BASE_URL={url}").target,
    ):
        assert target.official
        assert {target.site, site} <= {"us", "au"} or target.site == site
        assert target.base_url == url


def test_from_a_base_url_that_is_not_okxs_there_is_no_way_to_okx() -> None:
    settled = _settled({"OKX_API_BASE_URL": "https://mirror.example:9443"})

    assert (settled.target.site, settled.target.official, settled.target.other_sites) == ("custom", False, ())
    assert settled.websocket_url == "wss://mirror.example:9443"


def test_an_official_site_has_its_own_sockets_and_no_derived_one() -> None:
    assert _settled().websocket_url == ""


@pytest.mark.parametrize(
    "written",
    ["https://mirror.example", "http://127.0.0.1:8080", "https://www.okx.com.evil.example", "https://www.okex.com"],
)
def test_a_base_url_of_a_file_is_not_followed_unless_it_is_okxs(written: str) -> None:
    target = _settled({}, f"OKX_API_BASE_URL={written}").target

    assert target.base_url == "https://openapi.okx.com"
    assert (target.file_url_ignored, target.file_url_place) == (written, "bot.env")
    assert target.file_url_fault == ""


def test_a_base_url_of_a_file_is_not_followed_out_of_the_sites_that_exist() -> None:
    target = _settled({"OKX_DOCTOR_SITES": ONE_SITE}, "OKX_API_BASE_URL=https://www.okx.com").target

    assert target.base_url == "http://127.0.0.1:8001"
    assert target.file_url_ignored == "https://www.okx.com"


def test_a_base_url_of_a_file_that_is_no_url_is_a_finding_and_no_wrong_usage() -> None:
    target = _settled({}, "OKX_API_BASE_URL=`https://www.okx.com`").target

    assert target.base_url == "https://openapi.okx.com"
    assert "wrapped" in target.file_url_fault
    assert target.file_url_ignored == ""


@pytest.mark.parametrize(
    "written",
    [
        "`https://www.okx.com`",
        "'https://www.okx.com'",
        "www.okx.com",
        "okx",
        " ",
        "http://www.okx.com",
        "http://192.168.1.2:8080",
        "https://www.okx.com/api/v5",
        "https://me:Sesame@www.okx.com",
        "https://www.okx .com",
        "https://www.okx.com:http",
        "https://[::1",
        "wss://ws.okx.com:8443",
        "https://www.okx.com\nhttps://eea.okx.com",
    ],
)
def test_a_base_url_that_is_no_url_is_wrong_usage_and_says_where_it_stands(written: str) -> None:
    assert _refused(options=Options(base_url=written)).startswith("--base-url")
    assert _refused({"OKX_API_BASE_URL": written}).startswith("OKX_API_BASE_URL")


def test_an_empty_option_for_the_base_url_is_not_taken_for_none() -> None:
    assert _refused(options=Options(base_url="")).startswith("--base-url")


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("globl", "did you mean global?"),
        ("eaa", "did you mean eea?"),
        ("europe", "choose from global, eea, us, tr, au"),
        ("zz", "choose from"),
    ],
)
def test_an_unknown_site_is_answered_with_the_nearest_or_all(written: str, hint: str) -> None:
    for said in (
        _refused(options=Options(site=written)),
        _refused({"OKX_SITE": written}),
        _refused({}, f"OKX_SITE={written}"),
    ):
        assert hint in said


def test_when_sites_are_named_only_these_exist() -> None:
    settled = _settled({"OKX_DOCTOR_SITES": TWO_SITES})

    assert [site.id for site in settled.sites] == ["eea", "global"]
    assert (settled.target.site, settled.target.base_url) == ("global", "http://127.0.0.1:8001")
    assert settled.target.other_sites == ("eea",)
    assert settled.target.official


def test_without_the_global_site_the_first_named_is_asked() -> None:
    target = _settled({"OKX_DOCTOR_SITES": "tr=http://127.0.0.1:8003,eea=http://127.0.0.1:8002"}).target

    assert (target.site, target.base_url, target.other_sites) == ("tr", "http://127.0.0.1:8003", ("eea",))


def test_a_site_that_is_not_among_the_named_does_not_exist() -> None:
    said = _refused({"OKX_DOCTOR_SITES": ONE_SITE}, options=Options(site="eea"))

    assert "OKX_DOCTOR_SITES" in said
    assert "'eea'" in said


def test_okx_itself_is_a_stranger_when_other_sites_are_named() -> None:
    target = _settled({"OKX_DOCTOR_SITES": ONE_SITE, "OKX_API_BASE_URL": "https://www.okx.com"}).target

    assert (target.site, target.official, target.other_sites) == ("custom", False, ())


@pytest.mark.parametrize("written", ["global", "mars=https://www.okx.com", "global=http://www.okx.com", ",,"])
def test_sites_that_are_named_wrong_are_wrong_usage(written: str) -> None:
    assert _refused({"OKX_DOCTOR_SITES": written}).startswith("OKX_DOCTOR_SITES: ")


def test_named_sites_of_blanks_are_none() -> None:
    assert _settled({"OKX_DOCTOR_SITES": "  "}).sites == SITES


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://demo.okx.com", "x-simulated-trading"),
        ("https://okx.com", "redirect"),
        ("https://www.okex.com", "OKEx"),
        ("https://anything.okex.com", "OKEx"),
        ("https://ws.okx.com", "WebSocket"),
        ("https://www.okx.com", ""),
        ("https://notokex.com", ""),
    ],
)
def test_a_host_that_serves_no_api_is_followed_with_the_reason_against_it(url: str, told: str) -> None:
    target = _settled(options=Options(base_url=url)).target

    assert target.base_url == url
    assert told in target.not_api_reason
    assert bool(target.not_api_reason) is bool(told)


@pytest.mark.parametrize("name", DEMO_VARIABLES)
@pytest.mark.parametrize(
    ("written", "demo"),
    [
        *((yes, True) for yes in ("1", "true", "YES", "on", " demo ", '"1"')),
        *((no, False) for no in ("0", "False", "no", "off", "live", "")),
    ],
)
def test_demo_trading_is_told_by_any_usual_variable(name: str, written: str, demo: bool) -> None:
    assert _settled({name: written}).target.demo is demo
    assert _settled({}, f"{name}={written}").target.demo is demo


@pytest.mark.parametrize(("asked", "written"), [(True, "0"), (False, "1")])
def test_the_option_wins_over_the_variable_and_the_variable_over_its_line_in_a_file(asked: bool, written: str) -> None:
    assert _settled({"OKX_DEMO": written}, options=Options(demo=asked)).target.demo is asked
    assert _settled({"OKX_DEMO": written}, f"OKX_DEMO={1 - int(written)}").target.demo is (written == "1")


@pytest.mark.parametrize("written", ["2", "maybe", "-1", "1 0", "simulated\ntrading"])
def test_a_demo_variable_that_is_neither_is_wrong_usage(written: str) -> None:
    assert "OKX_FLAG" in _refused({"OKX_FLAG": written})


def test_time_servers_come_from_the_option_then_the_environment_then_the_usual_three() -> None:
    environ = {"OKX_DOCTOR_NTP": "127.0.0.1:9123, time.example\t[::1]:77"}

    assert list(_settled().ntp_servers) == list(DEFAULT_NTP)
    assert _settled(environ).ntp_servers == {
        "127.0.0.1:9123": ("127.0.0.1", 9123),
        "time.example": ("time.example", 123),
        "[::1]:77": ("::1", 77),
    }
    assert _settled(environ, options=Options(ntp=("a.example",))).ntp_servers == {"a.example": ("a.example", 123)}


def test_time_servers_of_a_file_are_not_asked() -> None:
    assert list(_settled({}, "OKX_DOCTOR_NTP=evil.example").ntp_servers) == list(DEFAULT_NTP)


def test_a_server_named_twice_is_asked_once() -> None:
    assert list(_settled(options=Options(ntp=("a", "b", "a"))).ntp_servers) == ["a", "b"]


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("pool.ntp.org", ("pool.ntp.org", 123)),
        ("pool.ntp.org:1123", ("pool.ntp.org", 1123)),
        ("192.0.2.1", ("192.0.2.1", 123)),
        ("192.0.2.1:1", ("192.0.2.1", 1)),
        ("2001:db8::1", ("2001:db8::1", 123)),
        ("[2001:db8::1]", ("2001:db8::1", 123)),
        ("[2001:db8::1]:9", ("2001:db8::1", 9)),
        ("::1", ("::1", 123)),
    ],
)
def test_a_time_server_is_a_host_with_or_without_a_port(written: str, address: tuple[str, int]) -> None:
    assert split_server(written) == address


@pytest.mark.parametrize(
    "written",
    ["", ":123", "ntp://pool.ntp.org", "pool.ntp.org/", "a:b", "a:99999", "a:-1", "me@a", "a:1:2", "[::1", "[]", "a/b"],
)
def test_what_is_no_time_server_is_wrong_usage(written: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        split_server(written)
    assert "HOST:PORT" in _refused(options=Options(ntp=(written,)))


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("clock.exchnge", "did you mean clock.exchange?"),
        ("clok.ntp", "did you mean clock.ntp?"),
        ("exchange", "did you mean clock.exchange?"),
        ("zzzz", "choose from clock.ntp, clock.exchange"),
        ("", "choose from"),
        ("CLOCK\nNTP", "clock.ntp"),
    ],
)
def test_an_id_that_does_not_exist_is_answered_with_the_nearest_or_all(name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        known_ids((name,), ("clock.ntp", "clock.exchange"), "check")

    assert hint in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_ids_that_exist_are_no_part_of_the_complaint() -> None:
    with pytest.raises(UsageError, match=r"^there is no check 'zzzz'; choose from clock\.ntp$"):
        known_ids(("clock.ntp", "zzzz"), ("clock.ntp",), "check")


def test_what_was_asked_for_is_handed_on() -> None:
    options = Options(offline=True, require=("trade",), forbid=("withdraw",))

    target = _settled(options=options).target

    assert (target.offline, target.require, target.forbid) == (True, ("trade",), ("withdraw",))


WRITTEN = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0`'\"<>"), max_size=25),
    st.sampled_from(
        ["https://www.okx.com", "http://127.0.0.1:1", "eea", "1", "global=http://127.0.0.1:1", "time.example"]
    ),
)


@given(
    environ=st.dictionaries(
        st.sampled_from(["OKX_API_BASE_URL", "OKX_SITE", "OKX_DEMO", "OKX_DOCTOR_NTP", "OKX_DOCTOR_SITES"]), WRITTEN
    ),
    line=WRITTEN,
)
def test_no_environment_and_no_file_makes_anything_but_a_run_or_one_line(environ: dict[str, str], line: str) -> None:
    try:
        target = settle(Options(), environ, (_file(f"OKX_API_BASE_URL={line}"),)).target
    except UsageError as error:
        assert len(str(error).splitlines()) == 1
        return
    own = environ.get("OKX_API_BASE_URL", "") + environ.get("OKX_DOCTOR_SITES", "")
    assert own or target.base_url in {url for site in SITES for url in site.rest}
