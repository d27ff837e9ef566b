"""The page ``docs/capture.md``, as the table of clients makes it."""

from __future__ import annotations

from okx_doctor.catalogue.clients.client import Client
from okx_doctor.catalogue.clients.table import BOTS, HTTP_LIBRARIES, LIBRARIES
from okx_doctor.catalogue.clients.words import Words, capture_line

HEAD = """\
# How to capture a request

`okx-doctor inspect FILE` takes what a program prints of a request that was refused: print it with the line of your
client, run the bot, and give `inspect` what it printed, with the answer behind it. Leave the signature in: it tells
nothing of the secret key and is worth nothing after 30 seconds. Key and passphrase may be masked; they are then not
judged, and the rest is.

*run*: the line was tried in that version; *read*: it is in that version's source. All others are *unverified*.
"""
FORMS = """
## What is read

| of | forms |
|---|---|
| command line | curl for bash, cmd.exe and PowerShell, the answer of `-i` below it; `curl -v` |
| browser, proxy | HAR with `_webSocketMessages`, "Copy as fetch" (browser, Node); mitmproxy's flow file and exports; Charles as JSON or text; Fiddler as text |
| tool | Postman's collection, Insomnia's export |
| Node | what `console.log` prints: axios' error, `config`, `response` and `request`, `toJSON`; got; undici; node-fetch; `Request` and `Headers`; `ClientRequest`; ccxt's and ccxt.pro's log; okx-api's log |
| Python | a printed dict, `pprint`, a logged dict; requests' and httpx's request; aiohttp's `request_info`; urllib's `Request`; `debuglevel = 1`; ccxt's and ccxt.pro's log; python-okx's debug output |
| Java | OkHttp's interceptor at its level BODY, whatever logger writes it; XChange's log at TRACE |
| lines | headers one on a line without quotes, with `URL:`, `Method:`, `Body:` and the like around them: OKX's SDK for Java, PHP's `print_r` and `var_dump`, a browser's headers panel; a signer's own log of `timestamp`, `method`, `path`, `body` and `sign` |
| other | Go's `httputil.DumpRequestOut`, `fmt.Println(req.Header)` and `%+v`, ccxt's log for Go, OkHttp's and Spring's requests in words, reqwest's `{:?}`, .NET's `HttpRequestMessage` with its body and answer, a Ruby Hash, raw HTTP, source code with the request in it |

Any of them may have before each line what a logger, Compose, Swarm, Kubernetes, journald, pm2 or a quotation puts there.
`--as object` reads objects in any other text, `--as lines` lines with labels. Nothing is run, and of `[Object]` and other things that a printer left out the request is told to be
incomplete: print it with `util.inspect(x, {depth: null})` or as JSON.

## As JSON

One object a line, or a list: `method`, `url`, `headers` (an object or a list of pairs), `body` (the text as it was
sent) or `body_base64`; `received_at` (when a server took it: ISO date or Unix seconds), and `response` with `status`,
`headers` and `body`. `data`, `payload` and `content` are other names of `body`. `json` and an object as `body` are not
the text that was sent: they are written as the client writes JSON, with a note; so are `params` apart from the address.
A field that is not known is named.
"""


def page() -> str:
    """The whole page."""
    groups = (("Bots", BOTS), ("Libraries for exchanges", LIBRARIES), ("HTTP libraries", HTTP_LIBRARIES))
    return HEAD + "".join(f"\n## {title}\n{''.join(map(_client, group))}" for title, group in groups) + FORMS


def _client(client: Client) -> str:
    words = capture_line(client)
    if not words.lines:
        return f"\n**{client.name}**: {words.note or 'no setting for it is known'}.\n"
    told = f"; {words.note}" if words.note else ""
    return f"\n**{client.name}** ({_checked(words)}{told})\n\n```text\n" + "\n".join(words.lines) + "\n```\n"


def _checked(words: Words) -> str:
    return f"{words.checked.how}, {words.checked.version}" if words.checked else "unverified"
