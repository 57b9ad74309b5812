"""Groups, datasets and attributes of an HDF5 file."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from nyala.saving._hdf5._bytes import UNDEFINED, Bytes, Cursor
from nyala.saving._hdf5._types import Type, read_shape, read_type, values_of
from nyala.saving._limits import ModelFileError, limits

_SHAPE, _LINK_INFO, _TYPE, _LINK, _EXTERNAL_FILES, _LAYOUT, _FILTERS = 1, 2, 3, 6, 7, 8, 11
_ATTRIBUTE, _CONTINUATION, _TABLE, _ATTRIBUTE_INFO = 12, 16, 17, 21
_READ = (_SHAPE, _LINK_INFO, _TYPE, _LINK, _EXTERNAL_FILES, _LAYOUT, _FILTERS, _ATTRIBUTE, _TABLE,
         _ATTRIBUTE_INFO)  # fmt: skip
_COMPACT, _CONTIGUOUS, _CHUNKED, _VIRTUAL = range(4)
_LINK_KINDS = {1: "a symbolic link", 64: "a link to another file"}


class Group:
    """A group: attributes, and members by name.

    Args:
        name: its path in the file.
    """

    def __init__(self, name: str):
        self.name = name
        self.attrs: dict[str, Any] = {}
        self.members: dict[str, Group | Dataset] = {}

    def get(self, path: str) -> Any:
        """Return what lies at a path below, or `None`."""
        found: Any = self
        for part in path.split("/"):
            if part:
                found = found.members.get(part) if isinstance(found, Group) else None
        return found

    def __contains__(self, path: str) -> bool:
        return self.get(path) is not None

    def __getitem__(self, path: str) -> Any:
        found = self.get(path)
        if found is None:
            raise KeyError(path)
        return found


@dataclasses.dataclass
class Dataset:
    """An array that lies in the file.

    Args:
        name: its path in the file.
        attrs: its attributes.
        kind: what its elements are.
        shape: its shape.
        layout: `("bytes", data)`, `("place", address, size)` or `("chunks", address, shape)`.
        filters: the numbers of the filters it is packed with, in the order of packing.
    """

    name: str
    attrs: dict[str, Any]
    kind: Type
    shape: tuple[int, ...]
    layout: tuple
    filters: list[int]

    @property
    def dtype(self) -> np.dtype:
        """The dtype of the elements."""
        return self.kind.dtype


def read_tree(file: Bytes) -> Group:
    """Return the root group of a file, with everything below it."""
    root = Group("/")
    level = [(root, _root_header(file))]
    seen: set[int] = set()
    depth = count = 0
    while level:
        depth += 1
        limits.check("hdf5_depth", depth, f"The depth of groups in {file.what}")
        following: list[tuple[Group, int]] = []
        for group, address in level:
            if address in seen:
                raise ModelFileError(
                    f"{file.what}: {group.name} has two names, which is not allowed."
                )
            seen.add(address)
            messages = _messages(file, address)
            group.attrs = _attributes(messages, file)
            for name, place in _members(messages, group.name, file):
                count += 1
                limits.check("hdf5_objects", count, f"The number of objects in {file.what}")
                path = f"{group.name.rstrip('/')}/{name}"
                item = _item(file, place, path)
                group.members[name] = item
                if isinstance(item, Group):
                    following.append((item, place))
        level = following
    return root


def _root_header(file: Bytes) -> int:
    head = file.cursor(0, min(96, file.size))
    if head.take(8) != b"\x89HDF\r\n\x1a\n":
        raise file.damaged("it does not begin as one")
    version = head.number(1)
    if version in (0, 1):
        sizes = head.numbers("4x2B")
        head.take(9 + (4 if version else 0))
        base = head.numbers("QQQQ")[0]
        address = head.numbers("QQ")[1]
    elif version in (2, 3):
        sizes = head.numbers("2Bx")
        base, _, _, address = head.numbers("QQQQ")
    else:
        raise file.damaged(f"its format has the version {version}")
    if sizes != (8, 8) or base:
        raise file.damaged("its addresses are not of 8 bytes from its beginning")
    return address


# -- headers -------------------------------------------------------------------------------------


def _messages(file: Bytes, address: int) -> list[tuple[int, bytes]]:
    """Return the kinds and contents of the messages in an object's header."""
    if file.at(address, 4) == b"OHDR":
        return list(_new_messages(file, address))
    return list(_old_messages(file, address))


def _old_messages(file: Bytes, address: int) -> Iterator[tuple[int, bytes]]:
    version, _, _, size = file.cursor(address, 12).numbers("BxHII")
    if version != 1:
        raise file.damaged("an object does not lie where it should")
    blocks, done = [(address + 16, size)], set()
    while blocks:
        place, size = blocks.pop(0)
        _not_again(place, done, file)
        block = file.cursor(place, size)
        while block.left >= 8:
            kind, length, flags = block.numbers("HHB3x")
            content = block.take(length)
            if kind == _CONTINUATION:
                blocks.append(Cursor(content, file).numbers("QQ"))
            elif kind in _READ:
                yield kind, _own(content, flags, file)


