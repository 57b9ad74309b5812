"""Names of files in archives."""

from __future__ import annotations

from pathlib import PurePosixPath


def leads_outside(name: str) -> bool:
    r"""Whether a name in an archive is absolute or leads upwards, on any operating system.

    >>> from nyala.core import leads_outside
    >>> [leads_outside(name) for name in ("a/b", "/a", "a/../../b", "..\\a", "C:a", "")]
    [False, True, True, True, True, True]
    """
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts:
        return name not in (".", "./")  # how `tar -c .` names the folder itself
    return ".." in parts or name[0] in "/\\" or "\0" in name or ":" in parts[0]
