"""``okx-doctor test-signer``: right signers in every language pass, wrong ones are named, bad ones are one line."""

from __future__ import annotations

import json
import os
import select
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from okx_doctor.cli.signer_process import CannotRun, clean_environment, run
from okx_doctor.credentials.variables import VARIABLES
from okx_doctor.forensics.signers import NoAnswers, answers, judge, request_line, vectors
from okx_doctor.protocol.vectors import all_vectors
from tests.cli.running import CREDENTIALS, Outcome, clean, okx_doctor
from tests.go import go_setting
from tests.needs import needs
from tests.schemas import schema_of

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parents[2] / "docs" / "signers"
LANGUAGES = (
    pytest.param((sys.executable, "sign.py"), id="python"),
    pytest.param(("node", "sign.mjs"), marks=needs("node"), id="node"),
    pytest.param(("go", "run", "sign.go"), marks=needs("go"), id="go"),
    pytest.param(("php", "sign.php"), marks=needs("php"), id="php"),
    pytest.param(("java", "Sign.java"), marks=needs("java", "javac"), id="java"),
    pytest.param(("bash", "sign.sh"), marks=needs("bash", "openssl", "jq"), id="bash"),
)

SIGNER = """
import base64, hashlib, hmac, json, os, sys
from tests.schemas import schema_of
for number, line in enumerate(sys.stdin):
    r = json.loads(line)
    def mac(text, key=r["secret"], hash=hashlib.sha256):
        return hmac.new(key.encode(), text.encode(), hash)
    def b64(digest):
        return base64.b64encode(digest).decode()
    right = r["timestamp"] + r["method"] + r["path"] + r["body"]
    print({answer})
"""


def run_over(*command: str, cwd: Path, options: Sequence[str] = (), **variables: str) -> Outcome:
    patient = ("--timeout", "300") if "--timeout" not in options else ()
    return okx_doctor("test-signer", *patient, *options, "--", *command, env=clean(**variables), cwd=cwd)


def report(answer: str, cwd: Path, *options: str) -> Any:
    """The JSON report on a Python signer that prints this expression."""
    script = SIGNER.format(answer=answer)
    done = run_over(sys.executable, "-c", script, cwd=cwd, options=("--format", "json", *options))
    assert done.said == ""
    schema().validate(done.report)
    assert done.status == (0 if done.report["right"] == done.report["vectors"] else 1)
    return done.report


@cache
def schema(name: str = "signer-test") -> Any:
    return jsonschema.Draft202012Validator(schema_of(name))


@pytest.mark.machine
@pytest.mark.parametrize("command", LANGUAGES)
def test_the_example_of_a_language_signs_every_vector_right(command: Sequence[str], tmp_path: Path) -> None:
    variables = {"GOCACHE": go_setting("GOCACHE"), "GO111MODULE": "off"} if command[0] == "go" else {}
    done = run_over(*command[:-1], str(EXAMPLES / command[-1]), cwd=tmp_path, **variables)
    assert (done.status, done.said) == (0, "")
    assert done.text == "✓ 38 vectors, all right: this signer signs as OKX does\n"


@pytest.mark.parametrize(
    ("answer", "cause", "stage", "right"),
    [
        ("mac(right).hexdigest()", "signature-hex", "signature", 0),
        ("b64(mac(right).hexdigest().encode())", "signature-base64-of-hex", "signature", 0),
        ("b64(mac(right, hash=hashlib.sha512).digest())", "wrong-hash", "signature", 0),
        ("base64.b64encode(mac(right).digest())", "signature-bytes-repr", "signature", 0),
        ("b64(mac(r['secret'], key=right).digest())", "hmac-arguments-swapped", "signature", 0),
        ("b64(mac(right.replace(r['method'], r['method'].lower(), 1)).digest())", "method-case", "prehash", 0),
        ("b64(mac(r['timestamp'] + r['method'] + r['path']).digest())", "body-not-signed", "prehash", 21),
    ],
)
def test_a_wrong_signer_is_named_and_its_page_is_given(
    answer: str, cause: str, stage: str, right: int, tmp_path: Path
) -> None:
    found = report(answer, tmp_path)
    assert found["right"] in range(right, 38) if right else found["right"] == 0
    assert [group["causes"] for group in found["groups"]] == [[cause]]
    assert found["groups"][0]["next"] == f"okx-doctor explain {cause}"
    assert {result["stage"] for result in found["results"] if not result["right"]} == {stage}
    assert all(row["confidence"] == "proven" for result in found["results"] for row in result["causes"])


