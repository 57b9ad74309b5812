"""Downloads against a real server on this machine, one that can misbehave."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import os
import socket
import threading

import pytest

from nyala.core import DownloadError, DownloadLimits, download, has_hash, hash_file

CONTENT = bytes(range(256)) * 9000  # more than one chunk
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        getattr(self, "send_" + self.path.strip("/"))()

    def send_whole(self):
        self._begin({"Content-Length": len(CONTENT)})
        self.wfile.write(CONTENT)

    def send_truncated(self):
        self._begin({"Content-Length": len(CONTENT)})
        self.wfile.write(CONTENT[:1000])
        self.close_connection = True

    def send_truncated_chunks(self):
        self._begin({"Transfer-Encoding": "chunked"})
        self.wfile.write(b"400\r\n" + CONTENT[:1000])
        self.close_connection = True

    def send_moved(self):
        self._begin({"Location": "/whole", "Content-Length": 0}, status=302)

    def send_round(self):
        self._begin({"Location": "/round", "Content-Length": 0}, status=302)

    def send_to_a_file(self):
        self._begin({"Location": "file:///etc/passwd", "Content-Length": 0}, status=302)

    def send_to_ftp(self):
        self._begin({"Location": "ftp://127.0.0.1/f", "Content-Length": 0}, status=301)

    def send_endless(self):
        self._begin({})
        self.close_connection = True
        with contextlib.suppress(OSError):
            while True:
                self.wfile.write(bytes(1 << 16))

    def send_missing(self):
        self._begin({"Content-Length": 0}, status=404)

    def send_nothing(self):
        self.server.released.wait()
        self.close_connection = True

    def _begin(self, headers, status=200):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.released = threading.Event()
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")


@pytest.mark.parametrize("page", ["whole", "moved"])
def test_a_file_arrives_whole(server, tmp_path, page):
    target = tmp_path / "new" / "file.bin"
    assert download(f"{server}/{page}", target, file_hash=SHA256) == target
    assert target.read_bytes() == CONTENT
    assert os.listdir(target.parent) == ["file.bin"]


def test_a_new_file_has_the_permissions_of_any_new_file(server, tmp_path):
    download(f"{server}/whole", tmp_path / "file.bin")
    (tmp_path / "other").touch()
    assert (tmp_path / "file.bin").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_progress_counts_to_the_total(server, tmp_path):
    calls = []
    download(f"{server}/whole", tmp_path / "f", progress=lambda *call: calls.append(call))
    assert calls[-1] == (len(CONTENT), len(CONTENT))
    assert len(calls) > 1
    assert calls == sorted(calls)


@pytest.mark.parametrize(
    ("page", "file_hash", "message"),
    [
        ("whole", "0" * 64, f"whose sha256 is {SHA256}; expected 000"),
        ("whole", "0" * 32, "whose md5 is"),
        ("truncated", None, "broke off after 1000 of 2304000 bytes"),
        ("truncated", SHA256, "broke off after 1000 of 2304000 bytes"),
        ("truncated_chunks", None, "broke off after"),
        ("missing", None, "the server answered 404"),
        ("round", None, r"more than 10 \(see .*redirections"),
        ("to_a_file", None, "file:///etc/passwd. is not allowed"),
        ("to_ftp", None, "which is no http or https address"),
    ],
)
@pytest.mark.parametrize("old", [None, b"an older version"])
def test_a_failure_leaves_the_folder_as_it_was(server, tmp_path, page, file_hash, message, old):
    target = tmp_path / "file.bin"
    if old is not None:
        target.write_bytes(old)
    with pytest.raises(DownloadError, match=message):
        download(f"{server}/{page}", target, file_hash=file_hash)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == (
        {} if old is None else {"file.bin": old}
    )


def test_the_name_appears_only_when_the_bytes_are_complete(server, tmp_path):
    target = tmp_path / "file.bin"
    seen = []
    download(f"{server}/whole", target, progress=lambda *_: seen.append(target.exists()))
    assert seen
    assert not any(seen)


def test_an_interrupted_download_leaves_nothing(server, tmp_path):
    def interrupt(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(f"{server}/whole", tmp_path / "file.bin", progress=interrupt)
    assert not list(tmp_path.iterdir())


def test_a_server_that_never_answers_is_given_up(server, tmp_path):
    with pytest.raises(DownloadError, match=r"no answer within 0\.1 seconds"):
        download(f"{server}/nothing", tmp_path / "f", patience=0.1)


def test_a_name_lookup_that_hangs_is_given_up(tmp_path, monkeypatch):
    released = threading.Event()

    def hang(*args, **kwargs):
        released.wait()
        raise socket.gaierror("no network")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    try:
        with pytest.raises(DownloadError, match=r"no answer within 0\.1 seconds"):
            download("http://example.invalid/f", tmp_path / "f", patience=0.1)
    finally:
        released.set()


def test_an_unknown_host_is_named(tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(DownloadError, match=r"example\.invalid/f: .*not known"):
        download("http://example.invalid/f", tmp_path / "f")


@pytest.mark.parametrize("url", ["data:,x", "ftp://example.invalid/f", "/tmp/f", ""])
def test_other_addresses_are_not_opened(url, tmp_path):
    with pytest.raises(ValueError, match="http, https or file"):
        download(url, tmp_path / "f")


def test_from_https_nothing_leads_to_http():
    from urllib.error import HTTPError
    from urllib.request import Request

    from nyala.core._web import _Redirections

    redirections = _Redirections(DownloadLimits())
    begin = Request("https://example.invalid/f")
    with pytest.raises(HTTPError, match="which is no https address"):
        redirections.redirect_request(begin, None, 302, "Found", {}, "http://example.invalid/f")
    onward = redirections.redirect_request(begin, None, 302, "", {}, "https://example.invalid/g")
    assert onward.full_url == "https://example.invalid/g"


@pytest.mark.parametrize("page", ["whole", "endless"])
def test_more_bytes_than_allowed_are_not_stored(server, tmp_path, page):
    limits = DownloadLimits(download_bytes=2_000_000)
    with pytest.raises(DownloadError, match=r"exceed the limit of 2,000,000.*download_bytes"):
        download(f"{server}/{page}", tmp_path / "file.bin", limits=limits)
    assert not list(tmp_path.iterdir())


def test_a_file_of_this_machine_is_copied_when_asked_for(tmp_path):
    source = tmp_path / "a b.bin"
    source.write_bytes(CONTENT)
    target = tmp_path / "new" / "file.bin"
    assert download(source.as_uri(), target, file_hash=SHA256) == target
    assert target.read_bytes() == CONTENT
    with pytest.raises(DownloadError, match="No such file"):
        download((tmp_path / "missing").as_uri(), target)
    with pytest.raises(ValueError, match="no host"):
        download("file://example.invalid/f", target)
    assert target.read_bytes() == CONTENT


def test_a_hash_is_recognized_by_its_length(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(CONTENT)
    md5 = hashlib.md5(CONTENT).hexdigest()
    assert hash_file(path, "md5") == md5
    assert has_hash(path, md5)
    assert has_hash(path, SHA256.upper())
    assert not has_hash(path, "0" * 64)
    with pytest.raises(ValueError, match="'sha256' or 'md5'; got 'crc'"):
        hash_file(path, "crc")
