"""Runs with fake credentials, after which all that they have left is searched for them.

Each secret has a form of its own, so that one that is found tells which way it came. The far side does its worst:
it says whatever it was sent, and whose account it is, in every answer and error.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import pytest

from emulated import FUNCTIONS
from program import CAT, Done, run, started
from servers import GOOD, receive, reply, serving
from stack_commands import query_error

ACCOUNT = "210987654321"
KEY, PROFILE_KEY = "AKIAFAKEFAKEFAKEENV1", "ASIAFAKEFAKEFAKEPRO2"
SECRET, PROFILE_SECRET = "FakeSecretOfTheEnvironment/40+characters", "FakeSecretOfTheProfileFile/40+characters"
SESSION = "IQoJb3JpZ2luX2VjFakeSessionTokenThatIsLongEnough=="
PASSWORD, PROXY_PASSWORD, API_KEY = "fake-url-password", "fake-proxy-password", "fake-api-key-in-a-query"
SECRETS = (ACCOUNT, KEY, PROFILE_KEY, SECRET, PROFILE_SECRET, SESSION, PASSWORD, PROXY_PASSWORD, API_KEY)
ARN = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:mine"

ENVIRONMENT = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": SESSION}
NO_PROXY = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"), "")


@dataclass
class Place:
    """Where runs leave what they leave; nothing else is in it but ``credentials``."""

    folder: Path
    credentials: Path
    said: list[str] = field(default_factory=list)

    def variables(self, **more: str) -> dict[str, str]:
        return {
            **NO_PROXY,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": str(self.credentials),
            "AWS_REGION": "eu-west-1",
            "RESNET_BENCH_CACHE": str(self.folder / "cache"),
            "RESNET_BENCH_DEBUG": "1",
            "TMPDIR": str(self.folder),
            **more,
        }

    def run(self, *arguments: str, **variables: str) -> Done:
        done = run(*arguments, cwd=self.folder, env=self.variables(**variables))
        self.said += [done.out, done.err]
        return done

    def found(self) -> list[str]:
        """Which secrets are in what was said, in the names of files, or in them."""
        texts = {f"output {number}": text.encode() for number, text in enumerate(self.said)}
        for path in self.folder.rglob("*"):
            texts[f"name of {path.name}"] = path.name.encode()
            if path.is_file():
                texts[str(path.relative_to(self.folder))] = path.read_bytes()
        return [
            f"{secret} in {where}" for where, text in texts.items() for secret in SECRETS if secret.encode() in text
        ]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    (tmp_path / "left").mkdir()
    credentials = tmp_path / "credentials"
    credentials.write_text(
        f"[fake]\naws_access_key_id = {PROFILE_KEY}\naws_secret_access_key = {PROFILE_SECRET}\n"
        f"aws_session_token = {SESSION}\n"
    )
    made = Place(tmp_path / "left", credentials)
    yield made
    assert made.found() == []
    assert len(made.said) > 0


class Indiscreet:
    """Answers ``good`` times as the handler does, and then with all that it knows of the caller."""

    def __init__(self, good: int = 0, status: int = 403) -> None:
        self._good, self._status = good, status
        self.received: list[dict[str, str]] = []

    def __call__(self, connection: socket.socket) -> None:
        while True:
            headers, _ = receive(connection)
            self.received.append(headers)
            if len(self.received) <= self._good:
                connection.sendall(reply(GOOD))
                continue
            words = f"{ARN} may not: {headers} Signature=0123 https://{ACCOUNT}.execute-api.eu-west-1.amazonaws.com/"
            if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
                connection.sendall(reply(query_error("Indiscretion", escape(words))[2], self._status))
                continue
            document = {"message": words, "Message": words, "error": {"code": "denied", "message": words}}
            connection.sendall(
                reply(json.dumps(document).encode(), self._status, x_amzn_errortype="AccessDeniedException")
            )


def test_a_run_that_succeeds_and_fails_leaves_no_secret_in_any_file(place: Place) -> None:
    indiscreet = Indiscreet(good=3)
    saved = ("--save", "run.json", "--html", "run.html", "--verbose")
    options = ("--sign", "--engine", "torch", "--runs", "4", "--warmup", "1", *saved)
    with serving(indiscreet) as url:
        done = place.run("remote", CAT, "--url", url, *options, **ENVIRONMENT)
    assert done.code == 0, done.err
    assert all(KEY in headers["authorization"] for headers in indiscreet.received), "they were really used"
    assert all(headers["x-amz-security-token"] == SESSION for headers in indiscreet.received)
    assert (
        "AccessDenied" in (place.folder / "run.json").read_text()
        or "may not" in (place.folder / "run.json").read_text()
    )
    written = place.run("report", "run.json", "-o", "r.html", "--csv", "samples.csv", "--markdown", "summary.md")
    assert written.code == 0, written.err
    assert place.run("show", "run.json", "--json").code == 0


@pytest.mark.parametrize("status", [403, 500])
def test_a_run_that_only_fails_says_none(place: Place, status: int) -> None:
    indiscreet = Indiscreet(status=status)
    options = (
        "--sign",
        "--profile",
        "fake",
        "--engine",
        "torch",
        "--runs",
        "1",
        "--save",
        "run.json",
    )
    with serving(indiscreet) as url:
        done = place.run("remote", CAT, "--url", url, *options, "--verbose")
    assert done.code == 4, done.err
    assert PROFILE_KEY in indiscreet.received[0]["authorization"]


def test_stack_commands_that_aws_refuses_say_none(place: Place) -> None:
    with serving(Indiscreet()) as url:
        for command in (("status",), ("destroy", "--yes"), ("dashboard",), ("remote", CAT, "--stack", "mine")):
            done = place.run(*command, **ENVIRONMENT, AWS_ENDPOINT_URL=url)
            assert done.code != 0
            assert "may not" in done.err, "AWS's words are passed on, without what is not for others"


@pytest.mark.parametrize(
    "url",
    [
        f"http://user:{PASSWORD}@127.0.0.1:9",
        f"http://user:{PASSWORD}@127.0.0.1:99999",
        f"http://127.0.0.1:9/?key={API_KEY}",
        f"http://user:{PASSWORD}@ bad/#{API_KEY}",
    ],
)
def test_an_address_with_secrets_in_it_is_refused_without_them(place: Place, url: str) -> None:
    assert place.run("remote", CAT, "--url", url, "--engine", "torch").code == 2


def test_a_proxys_password_stays_out_of_what_is_said_of_the_proxy(place: Place) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        proxy = f"http://user:{PROXY_PASSWORD}@127.0.0.1:{nobody.getsockname()[1]}"
        options = ("--engine", "torch", "--runs", "1")
        done = place.run("remote", CAT, "--url", "http://nowhere.example", *options, HTTP_PROXY=proxy, http_proxy=proxy)
    assert done.code == 4
    assert "127.0.0.1" in done.err


def test_no_process_has_a_secret_among_its_arguments_and_no_child_in_its_environment(
    place: Place,
) -> None:
    (place.folder / "null.py").write_bytes((FUNCTIONS / "null.py").read_bytes())
    variables = place.variables(**ENVIRONMENT)
    arguments = ("emulate", "--handler", "null.handler", "--verbose")
    with started(*arguments, folder=place.folder, env=variables) as running:
        url = running.wait_for(r"HTTP API +(http\S+)")[1]
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 60) as caller:
            caller.sendall(
                b"POST /classify HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            )
            assert caller.recv(65536).startswith(b"HTTP/1.1 200")
        children = descendants(running.process.pid)
        assert children, "the function's process is there"
        for pid in (running.process.pid, *children):
            place.said.append((Path("/proc") / str(pid) / "cmdline").read_text())
        function = [pid for pid in children if "awslambdaric" in (Path("/proc") / str(pid) / "cmdline").read_text()]
        assert function
        for pid in function:
            place.said.append((Path("/proc") / str(pid) / "environ").read_text())
        place.said += [running.end().err]


def descendants(pid: int) -> list[int]:
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = [child for child, parent in parents.items() if parent == pid]
    return [each for child in found for each in (child, *descendants(child))]
