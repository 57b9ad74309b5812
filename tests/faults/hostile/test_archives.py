"""Archives that try to write elsewhere, or to exhaust the machine. Payloads are harmless."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
import zlib

import numpy as np
import pytest

from nyala.core import ArchiveError, DownloadLimits, extract_archive


@pytest.fixture
def box(tmp_path):
    """A folder in which everything happens; nothing but `in` and `out` may be there at the end."""
    place = tmp_path / "box"
    (place / "in").mkdir(parents=True)
    yield place
    assert {path.name for path in place.iterdir()} <= {"in", "out"}
    assert {path.name for path in tmp_path.iterdir()} == {"box"}


def tar_of(*members, format=tarfile.PAX_FORMAT, **headers):
    """Bytes of a tar file. A member is (name, content) or (name, type, what it links to)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=format, pax_headers=headers) as archive:
        for name, kind, *rest in members:
            info = tarfile.TarInfo(name)
            if rest:
                info.type, info.linkname = kind, rest[0]
                archive.addfile(info)
            else:
                info.size = len(kind)
                archive.addfile(info, io.BytesIO(kind))
    return buffer.getvalue()


def zip_of(*members, compression=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def zip_link(name, target):
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info, target


def unpack(box, data, **limits):
    path = box / "in" / "archive"
    path.write_bytes(data)
    extract_archive(path, box / "out", limits=DownloadLimits(**limits))
    return {
        file.relative_to(box / "out").as_posix(): file.read_bytes()
        for file in (box / "out").rglob("*")
        if file.is_file()
    }


def refused(box, data, reason, **limits):
    with pytest.raises(ArchiveError, match=reason):
        unpack(box, data, **limits)
    assert not (box / "out").exists()


FILES = {"a/b.txt": b"text", "c.bin": bytes(range(256)) * 9, "empty": b""}


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_plain_tar_files_are_unpacked(box, pack, format):
    long = "d" * 99 + "/" + "e" * 90  # needs each format's own way to write long names
    data = tar_of(*FILES.items(), (long, b"long"), ("f", tarfile.DIRTYPE, ""), format=format)
    assert unpack(box, pack(data)) == {**FILES, long: b"long"}
    assert (box / "out" / "f").is_dir()


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED,
                                         zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])  # fmt: skip
def test_plain_zip_files_are_unpacked(box, compression):
    assert unpack(box, zip_of(*FILES.items(), ("f/", b""), compression=compression)) == FILES


def test_a_former_folder_is_replaced_as_a_whole(box):
    unpack(box, tar_of(("old", b"1")))
    assert unpack(box, tar_of(("new", b"2"))) == {"new": b"2"}
    with pytest.raises(ArchiveError):
        unpack(box, tar_of(("newer", b"3"), ("../x", b"")))
    assert [path.name for path in (box / "out").iterdir()] == ["new"]


# -- names and links -------------------------------------------------------------------------------

NAMES = ["../it-ran", "a/../../it-ran", "/tmp/it-ran", "..\\it-ran", "C:/it-ran", "a/.."]


@pytest.mark.parametrize("name", NAMES)
def test_names_that_lead_out(box, name):
    """CVE-2007-4559."""
    refused(box, tar_of(("fine", b"1"), (name, b"x")), "leads out")
    refused(box, zip_of(("fine", b"1"), (name, b"x")), "leads out")


@pytest.mark.parametrize("name", NAMES)
def test_names_that_lead_out_in_extended_headers(box, name):
    """The short name of the member is fine; the header before it says another."""
    refused(box, tar_of(("fine", b"1"), path=name), "leads out")
    data = tar_of(("y" * 120, b"1"), format=tarfile.GNU_FORMAT)
    refused(box, data.replace(b"y" * 120, name.encode().ljust(120, b"\0"), 1), "leads out")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
@pytest.mark.parametrize("target", ["../../in", "/tmp", "a/../../../in", "../..", ""])
def test_links_that_lead_out(box, kind, target):
    """CVE-2025-12060: a link, then a file through it."""
    refused(box, tar_of(("a/link", kind, target), ("a/link/it-ran", b"x")), "leads out")
    refused(box, tar_of(("a/link", kind, target)), "leads out")


@pytest.mark.parametrize("target", ["../../in", "/tmp", ".."])
def test_links_of_zip_files_that_lead_out(box, target):
    refused(box, zip_of(zip_link("link", target), ("link/it-ran", b"x")), "leads out")


def test_a_chain_of_links_that_leads_out(box):
    """Each link alone stays inside as long as none is followed."""
    data = tar_of(
        ("a/b/c", tarfile.DIRTYPE, ""),
        ("l", tarfile.SYMTYPE, "a/b/c"),
        ("l/up", tarfile.SYMTYPE, "../../.."),
        ("l/up/it-ran", b"x"),
    )
    refused(box, data, "leads out")
    inside = tar_of(("l", tarfile.SYMTYPE, "a"), ("l/x", b"1"), ("a/y", b"2"))
    refused(box, inside, "which is no file")


