"""HTTP requests with retries while a server is overloaded, failing or silent, and with readable errors.

An answer may neither be endless nor last for ever, and a user and password in an address are shown nowhere.
"""

import base64
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import unquote, urlsplit, urlunsplit

from nomic_explore.debug_log import get_log

if TYPE_CHECKING:
    import httpx

_Answer = TypeVar("_Answer")
_BODY_CHARACTERS = 300  # of an error's body that a message repeats
_MAX_BYTES = 256 << 20  # of an answer; 64 vectors of 4,096 entries take 6 MB
_BODY_SECONDS = 60.0  # that the body may take behind its first byte, besides the time-out of the first
_ERROR_BYTES = 65_536  # read of the body of an error

# Users and passwords of the servers that this process was given, by scheme and host.
_CREDENTIALS: dict[str, tuple[str, str]] = {}


class ServiceError(OSError):
    """A service could not be reached, refused, or gave an answer that cannot be used.

    Example:
        >>> raise ServiceError("ollama:small answered 404: no such model")
        Traceback (most recent call last):
        nomic_explore.http.ServiceError: ollama:small answered 404: no such model
    """


class RefusedError(ServiceError):
    """A service refused a request, or gave an answer that cannot be used, for a reason that may lie in what was sent.

    Args:
        message: what happened.
        status: the HTTP status; 0 if there was no answer, or one that cannot be used.
        reason: what the service answered.

    Example:
        >>> RefusedError("ollama:small answered 400: too long", 400, "too long").reason
        'too long'
    """

    def __init__(self, message: str, status: int = 0, reason: str = ""):
        super().__init__(message)
        self.status, self.reason = status, reason


class StatusError(Exception):
    """A server answered with an error status; `ask` turns it into a `ServiceError` or asks again.

    Args:
        status: the HTTP status.
        message: the server's explanation.
        retry_after: the header Retry-After, "" if it sent none.

    Example:
        >>> StatusError(429, "busy", "3").is_temporary
        True
    """

    def __init__(self, status: int, message: str, retry_after: str = ""):
        super().__init__(status, message)
        self.status, self.message, self.retry_after = status, message, retry_after

    @property
    def is_temporary(self) -> bool:
        """Whether the same request may succeed later: the server is overloaded or failing.

        Example:
            >>> StatusError(404, "no such model").is_temporary
            False
        """
        return self.status == 429 or self.status >= 500

    @property
    def may_be_the_text(self) -> bool:
        """Whether another text may succeed: the server calls the request unfit, or failed at it.

        Example:
            >>> StatusError(413, "too large").may_be_the_text, StatusError(401, "no key").may_be_the_text
            (True, False)
        """
        return self.status in (400, 413, 422, 500)


def ask(
    send: Callable[[], _Answer],
    source: str,
    *,
    waits: Sequence[float],
    max_wait: float = 60.0,
    retry_unreachable: bool = True,
    retry_failed: bool = True,
) -> _Answer:
    """Returns what `send` returns, calling it again after a wait while the server is overloaded, failing or silent.

    Args:
        send: makes one request; raises `StatusError`, an error of httpx or a `ConnectionError` if it fails.
        source: names the service in messages.
        waits: seconds before the second call, the third, and so on; after the last one the error is raised.
        max_wait: the most seconds to wait where the server asks for a wait by Retry-After.
        retry_unreachable: whether a server that cannot be reached is asked again too; one that is silent always is.
        retry_failed: whether a server that failed at the request (status 500, or a connection that broke) is asked again
            too; False leaves that to the caller, who may send less.

    Raises:
        ServiceError: the request failed for good; the message says how. It is a `RefusedError` where what was sent may be
            the reason.

    Example:
        >>> ask(lambda: "pong", "http://localhost:8000", waits=(1.0, 2.0))
        'pong'
    """
    import httpx
    from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

    def may_succeed_later(error: BaseException) -> bool:
        if not retry_failed and _has_failed(error):
            return False
        if isinstance(error, StatusError):
            return error.is_temporary
        if isinstance(error, httpx.TimeoutException):
            return True
        is_away = isinstance(error, httpx.TransportError | ConnectionError)
        return retry_unreachable and is_away and not isinstance(error, httpx.UnsupportedProtocol | ServiceError)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        seconds = (*waits, 0.0)[state.attempt_number - 1]  # tenacity also asks after the last call
        if isinstance(error, StatusError) and error.retry_after.isdecimal():
            seconds = min(float(error.retry_after), max_wait)
        what = f"status {error.status}" if isinstance(error, StatusError) else type(error).__name__
        get_log().debug("%s: %s, asked again after %g s at most %d times", source, what, seconds, len(waits))
        return seconds

    retrying = Retrying(
        retry=retry_if_exception(may_succeed_later),
        stop=stop_after_attempt(len(waits) + 1),
        wait=wait,
        sleep=time.sleep,
        reraise=True,
    )
    try:
        return retrying(send)
    except StatusError as error:
        message = f"{source} answered {error.status}" + (f": {error.message}" if error.message else "")
        if error.may_be_the_text:
            raise RefusedError(message, error.status, error.message) from error
        raise ServiceError(message) from error
    except httpx.TimeoutException as error:
        raise ServiceError(
            f"{source} gave no answer in time. A longer timeout may help; does the server run?"
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL, ConnectionError) as error:
        reason = str(error) or type(error).__name__
        kind = RefusedError if _has_failed(error) else ServiceError
        raise kind(f"{source} cannot be reached ({reason}). Does the server run?") from error