def _new_messages(file: Bytes, address: int) -> Iterator[tuple[int, bytes]]:
    head = file.cursor(address, min(64, file.size - address))
    head.take(5)
    flags = head.number(1)
    head.take((16 if flags & 32 else 0) + (4 if flags & 16 else 0))
    size = head.number(1 << (flags & 3))
    blocks, done = [(address + head.place, size)], set()
    while blocks:
        place, size = blocks.pop(0)
        _not_again(place, done, file)
        block = file.cursor(place, size)
        while block.left >= 4 + (2 if flags & 4 else 0):
            kind, length, own_flags = block.numbers("BHB")
            block.take(2 if flags & 4 else 0)
            content = block.take(length)
            if kind == _CONTINUATION:
                further, length = Cursor(content, file).numbers("QQ")
                if length < 8 or file.at(further, 4) != b"OCHK":
                    raise file.damaged("an object goes on where nothing is")
                blocks.append((further + 4, length - 8))
            elif kind in _READ:
                yield kind, _own(content, own_flags, file)


def _not_again(place: int, done: set[int], file: Bytes) -> None:
    if place in done:
        raise file.damaged("a part of it leads back to itself")
    done.add(place)
    limits.check("hdf5_depth", len(done), f"The number of pieces of an object in {file.what}")


def _own(content: bytes, flags: int, file: Bytes) -> bytes:
    if flags & 2:
        raise file.damaged("an object uses a part of another")
    return content


# -- groups --------------------------------------------------------------------------------------


def _members(messages: list, group: str, file: Bytes) -> Iterator[tuple[str, int]]:
    """Yield names and addresses of a group's members."""
    names: set[str] = set()
    for kind, content in messages:
        if kind == _TABLE:
            found = _table(content, group, file)
        elif kind == _LINK:
            found = iter([_link(Cursor(content, file), group, file)])
        elif kind == _LINK_INFO:
            found = _no_dense(content, file)
        else:
            continue
        for name, address in found:
            if not name or "/" in name or name in names:
                raise file.damaged(f"{group} holds {name!r} twice, or without a name")
            names.add(name)
            yield name, address


def _no_dense(content: bytes, file: Bytes) -> Iterator[tuple[str, int]]:
    cursor = Cursor(content, file)
    flags = cursor.numbers("BB")[1]
    cursor.take(8 if flags & 1 else 0)
    if cursor.number(8) != UNDEFINED:
        raise ModelFileError(
            f"{file.what} is written in a newer layout of HDF5 than Keras uses: copy its groups "
            "into a new file that h5py makes without libver and track_order."
        )
    return iter(())


def _link(cursor: Cursor, group: str, file: Bytes) -> tuple[str, int]:
    _, flags = cursor.numbers("BB")
    kind = cursor.number(1) if flags & 8 else 0
    cursor.take((8 if flags & 4 else 0) + (1 if flags & 16 else 0))
    name = _name(cursor.take(cursor.number(1 << (flags & 3))), file)
    if kind:
        raise _refused_link(group, name, kind, file)
    return name, cursor.number(8)


def _refused_link(group: str, name: str, kind: int, file: Bytes) -> ModelFileError:
    return ModelFileError(
        f"{file.what}: {group.rstrip('/')}/{name} is {_LINK_KINDS.get(kind, 'a link')}, which is "
        "never followed."
    )


def _table(content: bytes, group: str, file: Bytes) -> Iterator[tuple[str, int]]:
    """Yield the members of a group in the layout of h5py's default."""
    tree, heap = Cursor(content, file).numbers("QQ")
    head = file.cursor(heap, 32)
    if head.take(4) != b"HEAP":
        raise file.damaged("the names of a group do not lie where they should")
    size, _, address = head.numbers("4xQQQ")
    names = file.at(address, size)
    for node in leaves(file, tree, kind=0, key_size=8):
        entries = file.cursor(node, 8)
        if entries.take(4) != b"SNOD":
            raise file.damaged("the members of a group do not lie where they should")
        count = entries.numbers("2xH")[0]
        entries = file.cursor(node + 8, 40 * count)
        for _ in range(count):
            offset, place, cached = entries.numbers("QQI20x")
            name = _name(names[offset:].split(b"\0", 1)[0], file)
            if cached == 2:
                raise _refused_link(group, name, 1, file)
            if place == UNDEFINED:
                raise _refused_link(group, name, 0, file)
            yield name, place


