"""Damaged, giant and malicious model files and answers end in a sentence, in bounded time and memory."""

import json
import struct
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from test_models_checkpoints import write_checkpoint

from nomic_explore import Embedder, OpenAINamer, http
from nomic_explore.http import ServiceError, find_login, remember_login, without_credentials
from nomic_explore.models import services, settings, tokens
from nomic_explore.models.checkpoints import load_text_encoder

DEEP = 100_000


def tokenizer_json(pattern: str | None = None, **parts: object) -> str:
    split = {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}
    model = {"type": "WordLevel", "vocab": {"[UNK]": 0}, "unk_token": "[UNK]"}
    whole = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None}
    whole |= {"pre_tokenizer": split if pattern else None, "post_processor": None, "decoder": None, "model": model}
    return json.dumps(whole | parts)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$", "(a|aa)+$", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_a_regular_expression_that_tries_out_too_much_is_an_error(pattern: str, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text(tokenizer_json(pattern), encoding="utf-8")
    tokenizer = tokens.load_tokenizer(tmp_path)
    with pytest.raises(
        ValueError, match="the tokenizer fails .* on 1 texts of .* characters; a regular expression in its"
    ):
        tokens.tokenize(tokenizer, ["a" * 5_000 + "!"], "", 512)


def test_a_tokenizer_that_does_not_end_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tokenizer.json").write_text(tokenizer_json("(x+x+)+y|z"), encoding="utf-8")
    monkeypatch.setattr(tokens, "_SECONDS", 0.0)
    monkeypatch.setattr(tokens, "_CHARACTERS_PER_SECOND", 1e9)
    began = time.monotonic()
    with pytest.raises(ValueError, match=r"the tokenizer (has not ended after 0 seconds|fails)"):
        tokens.tokenize(tokens.load_tokenizer(tmp_path), ["x" * 20_000 + "y " + "x" * 30] * 20, "", 512)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "content",
    [
        '{"version": "1.0", "model": ' + '{"type": ' * DEEP + "1" + "}" * DEEP + "}",
        "[" * DEEP,
        tokenizer_json("(a"),
        tokenizer_json(model={"type": "WordLevel"}),
        "",
        "\x00" * 99,
    ],
)
def test_a_damaged_tokenizer_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match="tokenizer.json cannot be read as a tokenizer .* Download it again"):
        tokens.load_tokenizer(tmp_path)


def test_a_giant_tokenizer_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tokenizer.json").write_text(tokenizer_json(), encoding="utf-8")
    monkeypatch.setattr(tokens, "_MAX_BYTES", 99)
    with pytest.raises(ValueError, match="tokenizer.json has .* bytes; expected a tokenizer of at most 99"):
        tokens.load_tokenizer(tmp_path)


def header(text: bytes, n_bytes: int | None = None) -> bytes:
    return struct.pack("<Q", len(text) if n_bytes is None else n_bytes) + text


