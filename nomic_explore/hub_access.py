"""Finds out in seconds whether the Hugging Face hub can be reached; its own client tries for minutes."""

import os
from threading import Thread

_SECONDS = 2.0  # for an answer, if HF_HUB_ETAG_TIMEOUT does not say another time


def why_unreachable() -> str:
    """Returns why nothing can be downloaded from the hub, in a few words; "" if it answers.

    A slow network can be given more seconds with HF_HUB_ETAG_TIMEOUT.
    """
    from huggingface_hub import constants

    if constants.is_offline_mode():
        return "HF_HUB_OFFLINE is set, so nothing was downloaded"
    import httpx

    given = os.environ.get("HF_HUB_ETAG_TIMEOUT", "")
    seconds = float(given) if given.isdecimal() and int(given) else _SECONDS
    found: list[str] = []

    def knock() -> None:
        try:
            status = httpx.head(constants.ENDPOINT, timeout=seconds).status_code
        except httpx.TransportError as error:
            found.append(f"a download from {constants.ENDPOINT} is not possible ({type(error).__name__})")
        except Exception:  # such as a proxy that only the hub's client can use: it may try itself
            found.append("")
        else:  # a proxy answers for a hub that it cannot reach, or does not let through
            is_proxy = status == 407 or status >= 500
            found.append(f"a download from {constants.ENDPOINT} is not possible (status {status})" if is_proxy else "")

    thread = Thread(target=knock, daemon=True)  # looking up a name takes as long as it takes
    thread.start()
    thread.join(seconds)
    return found[0] if found else f"a download from {constants.ENDPOINT} is not possible (no answer in {seconds:.0f} s)"
