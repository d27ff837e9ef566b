"""Checks chosen with ``--offline``, ``--only`` and ``--skip``."""

from __future__ import annotations

from okx_doctor.settings import Options
from tests.scenarios.scenario import Scenario, likely, proven, stated, warned
from tests.scenarios.stages import KEY, PASSPHRASE, SECRET, SWAPS, exchange_with, swap, unset

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(name="offline healthy", options=Options(offline=True)),
    Scenario(name="offline and a clock 45 s off", steps=("clock-drift",), options=Options(offline=True)),
    Scenario(name="offline and a wrong passphrase", steps=("passphrase-wrong",), options=Options(offline=True)),
    Scenario(
        name="offline and no passphrase",
        steps=("credentials-missing",),
        options=Options(offline=True),
        causes=(proven("credentials-missing"),),
        exit=1,
    ),
    *(
        Scenario(
            name=f"offline and {cause}",
            steps=(cause,),
            options=Options(offline=True),
            causes=(likely(cause),),
            exit=1,
        )
        for cause in (
            "credentials-placeholder",
            "template-not-filled",
            "credentials-swapped",
            "credential-whitespace",
            "credential-quoted",
            "credential-characters",
            "env-file-mangled",
            "passphrase-as-secret",
            "api-key-as-secret",
        )
    ),
    Scenario(
        name="offline and two sources",
        steps=("credential-sources-conflict",),
        options=Options(offline=True),
        open=("credential-sources-conflict",),
    ),
    Scenario(
        name="offline and a lower-case passphrase",
        steps=("passphrase-case-suspect",),
        options=Options(offline=True),
        causes=(warned("passphrase-case-suspect", "possible"),),
    ),
    Scenario(
        name="offline and a broken signer",
        steps=("signing-broken",),
        options=Options(offline=True),
        causes=(proven("signing-broken"),),
        exit=1,
    ),
    Scenario(
        name="offline and a bad base URL in the file",
        steps=("base-url-invalid",),
        options=Options(offline=True),
        causes=(proven("base-url-invalid"),),
        exit=3,
    ),
    Scenario(
        name="only clock, which is 45 s off",
        steps=("clock-drift", "passphrase-wrong"),
        options=Options(only=("clock",)),
        causes=(likely("clock-drift"),),
        exit=1,
    ),
    Scenario(name="only clock, which is right", steps=("passphrase-wrong",), options=Options(only=("clock",))),
    Scenario(
        name="only clock.ntp and the clock 45 s off",
        steps=("clock-drift",),
        options=Options(only=("clock.ntp",)),
        causes=(likely("clock-drift"),),
        exit=1,
    ),
    Scenario(
        name="only clock.ntp and the time server silent",
        steps=(exchange_with(ntp="silent"),),
        options=Options(only=("clock.ntp",)),
        exit=3,
        open=("clock-drift",),
    ),
    Scenario(
        name="only clock and the time server silent",
        steps=(exchange_with(ntp="silent"),),
        options=Options(only=("clock",)),
    ),
    Scenario(
        name="only credentials and a wrong passphrase",
        steps=("passphrase-wrong",),
        options=Options(only=("credentials",)),
    ),
    Scenario(
        name="only credentials and none",
        steps=(unset(KEY, SECRET, PASSPHRASE),),
        options=Options(only=("credentials",)),
        causes=(proven("credentials-missing"),),
        exit=1,
    ),
    Scenario(
        name="only signed.config and a wrong secret",
        steps=("secret-wrong",),
        options=Options(only=("signed.config",)),
        causes=(likely("secret-wrong"),),
        exit=1,
    ),
    Scenario(
        name="only key.binding and no binding",
        steps=("api-key-expiring",),
        options=Options(only=("key.binding",)),
        causes=(warned("api-key-expiring"),),
    ),
    Scenario(
        name="only network and the exchange out of service",
        steps=("exchange-unavailable",),
        options=Options(only=("network",)),
        causes=(stated("exchange-unavailable"),),
        exit=3,
    ),
    Scenario(
        name="skip signed and a wrong passphrase",
        steps=("passphrase-wrong",),
        options=Options(skip=("signed",)),
    ),
    Scenario(
        name="skip clock and the clock 45 s off",
        steps=("clock-drift",),
        options=Options(skip=("clock",)),
        causes=(proven("clock-drift"),),
        exit=1,
    ),
    Scenario(
        name="skip clock.ntp and the clock 45 s off",
        steps=("clock-drift",),
        options=Options(skip=("clock.ntp",)),
        causes=(proven("clock-drift"),),
        exit=1,
    ),
    Scenario(
        name="skip network.connection",
        options=Options(skip=("network.connection",)),
    ),
    Scenario(name="skip network.resolution", options=Options(skip=("network.resolution",))),
    Scenario(
        name="skip network and the connection refused",
        steps=("connection-refused",),
        options=Options(skip=("network",)),
        causes=(likely("connection-refused"),),
        exit=3,
    ),
    Scenario(
        name="skip target and a permission missing",
        steps=("permission-missing",),
        options=Options(skip=("target",)),
        causes=(stated("permission-missing"),),
        exit=1,
    ),
    Scenario(
        name="skip target and a forbidden withdraw",
        steps=("withdraw-permission-granted",),
        options=Options(skip=("target",), forbid=("withdraw",)),
        causes=(stated("withdraw-permission-granted"),),
        exit=1,
    ),
    Scenario(
        name="only key and the address not allowed",
        steps=("ip-not-allowlisted",),
        options=Options(only=("key",)),
        causes=(stated("ip-not-allowlisted"),),
        exit=1,
    ),
    Scenario(name="only websocket", options=Options(only=("websocket",), websocket=True)),
    Scenario(
        name="skip signature.vectors and a wrong secret",
        steps=("secret-wrong",),
        options=Options(skip=("signature.vectors",)),
        causes=(likely("secret-wrong"),),
        exit=1,
    ),
    Scenario(
        name="skip key and a key that may withdraw",
        steps=("withdraw-permission-granted",),
        options=Options(skip=("key",)),
    ),
    Scenario(
        name="skip credentials.presence and no passphrase",
        steps=("credentials-missing",),
        options=Options(skip=("credentials.presence",)),
        exit=3,
    ),
    *(
        Scenario(
            name=f"skip credentials.shape and swapped {what}",
            steps=(swap(**holds),),
            options=Options(skip=("credentials.shape",)),
            causes=(likely("credentials-swapped"),),
            exit=1,
        )
        for what, holds in SWAPS.items()
    ),
    Scenario(
        name="skip credentials and swapped secret and passphrase",
        steps=(swap(**SWAPS["secret and passphrase"]),),
        options=Options(skip=("credentials",)),
        causes=(likely("credentials-swapped"),),
        exit=1,
    ),
    Scenario(
        name="skip credentials.shape and a quoted passphrase",
        steps=("credential-quoted",),
        options=Options(skip=("credentials.shape",)),
        causes=(proven("credential-quoted"),),
        exit=1,
    ),
    Scenario(
        name="skip credentials.source and a mangled passphrase",
        steps=("env-file-mangled",),
        options=Options(skip=("credentials.source",)),
        causes=(proven("env-file-mangled"),),
        exit=1,
    ),
    Scenario(
        name="skip credentials.source and two sources",
        steps=("credential-sources-conflict",),
        options=Options(skip=("credentials.source",)),
        causes=(proven("credential-sources-conflict"),),
        exit=1,
    ),
)