def test_a_chain_of_links_longer_than_paths_may_be(box):
    """CVE-2025-12638 (CVE-2025-4517): the check of a path gives up where it gets too long."""
    long, steps, path = "d" * 247, "abcdefghijklmnop", ""
    members = []
    for step in steps:
        members += [(f"{path}{long}", tarfile.DIRTYPE, ""), (path + step, tarfile.SYMTYPE, long)]
        path += f"{long}/"
    end = "/".join(steps) + "/" + "l" * 254
    members += [
        (end, tarfile.SYMTYPE, "../" * len(steps)),
        ("escape", tarfile.SYMTYPE, f"{end}/../../in"),
        ("hard", tarfile.LNKTYPE, "escape/it-ran"),
        ("hard", b"x"),
        ("escape/it-ran", b"x"),
    ]
    refused(box, tar_of(*members), "leads out|too long|no file|twice|[Nn]ot a directory")
    refused(box, tar_of(*members[:-3]), "leads out|too long|no file")
    assert not (box / "in" / "it-ran").exists()


def test_links_inside_become_copies(box):
    data = tar_of(
        ("a/first", tarfile.SYMTYPE, "../b/second"),  # before what they point to
        ("b/second", tarfile.LNKTYPE, "c"),
        ("c", b"content"),
    )
    assert unpack(box, data) == dict.fromkeys(["a/first", "b/second", "c"], b"content")
    assert not any(path.is_symlink() for path in (box / "out").rglob("*"))
    assert (box / "out" / "c").stat().st_nlink == 1
    assert unpack(box, zip_of(("c", b"1"), zip_link("a/l", "../c"))) == {"c": b"1", "a/l": b"1"}


@pytest.mark.parametrize("target", ["loop", "folder", "missing", "other"])
def test_links_to_no_file(box, target):
    data = tar_of(("loop", tarfile.SYMTYPE, target), ("other", tarfile.SYMTYPE, "loop"),
                  ("folder", tarfile.DIRTYPE, ""))  # fmt: skip
    refused(box, data, "which is no file")


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, b"S", b"V"])
def test_other_things_than_files(box, kind):
    refused(box, tar_of(("thing", kind, "")), "device|pipe|holes|of the kind")


@pytest.mark.parametrize("other", ["name", "./name", "name/inside"])
def test_a_name_twice(box, other):
    refused(box, tar_of(("name", b"1"), (other, b"2")), "twice|[Nn]ot a directory")
    refused(box, tar_of(("name", b"1"), (other, tarfile.LNKTYPE, "name")), "twice|[Nn]ot a dir")
    link = ("link", tarfile.SYMTYPE, "name")
    refused(box, tar_of(("name", b"1"), link, link), "twice")
    refused(box, zip_of(("name", b"1"), ("./name", b"2")), "twice")


def test_names_too_long_for_the_disk(box):
    refused(box, tar_of(("n" * 300, b"1")), "too long")
    refused(box, tar_of(("n/" * 3000 + "n", b"1")), "too long")


def test_owners_and_permissions_are_not_taken_over(box):
    info = tarfile.TarInfo("program")
    info.mode, info.uid, info.gid, info.size = 0o6777, 12345, 12345, 1
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(info, io.BytesIO(b"x"))
    unpack(box, buffer.getvalue())
    (box / "in" / "other").touch()
    found, usual = (box / "out" / "program").stat(), (box / "in" / "other").stat()
    assert (found.st_mode, found.st_uid) == (usual.st_mode, usual.st_uid)


# -- sizes -----------------------------------------------------------------------------------------

BOMB = {"expansion": 20, "expansion_floor": 1 << 20}


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_packed_bombs(box, pack):
    zeros = bytes(1 << 22)
    refused(box, pack(tar_of(("zeros", zeros))), "expansion", **BOMB)
    refused(box, pack(tar_of(*((str(i), zeros[: 1 << 19]) for i in range(8)))), "expans", **BOMB)


def test_packed_bombs_in_zip_files(box):
    zeros = bytes(1 << 22)
    refused(box, zip_of(("zeros", zeros)), "expansion", **BOMB)
    # Two entries of the list that name the same packed bytes.
    data = bytearray(zip_of(("a", np.random.default_rng(0).bytes(1 << 20)), ("b", b"")))
    refused(box, bytes(data), "archive_bytes", archive_bytes=1 << 16)


def test_links_count_as_the_copies_that_they_become(box):
    links = [(f"l{i}", tarfile.LNKTYPE, "f") for i in range(40)]
    data = tar_of(("f", bytes(1 << 16)), *links)
    refused(box, data, "archive_bytes", archive_bytes=1 << 20)
    refused(box, data, "expansion", expansion=5, expansion_floor=1 << 17)


def test_too_many_members(box):
    members = [(str(i), b"") for i in range(11)]
    refused(box, tar_of(*members), "archive_members", archive_members=10)
    refused(box, zip_of(*members), "archive_members", archive_members=10)


def header_with(size_field, kind=b"0", name=b"f"):
    header = bytearray(512)
    header[: len(name)], header[156:157], header[257:265] = name, kind, b"ustar\00000"
    header[124 : 124 + len(size_field)] = size_field
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


