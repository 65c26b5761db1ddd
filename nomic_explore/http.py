"""HTTP requests with retries while a server is overloaded, failing or silent, and with readable errors."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import httpx

_Answer = TypeVar("_Answer")
_BODY_CHARACTERS = 300  # of an error's body that a message repeats


class ServiceError(OSError):
    """A service could not be reached, refused, or gave an answer that cannot be used.

    Example:
        >>> raise ServiceError("ollama:small answered 404: no such model")
        Traceback (most recent call last):
        nomic_explore.http.ServiceError: ollama:small answered 404: no such model
    """


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


def ask(
    send: Callable[[], _Answer],
    source: str,
    *,
    waits: Sequence[float],
    max_wait: float = 60.0,
    retry_unreachable: bool = True,
) -> _Answer:
    """Returns what `send` returns, calling it again after a wait while the server is overloaded, failing or silent.

    Args:
        send: makes one request; raises `StatusError`, an error of httpx or a `ConnectionError` if it fails.
        source: names the service in messages.
        waits: seconds before the second call, the third, and so on; after the last one the error is raised.
        max_wait: the most seconds to wait where the server asks for a wait by Retry-After.
        retry_unreachable: whether a server that cannot be reached is asked again too; one that is silent always is.

    Raises:
        ServiceError: the request failed for good; the message says how.

    Example:
        >>> ask(lambda: "pong", "http://localhost:8000", waits=(1.0, 2.0))
        'pong'
    """
    import httpx
    from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

    def may_succeed_later(error: BaseException) -> bool:
        if isinstance(error, StatusError):
            return error.is_temporary
        if isinstance(error, httpx.TimeoutException):
            return True
        is_away = isinstance(error, httpx.TransportError | ConnectionError)
        return retry_unreachable and is_away and not isinstance(error, httpx.UnsupportedProtocol | ServiceError)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, StatusError) and error.retry_after.isdecimal():
            return min(float(error.retry_after), max_wait)
        return (*waits, 0.0)[state.attempt_number - 1]  # tenacity also asks after the last call

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
        raise ServiceError(f"{source} answered {error.status}: {error.message}") from error
    except httpx.TimeoutException as error:
        raise ServiceError(
            f"{source} gave no answer in time. A longer timeout may help; does the server run?"
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL, ConnectionError) as error:
        reason = str(error) or type(error).__name__
        raise ServiceError(f"{source} cannot be reached ({reason}). Does the server run?") from error


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
    response = httpx.post(url, json=body, headers=headers, timeout=timeout)
    if response.status_code != 200:
        retry_after = response.headers.get("retry-after", "")
        raise StatusError(response.status_code, body_text(response, key)[:_BODY_CHARACTERS], retry_after)
    return response


def body_text(response: "httpx.Response", key: str | None = None) -> str:
    """Returns the body of an answer as text that may be shown: without the key, should the server repeat it.

    Example:
        >>> import httpx
        >>> body_text(httpx.Response(401, text="no such key: abc"), "abc")
        'no such key: [key]'
    """
    return response.text.replace(key, "[key]") if key else response.text
