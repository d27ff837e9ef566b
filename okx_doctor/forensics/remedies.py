"""The one thing to change, per cause, in the words of the client that made the request where that is known.

Sources: the clients' own documentation; httpx's compact JSON since 0.28: https://github.com/encode/httpx/pull/3363.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from okx_doctor.catalogue.clients.recognise import client_named
from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.model import Remedy
from okx_doctor.protocol.scheme import OKX

VERIFY: Final = "capture the request again and run okx-doctor inspect on it"

_SEND_TEXT: Final[Mapping[str, str]] = {
    "requests": "requests.post(url, data=body, headers=headers), not json=order",
    "httpx": "httpx.post(url, content=body, headers=headers), not json=order, which httpx writes without blanks",
    "aiohttp": "session.post(url, data=body, headers=headers), not json=order",
    "urllib": "urllib.request.Request(url, data=body.encode(), headers=headers)",
    "axios": "axios.post(url, body, { headers }) with body the string that was signed, not the object",
    "fetch": "fetch(url, { method: 'POST', headers, body }) with body the string that was signed",
    "okhttp": 'RequestBody.create(body, MediaType.get("application/json")) with body the string that was signed',
    "java": "HttpRequest.BodyPublishers.ofString(body) with body the string that was signed",
    "go": 'http.NewRequest("POST", url, bytes.NewReader(body)) with body the bytes that were signed',
    "php": "'body' => $body in Guzzle, or CURLOPT_POSTFIELDS => $body, not 'json' => $order",
    "dotnet": 'new StringContent(body, Encoding.UTF8, "application/json"), not JsonContent.Create(order)',
    "ruby": "request.body = body with the string that was signed",
    "rust": "client.post(url).body(body), not .json(&order)",
    "curl": '--data-raw "$body" with the very text that was signed',
    "ccxt": "pass the parameters to ccxt and let it sign",
}
_SEND_QUERY: Final[Mapping[str, str]] = {
    "requests": "requests.get(BASE + path + '?' + query, headers=headers), not params=",
    "httpx": "httpx.get(BASE + path + '?' + query, headers=headers), not params=",
    "aiohttp": "session.get(yarl.URL(BASE + path + '?' + query, encoded=True), headers=headers), not params=",
    "urllib": "urllib.request.Request(BASE + path + '?' + query, headers=headers)",
    "axios": "axios.get(BASE + path + '?' + query, { headers }), not { params }; or sign axios.getUri(config)",
    "fetch": "fetch(BASE + path + '?' + query, { headers })",
    "okhttp": 'sign request.url().encodedPath() + "?" + request.url().encodedQuery()',
    "java": 'sign uri.getRawPath() + "?" + uri.getRawQuery() of the very URI that is sent',
    "go": "sign req.URL.RequestURI(), which has the query; req.URL.Path has not",
    "php": "$path . '?' . http_build_query($params), in the signature and in the URL",
    "dotnet": "sign request.RequestUri.PathAndQuery",
    "ruby": "sign uri.request_uri",
    "rust": "sign url.path() and url.query() of the very Url that is sent",
    "curl": "sign the path with everything behind it, as it stands in the URL",
}
_METHOD: Final[Mapping[str, str]] = {
    "axios": "sign config.method.toUpperCase()",
    "requests": "sign method.upper()",
    "httpx": "sign method.upper()",
    "fetch": "sign method.toUpperCase()",
}
_BASE64: Final[Mapping[str, str]] = {
    "requests": "base64.b64encode(hmac.new(secret.encode(), prehash.encode(), hashlib.sha256).digest()).decode()",
    "axios": "crypto.createHmac('sha256', secret).update(prehash).digest('base64')",
    "go": "base64.StdEncoding.EncodeToString(mac.Sum(nil))",
    "php": "base64_encode(hash_hmac('sha256', $prehash, $secret, true)): the last true asks for raw bytes",
    "okhttp": "Base64.getEncoder().encodeToString(mac.doFinal(prehash.getBytes(StandardCharsets.UTF_8)))",
    "dotnet": "Convert.ToBase64String(hmac.ComputeHash(Encoding.UTF8.GetBytes(prehash)))",
    "ruby": "Base64.strict_encode64(OpenSSL::HMAC.digest('SHA256', secret, prehash))",
    "rust": "STANDARD.encode(mac.finalize().into_bytes())",
    "curl": 'printf %s "$prehash" | openssl dgst -sha256 -hmac "$secret" -binary | base64',
}
_TIMESTAMP: Final[Mapping[str, str]] = {
    "requests": "datetime.now(timezone.utc).isoformat(timespec='milliseconds').replace('+00:00', 'Z')",
    "axios": "new Date().toISOString()",
    "go": 'time.Now().UTC().Format("2006-01-02T15:04:05.000Z")',
    "php": "gmdate('Y-m-d\\TH:i:s.') . sprintf('%03d', (int) (microtime(true) * 1000) % 1000) . 'Z'",
    "okhttp": "DateTimeFormatter.ofPattern(\"yyyy-MM-dd'T'HH:mm:ss.SSS'Z'\").withZone(ZoneOffset.UTC)",
    "dotnet": 'DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture)',
    "ruby": "Time.now.utc.iso8601(3)",
    "rust": "Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true)",
    "curl": "date -u +%Y-%m-%dT%H:%M:%S.%3NZ (GNU date)",
}
_SAME: Final[Mapping[str, str]] = {
    "httpx": "requests",
    "aiohttp": "requests",
    "urllib": "requests",
    "ccxt": "requests",
    "fetch": "axios",
    "java": "okhttp",
}
"""Whose words do as well: those of the same language."""

_IDIOMS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    **dict.fromkeys(
        (
            "body-reserialised",
            "body-not-signed",
            "body-differs",
            "body-double-encoded",
            "body-form-encoded",
        ),
        ("Send the signed text itself: ", _SEND_TEXT),
    ),
    **dict.fromkeys(
        (
            "query-not-signed",
            "query-reordered",
            "query-encoding",
            "query-parameters-differ",
            "query-trailing-mark",
            "get-body-signed",
            "path-differs",
            "full-url-signed",
        ),
        ("One text for both: ", _SEND_QUERY),
    ),
    "method-case": ("", _METHOD),
    **dict.fromkeys(
        (
            "signature-hex",
            "signature-base64-of-hex",
            "signature-base64-twice",
            "signature-base64url",
            "signature-padding",
            "signature-bytes-repr",
            "wrong-hash",
            "unkeyed-hash",
            "hmac-arguments-swapped",
            "other-exchange-recipe",
        ),
        ("The signature is ", _BASE64),
    ),
    **dict.fromkeys(
        ("timestamp-unit", "timestamp-format", "timestamp-precision", "clock-timezone"),
        ("The timestamp is ", _TIMESTAMP),
    ),
}

_PLAIN: Final[Mapping[str, str]] = {
    "query-not-signed": 'Sign path and query as they are sent: timestamp + "GET" + path + "?" + query.',
    "query-reordered": "Build the query once, sign that text and send that text; do not sort it.",
    "query-encoding": "Build and encode the query once, sign that text and send that text.",
    "template-not-filled": "Fill every place of the template first, then sign the very text that is sent.",
    "query-parameters-differ": "Drop unset parameters first, then build one query for signing and sending.",
    "query-trailing-mark": "Add the question mark only when something follows it.",
    "get-body-signed": "Sign a GET with its query as part of the path and without any body.",
    "body-not-signed": "Sign timestamp + method + path + body, with the body exactly as it is sent.",
    "body-reserialised": "Make the body's text once; sign that variable and send that variable.",
    "body-differs": "Finish the order first, then make its text once, sign it and send it.",
    "body-double-encoded": "Encode to JSON once; a text that already is JSON is sent as it is.",
    "body-form-encoded": "Send JSON text, not a form, and sign that text.",
    "full-url-signed": "Sign the path with its query only, without scheme and host.",
    "path-prefix-missing": "Sign the whole path, from /api/v5 on.",
    "path-differs": "Keep the path in one variable, sign it and send it.",
    "prehash-partial": "Sign all four parts: timestamp, method, path with query, body.",
    "prehash-order": "Put the parts in the order timestamp, method, path with query, body.",
    "prehash-separator": "Join the parts with nothing between or behind them (echo adds a newline, printf does not).",
    "prehash-encoding": "Turn the text into bytes as UTF-8, and send the body in the same bytes.",
    "passphrase-in-prehash": "Take the passphrase out of the signed text; it only goes into its header.",
    "method-case": "Sign the method in capitals: GET, POST.",
    "method-mismatch": "Sign the method that is sent.",
    "timestamp-differs": "Read the clock once, keep the text, and use it in the signature and in the header.",
    "timestamp-unit": "Send an ISO date in UTC with milliseconds, 2020-12-08T09:08:57.715Z, and sign the same text.",
    "timestamp-format": "Send an ISO date in UTC with milliseconds, 2020-12-08T09:08:57.715Z, and sign the same text.",
    "timestamp-precision": "Send exactly three decimals, 2020-12-08T09:08:57.715Z, and sign the same text.",
    "timestamp-stale": "Make the timestamp and the signature right before sending, anew for every retry.",
    "clock-drift": "Synchronise the clock of the machine that the bot runs on; okx-doctor check measures it.",
    "clock-timezone": "Write the time in UTC; a local time with a Z behind it is hours off.",
    "websocket-timestamp": "Log in with whole seconds since 1970 as text, and sign that text + GET/users/self/verify.",
    "signature-hex": "Take base64 of the raw digest instead of its hexadecimal text.",
    "signature-base64-of-hex": "Take base64 of the raw digest, not of its hexadecimal text.",
    "signature-base64-twice": "Encode the raw digest to base64 once; what is base64 already goes out as it is.",
    "signature-quoted": "Put the bare base64 text into the header, without quotes: it is no JSON.",
    "signature-base64url": "Use the standard base64 alphabet with + and / and the padding.",
    "signature-url-encoded": "Put the base64 text into the header as it is; a header is not a URL.",
    "signature-padding": "Keep the one = at the end: 44 characters.",
    "signature-bytes-repr": "Decode the base64 bytes to text before they go into the header: .decode().",
    "signature-not-computed": "Wait for the signer's result (await) and put that text into the header.",
    "wrong-hash": "Use HMAC with SHA-256 over the text itself.",
    "unkeyed-hash": "Use HMAC-SHA256 with the secret as key, not a plain hash.",
    "hmac-arguments-swapped": "The key is the secret, the message is the text: swap the two arguments.",
    "secret-altered": "Let the bot use the secret exactly as OKX issued it; compare its length, not its value.",
    "secret-decoded": "Use the secret's own characters as the key; do not decode them.",
    "secret-empty": "Load the secret: the signer got an empty text.",
    "passphrase-as-secret": "Give the signer the secret key; it has the passphrase.",
    "api-key-as-secret": "Give the signer the secret key; it has the API key.",
    "credentials-placeholder": "Replace the example's text by your own value.",
    "credentials-swapped": "Put each value into its own slot, and rotate a secret that was sent in a header.",
    "credential-whitespace": "Strip the whitespace where the value is loaded.",
    "credential-quoted": "Take the quotes and signs off the value where it is stored.",
    "credential-characters": "Type the value again in plain characters.",
    "credential-sources-conflict": "Remove one of the two sources, or let both have the same value.",
    "env-file-mangled": "Put the value in single quotes in the env file.",
    "other-exchange-recipe": "Throw the signer away and write OKX's: timestamp + method + path with query + body.",
    "signature-unexplained": "Print the text and the length of the secret where the bot signs, and compare the text.",
    "header-missing": "Send OK-ACCESS-KEY, -SIGN, -TIMESTAMP and -PASSPHRASE, each with a value.",
    "header-misspelt": f"Spell the headers {', '.join(OKX.headers)}.",
    "header-duplicated": "Set the header in one place only.",
    "content-type": "Send the header Content-Type: application/json.",
    "api-key-differs": "Give the bot the API key that was loaded here, or load here what the bot uses.",
    "passphrase-differs": "Send the passphrase as it is stored and not encoded; in ccxt it is called password.",
    "passphrase-case": "Write the passphrase in the case in which it was set.",
    "passphrase-wrong": "Use the passphrase chosen when this key was made; where it is lost, only a new key helps.",
    "api-version-retired": "Use the paths, signature and codes of API v5.",
    "websocket-port-retired": "Take the port out of the address; where a library holds it, take its newest version.",
    "host-not-api": "Send to https://openapi.okx.com, https://eea.okx.com or https://us.okx.com, as you registered.",
    "web3-key": "Send calls of the exchange to one of its hosts with a key made there, those of Web3 to web3.okx.com.",
    "blocked-by-edge": "Set a User-Agent of the bot's own; if that changes nothing, try the line you use OKX from.",
    "exchange-unavailable": "Wait and try again: what answered was in front of OKX, and the bot is not at fault.",
    "websocket-login-missing": "Log in on every connection, wait for its login event, then subscribe or send orders.",
    "wrong-environment": f"Send {OKX.demo_header}: 1 with a demo key, and no such header with a live key.",
    "wrong-site": "Send to the host of the site where the account is registered; okx-doctor check finds it.",
    "api-key-unknown": "Look whether the key still exists in the account; okx-doctor check asks every site.",
    "api-key-malformed": "Copy the API key again: 8-4-4-4-12 hexadecimal digits.",
    "api-key-frozen": "Ask OKX's support why the key is frozen.",
    "ip-not-allowlisted": "Add the address of the bot's machine to the key's list, or run the bot from a listed one.",
    "permission-missing": "Give the key the permission that the call needs, or use another key.",
    "secret-wrong": "Use the secret that belongs to this API key; if it is lost, make a new key.",
}


def family(capture: Capture) -> str:
    """The family of clients that made a request, by its User-Agent; ``""`` where it does not tell."""
    if capture.form == "ccxt":
        return "ccxt"  # whose User-Agent is a browser's
    agent = capture.request.header("user-agent") or ""
    if not agent:
        return {"curl": "curl", "requests": "requests", "python-okx": "httpx"}.get(capture.form, "")
    found = client_named(user_agent=agent)
    return found.idiom if found else ""


def remedy(cause: str, client: str = "") -> Remedy:
    """The fix for a cause, with the client's own way where there is one."""
    text = _PLAIN.get(cause, "See the page of this cause.")
    intro, idioms = _IDIOMS.get(cause, ("", {}))
    said = idioms.get(client) or idioms.get(_SAME.get(client, ""))
    return Remedy(text=f"{text} {intro}{said}." if said else text, verify=VERIFY)