@pytest.mark.parametrize(
    "content",
    [
        header(b"{}", 2**63),
        header(b"{}", 2**64 - 1),
        header(b"{}", 99_999_999),
        header(b'{"a":' * DEEP + b"1" + b"}" * DEEP),
        header(b'{"a": {"dtype": "F32", "shape": [4294967296, 4294967296, 4294967296], "data_offsets": [0, 4]}}')
        + b"1234",
        header(b'{"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}') + b"1234",
        header(b'{"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}') + b"1234",
        b"",
        b"\x00" * 8,
    ],
)
def test_weights_with_a_damaged_header_are_named(content: bytes, tmp_path: Path) -> None:
    (write_checkpoint(tmp_path) / "model.safetensors").write_bytes(content)
    with pytest.raises(ValueError, match="model.safetensors is damaged or cut short .* Download the weights again"):
        load_text_encoder(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"a": ' * DEEP + "1" + "}" * DEEP, "config.json is nested too deep to be a model's settings"),
        ("[]", r"config.json holds a list \(\[\]\); expected an object"),
        ("{" + " " * 999 + "}", "config.json has 1,001 bytes; expected settings of at most 999"),
    ],
)
def test_settings_that_are_none_are_named(
    content: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "at most 999" in message:
        monkeypatch.setattr(settings, "_MAX_BYTES", 999)
    (tmp_path / "config.json").write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        settings.read_settings(tmp_path / "config.json")


# --- servers ---


class Hostile:
    """A server that answers each request with the bytes of the moment."""

    def __init__(self) -> None:
        self.body: bytes = b"{}"
        self.status, self.headers, self.repeat, self.wait = 200, {}, 1, 0.0
        self.logins: list[str | None] = []
        self.login: str | None = None
        server = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None: ...

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                server.logins.append(self.headers["authorization"])
                refused = server.login is not None and self.headers["authorization"] != server.login
                self.send_response(401 if refused else server.status)
                for name, value in server.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    for _ in range(server.repeat):
                        self.wfile.write(
                            server.body if not refused else f"who is {self.headers['authorization']}?".encode()
                        )
                        time.sleep(server.wait)
                except OSError:
                    pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.host = f"127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hostile]:
    monkeypatch.setattr(services, "_WAITS", ())
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setattr(http, "_CREDENTIALS", {})
    hostile = Hostile()
    yield hostile
    hostile.close()


def answer(*vectors: object) -> bytes:
    return json.dumps({"data": [{"embedding": vector} for vector in vectors]}).encode()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"[" * DEEP, "answered something else than embeddings"),
        (b'{"data": ' * DEEP + b"1" + b"}" * DEEP, "answered something else than embeddings"),
        (b'{"data": 7}', "answered something else than embeddings"),
        (b'{"data": [{"index": "x", "embedding": [1]}]}', "answered something else than embeddings"),
        (b'{"data": [{"index": 5, "embedding": [1]}]}', "answered 1 vectors for 1 texts"),
        (answer("AAAA"), "answered something else than lists of numbers"),
        (answer(7), "answered something else than lists of numbers"),
        (answer({"a": 1}), "answered something else than lists of numbers"),
        (answer(["a", "b"]), "entries that are no numbers"),
        (answer([10**400, 1]), "entries that are no numbers"),
        (answer([[1.0], 2.0]), "entries that are no numbers"),
        (answer([1e300, 1.0]), "NaN, infinite or only zero"),
        (answer([None, 1.0]), "entries that are no numbers|NaN, infinite"),
        (
            b'{"data": [{"embedding": [' + b"9" * 9_999 + b"]}]}",
            "something else than embeddings|entries that are no numbers",
        ),
        (b"\xff\xfe\x00", "answered something else than embeddings"),
    ],
)
def test_an_answer_that_holds_no_vectors_is_refused(server: Hostile, body: bytes, message: str) -> None:
    server.body = answer([1.0, 2.0])
    embedder = Embedder(f"openai:tiny@http://{server.host}")
    server.body = body
    with pytest.raises(ServiceError, match=message):
        embedder.encode(["a cat"])