@pytest.mark.parametrize("kind", [b"0", b"x", b"g", b"L", b"K"])
@pytest.mark.parametrize(
    "field",
    [b"\xff" * 12, b"\xff" + bytes(11), b"-0000000001\0", b"0x00000010\0", b"99999999999\0"],
)
def test_sizes_that_are_no_sizes(box, kind, field):
    """CVE-2025-8194: with a negative size, `tarfile` reads the same header for ever."""
    refused(box, header_with(field, kind) + bytes(2048), "a size is (negative|not a number)")


@pytest.mark.parametrize("kind", [b"x", b"g", b"L", b"K"])
def test_headers_that_would_fill_the_memory(box, kind):
    refused(box, header_with(b"77777777777\0", kind) + bytes(2048), "holds a header of 8,589,934,")


def test_a_file_that_claims_more_than_there_is(box):
    refused(box, header_with(b"00000001000\0") + bytes(100), "ends within a file")
    refused(box, header_with(b"\x80" + b"\x7f" * 11) + bytes(100), "archive_bytes|expansion")
    refused(box, tar_of(("f", b"1"), size="9" * 30), "a size is '999")
    refused(box, tar_of(("f", b"1"), **{"GNU.sparse.major": "1"}), "holes")


@pytest.mark.parametrize(
    "record", [b"7 a=b\n", b"5 a=b\n", b"0 a=b\n", b"-6 a=b\n", b"6 abc\n", b"a=b\n", b"\xff a=b\n"]
)
def test_records_that_do_not_follow_their_format(box, record):
    data = header_with(b"%011o\0" % len(record), b"x") + record.ljust(512, b"\0")
    refused(box, data + tar_of(("f", b"1")), "does not follow its format")


# -- no archive, or a damaged one ------------------------------------------------------------------


NO_ARCHIVES = {
    "nothing": b"",
    "text": b"text",
    "head of gzip": b"\x1f\x8b",
    # The time in its head is fixed: it would name the test differently in each of pytest's workers.
    "text in gzip": gzip.compress(b"text", mtime=0),
    "heads of zip": b"PK\3\4" * 9,
    "zeros": bytes(100),
    "head of bzip2": b"BZh",
    "head of xz": b"\xfd7zXZ\0",
}


@pytest.mark.parametrize("data", NO_ARCHIVES.values(), ids=NO_ARCHIVES.keys())
def test_files_that_are_no_archives(box, data):
    refused(box, data, "not a tar or zip archive")


def test_only_the_formats_asked_for(box):
    path = box / "in" / "archive"
    path.write_bytes(zip_of(("a", b"1")))
    with pytest.raises(ArchiveError, match="not a tar archive"):
        extract_archive(path, box / "out", ["tar"])
    with pytest.raises(ValueError, match=r"got 'tra'\. Did you mean 'tar'"):
        extract_archive(path, box / "out", ["tra"])


def test_encrypted_and_unknown_members(box):
    data = bytearray(zip_of(("a", b"1")))
    data[data.index(b"PK\1\2") + 8] |= 1
    refused(box, bytes(data), "encrypted")
    data = bytearray(zip_of(("a", b"1")))
    data[data.index(b"PK\1\2") + 10] = 99
    refused(box, bytes(data), "damaged")


@pytest.mark.parametrize("count", [300, pytest.param(20_000, marks=pytest.mark.soak)])
def test_damaged_archives_raise_one_error(box, count):
    """Bytes changed or cut at random: the archive is unpacked, or the error says what is wrong."""
    rng = np.random.default_rng(0)
    text = bytes(rng.integers(97, 105, 5000, dtype="uint8"))
    link = ("l", tarfile.SYMTYPE, "a/b")
    tar = tar_of(("a/b", text), ("n" * 120, text), link, ("d", tarfile.DIRTYPE, ""))
    wholes = [tar, gzip.compress(tar), bz2.compress(tar), lzma.compress(tar)]
    wholes += [
        zip_of(("a/b", text), zip_link("l", "a/b"), compression=compression)
        for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2,
                            zipfile.ZIP_LZMA)
    ]  # fmt: skip
    for number in range(count):
        whole = wholes[number % len(wholes)]
        data = bytearray(whole[: rng.integers(1, len(whole))] if rng.random() < 0.3 else whole)
        for place in rng.integers(0, len(data), rng.integers(1, 9)):
            data[place] = rng.integers(0, 256)
        if number % 3 == 0 and whole is tar:  # with its checksum right, to get further
            header = data[:512].ljust(512, b"\0")
            header[148:156] = b" " * 8
            data[148:156] = b"%06o\0 " % sum(header)
        try:
            unpack(box, bytes(data))
        except ArchiveError as error:
            assert str(error)  # noqa: PT017


def test_a_damaged_byte_of_a_zip_file_is_noticed(box):
    data = bytearray(zip_of(("a", b"content"), compression=zipfile.ZIP_STORED))
    assert zlib.crc32(b"content")
    data[data.index(b"content")] ^= 1
    refused(box, bytes(data), "CRC")
