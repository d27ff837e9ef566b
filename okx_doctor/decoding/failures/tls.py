"""TLS failed: the other side does not speak it, shows a wrong certificate, or ends the handshake."""

from __future__ import annotations

from typing import Final

from okx_doctor.decoding.failures.failure import Failure

TLS: Final[tuple[Failure, ...]] = (
    Failure(
        id="not TLS",
        meaning=(
            "What answered does not speak TLS, so no certificate was ever shown: a proxy whose own address is written "
            "with https:// (write http://), a captive portal, or a port that serves plain HTTP."
        ),
        likely=("proxy-failure",),
        possible=("host-not-api", "connection-refused"),
        words=(
            "WRONG_VERSION_NUMBER",
            "wrong version number",
            "first record does not look like a TLS handshake",
            "server gave HTTP response to HTTPS client",
            "Unrecognized SSL message",
            "Unsupported or unrecognized SSL message",
            "InvalidContentType",
            "Cannot determine the frame size or a corrupted frame was received",
            "failed due to an unexpected packet format",
            "packet length too long",
            "PACKET_LENGTH_TOO_LONG",
            "SSL_ERROR_RX_RECORD_TOO_LONG",
            "SEC_E_INVALID_TOKEN",
            "record layer failure",
            "RECORD_LAYER_FAILURE",
        ),
    ),
    Failure(
        id="certificate of another name",
        meaning=(
            "Another server answered in OKX's place: its certificate is for another name. Most often the name was "
            "resolved falsely, or a portal or filter stands in between. Compare what several resolvers say (nslookup "
            "www.okx.com, then nslookup www.okx.com 1.1.1.1). Renewing the list of authorities does not help; never "
            "turn verification off."
        ),
        likely=("dns-failure",),
        possible=("tls-untrusted", "proxy-failure"),
        words=(
            "did not match expected name",
            "Hostname mismatch",
            "hostname mismatch",
            "certificate is not valid for",
            "doesn't match either of",
            "doesn't match '",
            "CertificateError: hostname",
            "ERR_TLS_CERT_ALTNAME_INVALID",
            "does not match certificate's altnames",
            "certificate is valid for ",
            "certificate is not valid for any names",
            "No name matching",
            "No subject alternative",
            "not verified:",
            "NotValidForName",
            "not valid for name",
            "no alternative certificate subject name matches",
            "does not match target host name",
            "RemoteCertificateNameMismatch",
            "did not match expected CN",
            "does not match the server certificate",
            "SEC_E_WRONG_PRINCIPAL",
            "0x80090322",
            "ERR_CERT_COMMON_NAME_INVALID",
            "SSL_ERROR_BAD_CERT_DOMAIN",
        ),
    ),
    Failure(
        id="certificate too early",
        meaning="The certificate is not valid yet, by this machine's clock: the clock is most probably behind.",
        likely=("tls-clock",),
        possible=("tls-untrusted",),
        words=(
            "certificate not valid yet",
            "NotValidYetContext",
            "certificate is not yet valid",
            "CERT_NOT_YET_VALID",
            "NotValidYet",
            "CertificateNotYetValidException",
            "NotBefore:",
        ),
    ),
    Failure(
        id="certificate expired",
        meaning=(
            "The certificate has expired, by this machine's clock. Either the clock is ahead, or it is not OKX's: a "
            "proxy, a portal or a filter showed an old one."
        ),
        likely=("tls-untrusted",),
        possible=("tls-clock", "dns-failure"),
        words=(
            "ExpiredContext",
            "certificate has expired",
            "CERT_HAS_EXPIRED",
            "CertExpired",
            "Certificate expired",
            "certificate: Expired",
            "certificate expired",
            "CertificateExpiredException",
            "NotAfter:",
            "SEC_E_CERT_EXPIRED",
            "ERR_CERT_DATE_INVALID",
        ),
    ),
    Failure(
        id="certificate out of its time",
        meaning=(
            "By this machine's clock the certificate is not valid now: the clock is wrong, or another server answered "
            "with an old one. The text does not say which."
        ),
        likely=("tls-clock", "tls-untrusted"),
        words=("validity check failed",),
    ),
    Failure(
        id="certificate untrusted",
        meaning=(
            "The certificate's issuer is not known here: a company's proxy, a virus scanner or a filter opened the "
            "connection, or this machine's list of authorities is old. Never turn verification off."
        ),
        likely=("tls-untrusted",),
        possible=("dns-failure", "proxy-failure"),
        words=(
            "CERTIFICATE_VERIFY_FAILED",
            "certificate verify failed",
            "self signed certificate",
            "self-signed certificate",
            "unable to get local issuer certificate",
            "unable to get issuer certificate",
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
            "UNABLE_TO_GET_ISSUER_CERT",
            "SELF_SIGNED_CERT_IN_CHAIN",
            "DEPTH_ZERO_SELF_SIGNED_CERT",
            "unable to verify the first certificate",
            "x509: certificate",
            "PKIX path",
            "SunCertPathBuilderException",
            "SSLCertVerificationError",
            "SSL certificate problem",
            "UnknownIssuer",
            "CaUsedAsEndEntity",
            "invalid peer certificate",
            "RemoteCertificateChainErrors",
            "PartialChain",
            "UntrustedRoot",
            "The remote certificate is invalid",
            "SEC_E_UNTRUSTED_ROOT",
            "0x80090325",
            "ERR_CERT_AUTHORITY_INVALID",
            "SSL: no alternative certificate",
        ),
    ),
    Failure(
        id="handshake refused",
        meaning=(
            "The other side ended the TLS handshake: no version, cipher or name in common. No certificate was judged. "
            "A very old TLS library, or a filter in between."
        ),
        likely=("connection-refused",),
        possible=("proxy-failure", "dns-failure"),
        words=(
            "alert handshake failure",
            "SSLV3_ALERT_HANDSHAKE_FAILURE",
            "tls: handshake failure",
            "fatal alert: handshake_failure",
            "AlertReceived(",
            "received fatal alert",
            "tlsv1 alert",
            "TLSV1_ALERT",
            "TLSV1_UNRECOGNIZED_NAME",
            "tlsv1 unrecognized name",
            "UNSUPPORTED_PROTOCOL",
            "unsupported protocol version",
            "tls: protocol version not supported",
            "fatal alert: protocol_version",
            "ERR_SSL_VERSION_OR_CIPHER_MISMATCH",
            "SEC_E_ILLEGAL_MESSAGE",
            "0x80090326",
        ),
    ),
)
