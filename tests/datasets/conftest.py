"""An empty home folder, and an origin on this machine instead of the web."""

from __future__ import annotations

import functools
import http.server
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def places(tmp_path, monkeypatch) -> SimpleNamespace:
    """The folders in which a dataset is looked for, all empty."""
    found = SimpleNamespace(
        cache=tmp_path / "nyala" / "datasets",
        keras=tmp_path / "keras" / "datasets",
        by_hand=tmp_path / "by_hand",
    )
    monkeypatch.setenv("NYALA_HOME", str(found.cache.parent))
    monkeypatch.setenv("KERAS_HOME", str(found.keras.parent))
    monkeypatch.delenv("NYALA_DATASETS", raising=False)
    monkeypatch.setenv("no_proxy", "*")
    for folder in vars(found).values():
        folder.mkdir(parents=True)
    return found


@pytest.fixture
def origin(tmp_path):
    """A web server: `url` is its address, `folder` holds what it serves, `requests` what came."""
    folder = tmp_path / "origin"
    folder.mkdir()
    requests = []

    class Counting(Quiet):
        def do_GET(self):
            requests.append(self.path)
            super().do_GET()

    handler = functools.partial(Counting, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        yield SimpleNamespace(url=url, folder=Path(folder), requests=requests)
        server.shutdown()
        thread.join()