def test_only_some_wrong_ones_are_told_by_what_they_have_in_common(tmp_path: Path) -> None:
    found = report("b64(mac(r['timestamp'] + r['method'] + r['path'].split('?')[0] + r['body']).digest())", tmp_path)
    assert found["pattern"] == "The wrong ones, and only they, have a query."
    assert [group["causes"] for group in found["groups"]] == [["query-not-signed"]]
    done = run_over(sys.executable, "-c", SIGNER.format(answer="mac(right).hexdigest()"), cwd=tmp_path)
    assert "38 vectors: 0 right; every one is explained by signature-hex" in done.flat
    assert "okx-doctor explain signature-hex" in done.flat


def test_each_runs_the_command_once_per_vector(tmp_path: Path) -> None:
    log = tmp_path / "runs"
    counted = f"(open({str(log)!r}, 'a').write('x'), b64(mac(right).digest()))[1]"
    found = report(counted, tmp_path, "--each")
    assert (found["mode"], found["right"], log.read_text()) == ("each", 38, "x" * 38)


def test_the_command_sees_no_credentials_no_proxy_and_only_published_secrets(tmp_path: Path) -> None:
    seen = tmp_path / "seen.json"
    script = f"import os, json, sys; json.dump([dict(os.environ), sys.stdin.read()], open({str(seen)!r}, 'w'))"
    hidden = {**CREDENTIALS, "OKEX_KEY": "x", "OK_ACCESS_KEY": "x", "https_proxy": "x", "NO_PROXY": "x", "KEPT": "yes"}
    assert run_over(sys.executable, "-c", script, cwd=tmp_path, **hidden).is_one_line_of_usage()
    environ, given = json.loads(seen.read_text())
    assert environ["KEPT"] == "yes"
    assert not environ.keys() & (hidden.keys() - {"KEPT"})
    assert not any(value in given for value in CREDENTIALS.values())
    rows = [json.loads(line) for line in given.splitlines()]
    assert len(rows) == 38
    assert all(sorted(row) == ["body", "method", "path", "secret", "timestamp"] for row in rows)


def test_no_variable_that_credentials_are_loaded_from_reaches_a_signer() -> None:
    assert clean_environment({name: "x" for names in VARIABLES.values() for name in names}) == {}


def test_a_variable_is_taken_out_whatever_its_case() -> None:
    assert clean_environment({"okx_Key": "1", "All_Proxy": "1", "PATH": "1", "MY_OKX": "1"}) == {
        "PATH": "1",
        "MY_OKX": "1",
    }


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("", "printed nothing"),
        ("print(1)", "1 line for 38 vectors"),
        ("print('\\0')", "NUL"),
        ("raise SystemExit('no key')", "status 1; its last words: no key"),
        ("import os; os.kill(os.getpid(), 9)", "by signal 9"),
        ("while 1: print('x' * 1000)", "printed more than 1024 KiB"),
        ("import sys; print(*('A' * 76 for _ in range(76)), sep='\\n')", "base64 is wrapped"),
    ],
)
def test_a_command_that_does_not_answer_is_one_line(code: str, words: str, tmp_path: Path) -> None:
    done = run_over(sys.executable, "-c", code, cwd=tmp_path)
    assert done.is_one_line_of_usage(), (done.status, done.said, done.text)
    assert words in done.said


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--",),
        ("--", ""),
        ("--", "no-such-command-here"),
        ("--", os.devnull),
        ("--no-such-option", "--", "true"),
        ("--timeout", "0", "--", "true"),
        ("--export", "-", "--", "true"),
        ("--export", "no-such-folder/file"),
    ],
)
def test_wrong_usage_is_one_line(words: tuple[str, ...], tmp_path: Path) -> None:
    done = okx_doctor("test-signer", *words, env=clean(), cwd=tmp_path)
    assert done.is_one_line_of_usage(), (done.status, done.said, done.text)