def test_an_endless_answer_is_cut_off(server: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_MAX_BYTES", 1 << 20)
    server.body, server.repeat = b" " * 65_536, 1 << 30
    with pytest.raises(ServiceError, match="answer is larger than 1,048,576 bytes"):
        Embedder(f"openai:tiny@http://{server.host}")
    with pytest.raises(ServiceError, match="answer is larger than 1,048,576 bytes"):
        raise OpenAINamer("tiny", url=f"http://{server.host}").name_many([_profile()])[0]  # type: ignore[misc]


def _profile() -> object:
    from nomic_explore import TopicProfile

    return TopicProfile(0, 0, "star, planet", 9, 0.5, ["star", "planet"], [1.0, 0.8])


def test_an_endless_error_is_shown_by_its_start(server: Hostile) -> None:
    server.status, server.body, server.repeat = 404, b"no such model. " * 999, 1 << 30
    with pytest.raises(ServiceError, match="answered 404: no such model") as error:
        Embedder(f"openai:tiny@http://{server.host}")
    assert len(str(error.value)) < 500


def test_an_answer_that_drips_ends(server: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_BODY_SECONDS", -services._TIMEOUT + 0.1)
    server.body, server.repeat, server.wait = b" ", 1 << 30, 0.05
    with pytest.raises(ServiceError, match="answer was not complete after 0 seconds"):
        Embedder(f"openai:tiny@http://{server.host}")


def test_a_packed_answer_that_nobody_asked_for_is_not_unpacked(server: Hostile) -> None:
    import gzip

    server.body, server.headers = gzip.compress(b" " * (1 << 24)), {"Content-Encoding": "gzip"}
    with pytest.raises(ServiceError, match="answered something else than embeddings"):
        Embedder(f"openai:tiny@http://{server.host}")


@pytest.mark.parametrize("headers", [{"X-Big": "x" * 200_000}, {f"X-{n}": "x" * 500 for n in range(999)}])
def test_giant_headers_end_in_a_sentence(server: Hostile, headers: dict[str, str]) -> None:
    server.headers = headers
    with pytest.raises(ServiceError, match=r"openai:tiny@http://127.0.0.1:\d+ cannot be reached"):
        Embedder(f"openai:tiny@http://{server.host}")


# --- passwords ---


def test_a_password_in_the_address_is_sent_and_never_shown(server: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETRC", "/nonexistent")
    server.login, server.body = "Basic YW5uOnNlY3JldCF4", answer([1.0, 2.0])  # ann:secret!x
    embedder = Embedder(f"openai:tiny@http://ann:secret%21x@{server.host}")
    assert server.logins[-1] == server.login
    for shown in (embedder.source, repr(embedder), json.dumps(embedder.info), json.dumps(embedder.provenance())):
        assert "secret" not in shown
        assert "ann" not in shown
    assert Embedder(embedder.source).encode(["a cat"]).shape == (1, 2)  # known in this process
    server.login = "another"
    with pytest.raises(ServiceError, match=r"answered 401: who is Basic \[login\]\?$") as error:
        embedder.encode(["a cat"])
    assert "secret" not in str(error.value)


def test_a_password_comes_from_netrc(server: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ann password secret\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server.login, server.body = "Basic YW5uOnNlY3JldA==", answer([1.0, 2.0])
    assert Embedder(f"openai:tiny@http://{server.host}").dimensions == 2
    (tmp_path / "netrc").write_text("nonsense here\n", encoding="utf-8")
    with pytest.raises(ServiceError, match="netrc cannot be read: bad toplevel token 'nonsense' in line 1"):
        find_login(f"http://{server.host}")


def test_a_server_that_asks_for_a_password_says_where_it_comes_from(
    server: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETRC", "/nonexistent")
    server.login = "Basic x"
    with pytest.raises(
        ServiceError, match=r"answered 401: .* Set OPENAI_API_KEY, or write the user and password .*\.netrc"
    ):
        Embedder(f"openai:tiny@http://{server.host}")


@pytest.mark.parametrize(
    "name",
    [
        "openai:tiny@ftp://ann:secret@host/v1",
        "openai:tiny@ann:secret@host/v1",
        "openai:tiny@http://host/v1?key=secret",
        "openai:tiny@http://ann:secret@127.0.0.1:9/v1",
        "openai:tiny@http://ann:secret@127.0.0.1:999999/v1",
    ],
)
def test_no_error_shows_a_password(server: Hostile, name: str) -> None:
    with pytest.raises((ValueError, OSError)) as error:
        Embedder(name)
    assert "secret" not in str(error.value)
    with pytest.raises((ValueError, OSError)) as error:
        Embedder(name, folder="/tmp")
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://ann:secret@host:8000/v1/", "http://host:8000/v1"),
        ("http://a@b:c@host/x", "http://host/x"),
        ("ann:secret@host:11434", "host:11434"),
        ("https://host/v1?api-key=secret#part", "https://host/v1"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_address_is_shown_without_what_opens_it(address: str, shown: str) -> None:
    assert without_credentials(address) == shown


def test_a_password_is_for_its_own_server_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_CREDENTIALS", {})
    monkeypatch.setenv("NETRC", "/nonexistent")
    remember_login("http://ann:secret@one.example:8000/v1")
    assert find_login("http://one.example:8000/v2") == ("ann", "secret")
    for other in ("http://one.example:9000/v1", "https://one.example:8000/v1", "http://two.example:8000/v1"):
        assert find_login(other) is None
