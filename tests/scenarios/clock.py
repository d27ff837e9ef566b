"""This machine's clock, its time zone, the time server and certificates' validity."""

from __future__ import annotations

from tests.scenarios.scenario import Scenario, likely, proven, warned
from tests.scenarios.stages import exchange_ahead, exchange_with

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(name="clock 45 s ahead", steps=(exchange_ahead(-45.0),), causes=(proven("clock-drift"),), exit=1),
    Scenario(name="clock 30.5 s behind", steps=(exchange_ahead(30.5),), causes=(proven("clock-drift"),), exit=1),
    Scenario(name="clock 31 s ahead", steps=(exchange_ahead(-31.0),), causes=(proven("clock-drift"),), exit=1),
    Scenario(name="clock 10 s behind", steps=(exchange_ahead(10.0),), causes=(warned("clock-drift", "likely"),)),
    Scenario(name="clock 10 s ahead", steps=(exchange_ahead(-10.0),), causes=(warned("clock-drift", "likely"),)),
    Scenario(name="clock 28 s behind", steps=(exchange_ahead(28.0),), causes=(warned("clock-drift", "likely"),)),
    Scenario(name="clock 28 s ahead", steps=(exchange_ahead(-28.0),), causes=(warned("clock-drift", "likely"),)),
    Scenario(
        name="clock 12.6 minutes behind", steps=(exchange_ahead(754.808),), causes=(proven("clock-drift"),), exit=1
    ),
    *(
        Scenario(
            name=f"local time of UTC{label}",
            steps=(exchange_ahead(-hours * 3600.0),),
            causes=(proven("clock-timezone"),),
            exit=1,
        )
        for label, hours in (
            ("+5:30", 5.5),
            ("+5:45", 5.75),
            ("-3:30", -3.5),
            ("-8", -8.0),
            ("+14", 14.0),
            ("-12", -12.0),
        )
    ),
    Scenario(
        name="local time of UTC+8 and 3 s off",
        steps=(exchange_ahead(-8 * 3600.0 - 3.0),),
        causes=(proven("clock-timezone"),),
        exit=1,
    ),
    Scenario(
        name="8 h and 20 s off is no time zone",
        steps=(exchange_ahead(-8 * 3600.0 - 20.0),),
        causes=(proven("clock-drift"),),
        exit=1,
    ),
    Scenario(
        name="a whole day off is no time zone",
        steps=(exchange_ahead(86_400.0),),
        causes=(proven("clock-drift"),),
        exit=1,
    ),
    Scenario(name="time server silent", steps=(exchange_with(ntp="silent"),)),
    Scenario(
        name="time server silent and clock 45 s off",
        steps=(exchange_with(ntp="silent", clock_offset=45.0),),
        causes=(proven("clock-drift"),),
        exit=1,
    ),
    Scenario(
        name="clock agrees with OKX but not with the time server",
        steps=(exchange_with(ntp_offset=45.0),),
        open=("clock-drift",),
    ),
    Scenario(
        name="clock agrees with the time server but not with OKX",
        steps=(exchange_with(ntp_offset=0.0, clock_offset=45.0),),
        causes=(proven("clock-drift"),),
        exit=1,
        texts=("Sign with OKX's own time",),
    ),
    Scenario(
        name="clock expired the certificate",
        steps=(exchange_with(tls="expired", clock_offset=-2 * 86_400.0 - 417.0),),
        causes=(likely("tls-clock"), likely("clock-drift")),
        exit=1,
    ),
    Scenario(
        name="certificate expired and the clock is right",
        steps=(exchange_with(tls="expired"),),
        causes=(likely("tls-untrusted"),),
        exit=3,
    ),
    Scenario(
        name="certificate not yet valid and the clock is right",
        steps=(exchange_with(tls="not-yet-valid"),),
        causes=(likely("tls-untrusted"),),
        exit=3,
    ),
    Scenario(
        name="certificate expired and the clock is wrong the other way",
        steps=(exchange_with(tls="expired", clock_offset=417.0),),
        causes=(likely("tls-untrusted"), likely("clock-drift")),
        exit=1,
    ),
    Scenario(
        name="certificate not yet valid and the time server silent",
        steps=(exchange_with(tls="not-yet-valid", ntp="silent"),),
        causes=(likely("tls-untrusted"),),
        exit=3,
        open=("tls-clock",),
    ),
)