def leaves(file: Bytes, address: int, kind: int, key_size: int) -> Iterator[Any]:
    """Yield what the leaves of a tree lead to: addresses, with their keys for chunks."""
    done: set[int] = set()
    waiting = [] if address == UNDEFINED else [address]
    while waiting:
        place = waiting.pop(0)
        if place in done:
            raise file.damaged("a part of it leads back to itself")
        done.add(place)
        limits.check("hdf5_objects", len(done), f"The number of pieces in {file.what}")
        head = file.cursor(place, 24)
        if head.take(4) != b"TREE":
            raise file.damaged("a list does not lie where it should")
        own_kind, level, used = head.numbers("BBH16x")
        if own_kind != kind:
            raise file.damaged("a list is of another kind")
        node = file.cursor(place + 24, used * (key_size + 8) + key_size)
        for _ in range(used):
            key, child = node.take(key_size), node.number(8)
            if level:
                waiting.append(child)
            else:
                yield (key, child) if kind else child


def _name(data: bytes, file: Bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise file.damaged(f"the name {data[:40]!r}") from None


# -- attributes ----------------------------------------------------------------------------------


def _attributes(messages: list, file: Bytes) -> dict[str, Any]:
    found = {}
    for kind, content in messages:
        if kind == _ATTRIBUTE:
            name, value = _attribute(Cursor(content, file), file)
            found[name] = value
        elif kind == _ATTRIBUTE_INFO:
            cursor = Cursor(content, file)
            flags = cursor.numbers("BB")[1]
            cursor.take(2 if flags & 1 else 0)
            if cursor.number(8) != UNDEFINED:
                raise file.damaged("its attributes are written in a newer layout than Keras uses")
    return found


def _attribute(cursor: Cursor, file: Bytes) -> tuple[str, Any]:
    version, flags, *sizes = cursor.numbers("BBHHH")
    if version not in (1, 2, 3) or (version > 1 and flags & 3):
        raise file.damaged(f"an attribute of version {version}")
    cursor.take(1 if version == 3 else 0)
    parts = []
    for size in sizes:
        parts.append(cursor.take(size))
        if version == 1:
            cursor.take(min(-size % 8, cursor.left))
    name = _name(parts[0].split(b"\0", 1)[0], file)
    kind = read_type(Cursor(parts[1], file), file)
    shape = read_shape(Cursor(parts[2], file), file)
    size = kind.dtype.itemsize
    for axis in shape:
        size *= axis
    return name, values_of(cursor.take(size), kind, shape, file)


# -- datasets ------------------------------------------------------------------------------------


def _item(file: Bytes, address: int, path: str) -> Group | Dataset:
    messages = _messages(file, address)
    found = dict(messages)
    if _LAYOUT not in found:
        if not {_TABLE, _LINK, _LINK_INFO} & set(found):
            raise ModelFileError(f"{file.what}: {path} is neither a group nor an array.")
        return Group(path)
    if _EXTERNAL_FILES in found:
        raise ModelFileError(
            f"{file.what}: the array {path} keeps its data in another file, which is not read."
        )
    if _SHAPE not in found or _TYPE not in found:
        raise file.damaged(f"the array {path} has no shape or no type")
    layout = _layout(Cursor(found[_LAYOUT], file), path, file)
    shape = read_shape(Cursor(found[_SHAPE], file), file)
    kind = read_type(Cursor(found[_TYPE], file), file)
    filters = _filters(Cursor(found[_FILTERS], file), file) if _FILTERS in found else []
    return Dataset(path, _attributes(messages, file), kind, shape, layout, filters)


def _layout(cursor: Cursor, path: str, file: Bytes) -> tuple:
    version, kind = cursor.numbers("BB")
    if kind == _VIRTUAL and version == 4:
        raise ModelFileError(
            f"{file.what}: the array {path} is put together from other files, which are not read."
        )
    if version in (3, 4) and kind == _COMPACT:
        return ("bytes", cursor.take(cursor.number(2)))
    if version in (3, 4) and kind == _CONTIGUOUS:
        return ("place", *cursor.numbers("QQ"))
    if version == 3 and kind == _CHUNKED:
        rank = cursor.number(1)
        return ("chunks", cursor.number(8), cursor.numbers(f"{rank}I")[:-1])
    raise file.damaged(f"the array {path} has a layout that Keras does not use")


def _filters(cursor: Cursor, file: Bytes) -> list[int]:
    version, count = cursor.numbers("BB")
    if version == 1:
        cursor.take(6)
    numbers = []
    for _ in range(count):
        number = cursor.number(2)
        name = cursor.number(2) if version == 1 or number >= 256 else 0
        _, values = cursor.numbers("HH")
        cursor.take(-(-name // 8) * 8 if version == 1 else name)
        cursor.take(4 * values + (4 if version == 1 and values % 2 else 0))
        numbers.append(number)
    return numbers