def _has_failed(error: BaseException) -> bool:
    """Returns whether a server took a request and failed at it, instead of being overloaded or not there."""
    import httpx

    if isinstance(error, StatusError):
        return error.status == 500
    return isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError)


def post_json(url: str, body: Mapping[str, object], *, key: str | None, timeout: float) -> "httpx.Response":
    """Returns the answer of a server to a JSON request.

    Args:
        url: of the server.
        body: of the request.
        key: sent as a bearer token; None sends none.
        timeout: seconds for the answer.

    Raises:
        StatusError: the server answered with another status than 200; the key never appears in its message.
        httpx.HTTPError: the server could not be reached, or was silent.

    Example:
        >>> post_json("http://127.0.0.1:9/v1/embeddings", {"input": ["a"]}, key=None, timeout=1.0)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        httpx.ConnectError: ...
    """
    import httpx

    headers = {"Authorization": f"Bearer {key}"} if key else {}
    login = None if key else find_login(url)
    with httpx.Client(timeout=timeout, **bounds(timeout)) as client:
        response = client.post(_without_login(url), json=body, headers=headers, auth=login or httpx.USE_CLIENT_DEFAULT)
    if response.status_code != 200:
        retry_after = response.headers.get("retry-after", "")
        message = body_text(response, key, login)[:_BODY_CHARACTERS]
        if response.status_code == 401 and not (key or login):
            message += " Set OPENAI_API_KEY, or write the user and password of the server into ~/.netrc."
        raise StatusError(response.status_code, message, retry_after)
    return response


def body_text(response: "httpx.Response", key: str | None = None, login: tuple[str, str] | None = None) -> str:
    """Returns the body of an answer as text that may be shown: without key and password, should the server repeat them.

    Example:
        >>> import httpx
        >>> body_text(httpx.Response(401, text="no such key: abc"), "abc")
        'no such key: [key]'
    """
    text = response.text
    user, password = login or ("", "")
    encoded = base64.b64encode(f"{user}:{password}".encode()).decode() if login else ""
    for secret, shown in ((encoded, "[login]"), (password, "[password]"), (key or "", "[key]")):
        text = text.replace(secret, shown) if secret else text
    return text


def bounds(timeout: float) -> dict[str, Any]:
    """Returns the arguments with which a client of httpx refuses answers that are too large, packed, or too slow.

    Args:
        timeout: seconds for the first byte.

    Raises:
        ServiceError: not here, but where an answer is read that exceeds its bounds.
    """
    import httpx

    class Bounded(httpx.SyncByteStream):
        """Ends a body with an error when it exceeds its bounds."""

        def __init__(self, response: httpx.Response) -> None:
            self._stream = response.stream
            self._max_bytes = _MAX_BYTES if response.status_code == 200 else _ERROR_BYTES
            self._is_error = response.status_code != 200

        def __iter__(self) -> Iterator[bytes]:
            n_bytes, until = 0, time.monotonic() + timeout + _BODY_SECONDS
            for part in cast(httpx.SyncByteStream, self._stream):
                n_bytes += len(part)
                if n_bytes > self._max_bytes:
                    if self._is_error:  # its start is all that a message shows
                        return
                    raise ServiceError(
                        f"the server's answer is larger than {self._max_bytes:,} bytes. Is it the address of a model?"
                    )
                if time.monotonic() > until:
                    raise ServiceError(
                        f"the server's answer was not complete after {timeout + _BODY_SECONDS:.0f} seconds. Is it overloaded?"
                    )
                yield part

        def close(self) -> None:
            cast(httpx.SyncByteStream, self._stream).close()

    def limit(response: httpx.Response) -> None:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            response.headers["content-encoding"] = "identity"  # it was asked for plain bytes: unpacking has no bounds
        response.stream = Bounded(response)

    return {"event_hooks": {"response": [limit]}, "headers": {"Accept-Encoding": "identity"}}


def without_credentials(place: str) -> str:
    """Returns an address without user, password and query.

    Example:
        >>> without_credentials("http://ann:secret@host:8000/v1/?key=abc")
        'http://host:8000/v1'
    """
    parts = urlsplit(place if "//" in place else f"//{place}")
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", "")).removeprefix(
        "//"
    )


def remember_login(url: str) -> None:
    """Remembers the user and password in an address until the process ends, for the same server's other addresses.

    Example:
        >>> remember_login("http://ann:secret@host.example:8000/v1")
        >>> find_login("http://host.example:8000/v1/embeddings")
        ('ann', 'secret')
    """
    parts = urlsplit(url)
    if parts.username is not None:
        _CREDENTIALS[_server_of(url)] = (unquote(parts.username), unquote(parts.password or ""))


def find_login(url: str) -> tuple[str, str] | None:
    """Returns the user and password for a server: of the address, as remembered, or from the file .netrc; else None.

    The environment variable NETRC names another file than ~/.netrc.

    Raises:
        ServiceError: the file cannot be parsed.
    """
    remember_login(url)
    known = _CREDENTIALS.get(_server_of(url))
    path = Path(os.environ.get("NETRC") or os.path.expanduser("~/.netrc"))
    if known is not None or not os.access(path, os.R_OK) or not path.is_file():
        return known
    from netrc import NetrcParseError, netrc

    try:
        found = netrc(path).authenticators(urlsplit(url).hostname or "")
    except NetrcParseError as error:
        raise ServiceError(f"{path} cannot be read: {error.msg} in line {error.lineno}.") from None
    return None if found is None else (found[0] or "", found[2] or "")


def _without_login(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _server_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
