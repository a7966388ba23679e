"""Files that appear whole or not at all, and their hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path


def written_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place and move it there; an interruption leaves nothing.

    Parameters
    ----------
    path : Path
        Where the file is to stand.
    write : callable
        Writes to the path that it is given.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        write(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """Return the hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
