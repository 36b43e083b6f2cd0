"""Files that a command writes: whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from echoformat.errors import UsageError


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A path beside the target to write to; it becomes the target only when all went well.

    Raises:
        UsageError: The folder is missing or cannot be written to, or the target is a folder.
    """
    if target.is_dir():
        raise UsageError(f"{target} is a directory; name a file in it")
    if target.exists() and not target.is_file():
        # A device or a pipe: it cannot be replaced, only written to.
        yield target
        return
    # Named before it is made: an interrupt at any moment finds it here to be removed.
    part = target.with_name(f".{target.name}.{secrets.token_hex(6)}.part")
    try:
        part.touch(mode=0o600, exist_ok=False)
        yield part
        _as_new_file(part)
        part.replace(target)
    except OSError as error:
        raise UsageError(f"cannot write {target}: {error.strerror or error}") from error
    finally:
        # Asked first: below a file in place of a folder, removing fails with more than "missing".
        if part.exists():
            part.unlink(missing_ok=True)


def _as_new_file(path: Path) -> None:
    """Give a temporary file the permissions that a new file gets."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o666 & ~mask)


def write_text(target: Path, text: str) -> None:
    """Write a UTF-8 file, whole or not at all; lone surrogates become the replacement character."""
    with whole_file(target) as part:
        part.write_bytes(text.encode("utf-8", "replace"))