def test_a_time_that_is_no_number_is_told_before_the_command_is_run(tmp_path: Path) -> None:
    done = okx_doctor("test-signer", "--timeout", "nan", "--", "touch", "ran", env=clean(), cwd=tmp_path)
    assert done.is_one_line_of_usage()
    assert "--timeout nan is no number of seconds" in done.said
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX's")
def test_what_does_not_end_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    fifo = tmp_path / "held"
    os.mkfifo(fifo)
    grandchild = f"held = open({str(fifo)!r}, 'wb', 0); held.write(b'up'); input()"
    code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {grandchild!r}], stdin=-1).wait()"
    held = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(CannotRun, match="did not end within"):
            run((sys.executable, "-c", code), b"", os.environ, 2.0)
        assert os.read(held, 2) == b"up"
        assert select.select([held], [], [], 10.0)[0] == [held]
        assert os.read(held, 2) == b""  # the last process that had it open is gone
    finally:
        os.close(held)


def test_the_difference_is_marked_below_both_texts(tmp_path: Path) -> None:
    script = SIGNER.format(answer="b64(mac(right.replace('GET', 'get')).digest())")
    rows = run_over(sys.executable, "-c", script, cwd=tmp_path).text.splitlines()
    signed, expected = (rows.index(f"  {heading}") for heading in ("Signed", "OKX expects"))

    assert rows[signed + 1].index("get") == rows[signed + 2].index("~~~")
    assert rows[expected + 1].index("GET") == rows[expected + 2].index("~~~")
    assert rows[signed + 2].strip() == rows[expected + 2].strip() == "~~~"


def test_nothing_secret_that_a_signer_prints_is_shown_where_lines_are_broken_either(tmp_path: Path) -> None:
    words = "correct horse battery staple and some more words"
    script = f"import sys\nfor _ in sys.stdin: print('an answer of so many words that it is broken: {words}')"
    done = run_over(sys.executable, "-c", script, cwd=tmp_path, **{**CREDENTIALS, "OKX_PASSPHRASE": words})

    assert "[hidden]" in done.text
    assert "horse" not in done.text


def test_a_status_beside_right_signatures_is_noted_and_the_signatures_count(tmp_path: Path) -> None:
    file = EXAMPLES / "sign.py"
    code = f"exec(open({str(file)!r}).read()); sys.exit(3)"
    done = run_over(sys.executable, "-c", code, cwd=tmp_path)
    assert done.status == 0
    assert "ended with status 3" in done.flat


def test_blank_lines_in_the_middle_are_wrong_answers_and_at_the_end_nothing() -> None:
    assert answers(b"a\r\n\nb\n\n\n", 3) == ("a", "", "b")
    with pytest.raises(NoAnswers, match="2 lines for 3 vectors"):
        answers(b"a\nb\n", 3)


def test_right_signatures_in_another_order_are_told() -> None:
    given = vectors()[:3]
    returned = [vector.signature for vector in reversed(given)]
    assert "another order" in judge(given, returned).pattern


def test_a_kept_signature_and_a_kept_hash_are_told(tmp_path: Path) -> None:
    given = vectors()[:3]
    assert "Every answer is the same" in judge(given, [given[0].signature] * 3).pattern
    kept = "(globals().__setitem__('kept', globals().get('kept', '') + right), b64(mac(kept).digest()))[1]"
    assert "one hash object" in report(kept, tmp_path)["pattern"]


def test_the_exported_set_holds_every_vector_and_tells_the_bad_ones(tmp_path: Path) -> None:
    done = okx_doctor("test-signer", "--export", "-", env=clean(), cwd=tmp_path)
    assert okx_doctor("test-signer", "--export", "set.json", env=clean(), cwd=tmp_path).status == 0
    assert (tmp_path / "set.json").read_bytes() == done.out
    document = done.report
    schema("signature-vectors").validate(document)
    assert (document["schema"], bool(document["version"])) == ("okx-doctor/signature-vectors/1", True)
    assert len(document["vectors"]) == len(all_vectors()) == 40
    for row, vector in zip(document["vectors"], all_vectors(), strict=True):
        assert row["request"] == json.loads(request_line(vector))
        assert (row["expected"] == row["signature"]) is row["valid"] is vector.good
        assert row["source"]
        assert bool(row["note"]) or row["valid"]
