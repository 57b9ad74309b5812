"""Results sent to a server."""

from __future__ import annotations

import http.client
import json
import math
import urllib.parse
import urllib.request
import warnings
from typing import Any

import numpy as np

from nyala.callbacks._callback import Callback

# A server that hangs must not hold up the training.
_SECONDS = 10.0


class RemoteMonitor(Callback):
    """Posts the logs of every epoch to a server; where it cannot be reached, warns and goes on.

    Args:
        root: URL of the server, beginning with `http://` or `https://`.
        path: where on the server to post.
        field: name of the form's field that holds the JSON text; not used with `send_as_json`.
        headers: more HTTP headers.
        send_as_json: whether to post JSON itself instead of a form.

    Raises:
        ValueError: `root` is not an HTTP address.

    >>> import nyala
    >>> monitor = nyala.callbacks.RemoteMonitor("https://example.org", send_as_json=True)
    >>> monitor.root + monitor.path
    'https://example.org/publish/epoch/end/'
    """

    def __init__(
        self,
        root: str = "http://localhost:9000",
        path: str = "/publish/epoch/end/",
        field: str = "data",
        headers: dict | None = None,
        send_as_json: bool = False,
    ):
        super().__init__()
        if urllib.parse.urlsplit(root).scheme not in ("http", "https"):
            raise ValueError(
                "RemoteMonitor(root=...) expects an address that begins with http:// or https://; "
                f"got {root!r}."
            )
        self.root = root
        self.path = path
        self.field = field
        self.headers = headers
        self.send_as_json = send_as_json

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Post the logs."""
        values = {name: _plain(value) for name, value in (logs or {}).items()}
        text = json.dumps({"epoch": epoch, **values})
        if self.send_as_json:
            kind, data = "application/json", text
        else:
            kind = "application/x-www-form-urlencoded"
            data = urllib.parse.urlencode({self.field: text})
        headers = {"Content-Type": kind, **(self.headers or {})}
        request = urllib.request.Request(self.root + self.path, data.encode(), headers)
        try:
            urllib.request.urlopen(request, timeout=_SECONDS).close()
        except (OSError, http.client.HTTPException) as error:  # URLError is an OSError
            warnings.warn(
                f"RemoteMonitor could not post epoch {epoch} to {self.root}: {error}", stacklevel=2
            )


def _plain(value: Any) -> Any:
    """Return what JSON can hold; NaN and infinity, which it cannot, become null."""
    if isinstance(value, str) or value is None:
        return value
    if np.ndim(value):
        return [_plain(part) for part in np.asarray(value).tolist()]
    number = np.asarray(value).item()
    return number if math.isfinite(number) else None
