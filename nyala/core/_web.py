"""Opening an address: which are opened, where servers may send us on, how long we wait."""

from __future__ import annotations

import contextlib
import http.client
import queue
import threading
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from nyala.core._errors import DownloadError
from nyala.core._file_limits import DownloadLimits

# Once the first bytes came, a pause of this many seconds means that the other side is gone.
_STALL_SECONDS = 30.0

BROKEN_OFF = (http.client.HTTPException, TimeoutError, ConnectionError)
"""What reading an answer raises where the connection ends too early."""


def open_address(url: str, patience: float, limits: DownloadLimits) -> Any:
    """Return the answer of a web server, or give up after `patience` seconds.

    A socket's time limit does not cover the look-up of a name, which the operating system may
    try for a minute and which cannot be broken off. So another thread waits, and is left behind.

    Raises:
        DownloadError: no answer in time, an error status, or a redirection that is not followed.
    """
    answers: queue.SimpleQueue = queue.SimpleQueue()
    given_up = threading.Event()

    def ask() -> None:
        answers.put(_ask(url, limits))
        if given_up.is_set():
            _close_all(answers)

    threading.Thread(target=ask, name="nyala-download", daemon=True).start()
    try:
        answer = answers.get(timeout=patience)
    except queue.Empty:
        given_up.set()
        _close_all(answers)
        raise DownloadError(f"{url}: no answer within {patience:g} seconds.") from None
    if isinstance(answer, Exception):
        raise DownloadError(f"{url}: {reason_of(answer)}.") from answer
    return answer


def reason_of(error: Exception) -> str:
    """Return what happened, without a full stop."""
    if isinstance(error, urllib.error.HTTPError):
        refused = error.code in range(300, 400) and error.reason
        return str(refused or f"the server answered {error.code}")
    return str(getattr(error, "reason", None) or error or type(error).__name__).rstrip(".")


class _Redirections(urllib.request.HTTPRedirectHandler):
    """Follows to other web addresses, so often and no more often, and never from https to http."""

    def __init__(self, limits: DownloadLimits):
        self.max_redirections = self.max_repeats = limits.redirections  # type: ignore[misc]
        self.inf_msg = (  # type: ignore[misc]
            f"the server names one address after the other, more than {limits.redirections} (see "
            f"{limits.place}.redirections)"
        )

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any,
                         newurl: str) -> Any:  # fmt: skip
        allowed = ("https",) if req.type == "https" else ("http", "https")
        if urlsplit(newurl).scheme not in allowed:
            why = f"the server names {newurl}, which is no {' or '.join(allowed)} address"
            raise urllib.error.HTTPError(req.full_url, code, why, headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _ask(url: str, limits: DownloadLimits) -> Any:
    # Put together by hand: the usual opener also opens ftp, file and data addresses.
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _Redirections(limits),
    ):
        opener.add_handler(handler)
    request = urllib.request.Request(url, headers={"User-Agent": "nyala"})
    try:
        return opener.open(request, timeout=_STALL_SECONDS)
    except Exception as error:  # it crosses a thread; `open_address` raises it
        if hasattr(error, "close"):  # an error status comes with an open connection
            error.close()
        return error


def _close_all(answers: queue.SimpleQueue) -> None:
    """Close what came too late; called by both threads, so that one of them finds it."""
    with contextlib.suppress(queue.Empty):
        while True:
            late = answers.get_nowait()
            if not isinstance(late, Exception):
                late.close()
