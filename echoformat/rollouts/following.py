"""Following a run that is being written: rows that are new and complete, and where to go on after a restart.

Files of JSON lines grow; their new rows are read up to the last whole line, and nothing is read twice.
Every other file (parquet, JSON, ``.pt``, ``.eval``, CSV, compressed lines) is read whole when it has changed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from echoformat.completion import Completion
from echoformat.errors import MissingExtra, UsageError
from echoformat.rollouts import listing
from echoformat.rollouts.container import Container
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.known import Known, mark_before, seen, whole_lines
from echoformat.rollouts.opening import Compression
from echoformat.rollouts.options import Columns, ReadOptions, checked_reasoning
from echoformat.rollouts.place import placed
from echoformat.rollouts.reader import Reader, chosen
from echoformat.rollouts.report import ReadReport
from echoformat.rollouts.rows import Finisher
from echoformat.rollouts.run_names import run_names
from echoformat.rollouts.shelf import all_readers, read_by, reader_for

_VERSION = 1


@dataclass(slots=True)
class Followed:
    """New completions of one file.

    Attributes:
        path: The file.
        completions: Its new rows.
        replaced: Whether rows of this file that were given before no longer stand: it was written anew.
    """

    path: str
    completions: list[Completion]
    replaced: bool = False


class Following:
    """Follows a directory (or a file) that another process writes.

    Keep what ``poll`` yields and ``state()`` together (in one atomic write) and nothing is counted twice or
    lost when the follower is killed: a new ``Following`` with that state goes on behind the last row kept.
    Numbers of samples start anew then.

    Args:
        path: The directory or file.
        state: What ``state()`` gave before; plain values for JSON. ``None`` starts from the beginning.
        columns, step_from, reasoning, run, tokenizer: As in ``read_rollouts``.

    Attributes:
        report: Faults and findings so far (of this process).
        notices: What the last poll met that a person should know: rotation, truncation, replacement.
        waiting: Half-written last lines: path to the byte at which they begin.

    Example:
        >>> import pathlib, tempfile
        >>> log = pathlib.Path(tempfile.mkdtemp()) / "1.jsonl"
        >>> _ = log.write_text('{"step": 1, "response": "a"}\\n{"step": 1, "resp')
        >>> following = Following(log.parent)
        >>> [row.text for new in following.poll() for row in new.completions]
        ['a']
        >>> with log.open("a") as stream: _ = stream.write('onse": "b"}\\n')
        >>> again = Following(log.parent, state=following.state())
        >>> [row.text for new in again.poll() for row in new.completions]
        ['b']
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        state: dict[str, Any] | None = None,
        *,
        columns: Columns | None = None,
        step_from: str | None = None,
        reasoning: str = "join",
        run: str | None = None,
        tokenizer: Any = None,
    ) -> None:
        self.path = os.fspath(path)
        self._options = ReadOptions(columns or Columns(), step_from, checked_reasoning(reasoning), tokenizer)
        self._options.pattern()
        self._run = run
        self.report = ReadReport()
        self.notices: list[str] = []
        self.waiting: dict[str, int] = {}
        self._files: dict[str, tuple[LogFile, Reader]] = {}
        self._known: dict[str, Known] = {}
        self._shared: dict[str, Any] = {}
        self._finisher = Finisher(self._options, self.report, run)
        if state is not None:
            self._restore(state)

    def state(self) -> dict[str, Any]:
        """Where to go on, as plain values for JSON; right after each ``Followed`` and between polls."""
        return {
            "version": _VERSION,
            "files": {path: known.to_list() for path, known in self._known.items()},
            "shared": {key: value for key, value in self._shared.items() if isinstance(value, str)},
            "binary": dict(self._finisher.binary),
        }

    def _restore(self, state: dict[str, Any]) -> None:
        if state.get("version") != _VERSION:
            raise UsageError(
                f"state of version {state.get('version')!r}, not {_VERSION}: start with state=None"
            )
        self._known = {path: Known(*values) for path, values in state["files"].items()}
        self._shared.update(state["shared"])
        self._finisher.binary.update(state["binary"])

    def poll(self, last: bool = False) -> Iterator[Followed]:
        """What is new since the last poll.

        Args:
            last: Whether the writer is done, so that a last line without a newline counts as whole.
        """
        self.notices, self.waiting = [], {}
        for key in [key for key, value in self._shared.items() if not isinstance(value, str)]:
            del self._shared[key]
        self._renamed()
        for path in self._present():
            try:
                yield from self._look(path, last)
            except OSError as error:
                self.notices.append(f"{path} cannot be read: {error.strerror or error}")

    def _present(self) -> list[str]:
        """The log files that are there now, in numeric order, each with its reader where that is known."""
        if not Path(self.path).exists():
            return []
        self.report.passed_over.clear()
        found = listing.listed([self.path], self.report)
        found += self._rotated({one.path for one in found})
        names = [self._run] * len(found) if self._run is not None else run_names([one.path for one in found])
        for one, name in zip(found, names, strict=True):
            if one.path not in self._files:
                self._meet(one, name or "")
        own: dict[str, tuple[Reader, list[LogFile]]] = {}
        for one in found:
            if one.path in self._files:
                file, reader = self._files[one.path]
                own.setdefault(reader.name, (reader, []))[1].append(file)
        passed = {path: why for reader, files in own.values() for path, why in chosen(reader, files).items()}
        self.report.passed_over.update(passed)
        return [one.path for one in found if one.path in self._files and one.path not in passed]

    def _rotated(self, listed: set[str]) -> list[listing.Listed]:
        """Files read before whose new names are no names of logs (``rollouts.jsonl.1``)."""
        others = (path for path, known in self._known.items() if known.offset and path not in listed)
        return [listing.Listed(path, Path(path).parts[-6:], False) for path in others if Path(path).is_file()]

    def _meet(self, one: listing.Listed, run: str) -> None:
        """Find out who wrote a file; one that shows nothing yet is looked at again at the next poll."""
        known = self._known.get(one.path)
        file = LogFile(one.path, one.parts, self._options, self.report, run, one.named, shared=self._shared)
        if known is not None:
            file.run = known.run
        try:
            reader = None if file.container is Container.EMPTY else reader_for(file, all_readers())
        except (OSError, MissingExtra) as error:
            self.notices.append(f"{one.path}: {error}")
            return
        if reader is None:
            self.report.passed_over[one.path] = "empty, unfinished, or no log that is known"
            return
        if not getattr(reader, "follows", True):
            self.report.passed_over[one.path] = (
                f"a {reader.name} table grows as a whole; read it when the run is over"
            )
            return
        file.read.reader = reader.name
        placed([(file, reader)])
        self._files[one.path] = (file, reader)
        self.report.files.append(file.read)

    def _look(self, path: str, last: bool) -> Iterator[Followed]:
        file, reader = self._files[path]
        status = os.stat(path)  # noqa: PTH116 - one call for size, time and inode
        known = self._known.setdefault(path, Known(inode=status.st_ino, run=file.run))
        if not last and (known.size, known.changed, known.inode) == seen(status):
            return
        if not self._grows(file):
            yield from self._whole(file, reader, known, status, last)
            return
        replaced = self._begun_anew(path, known, status)
        if replaced:
            del self._files[path], self._known[path]
            self.report.files.remove(file.read)
            self._meet(listing.Listed(path, file.parts, False), file.run)
            if path not in self._files:
                return
            file, reader = self._files[path]
            known = self._known.setdefault(path, Known(inode=status.st_ino, run=file.run))
        yield from self._grown(file, reader, known, status.st_size, last)
        if file.path not in self.waiting:
            known.size, known.changed, _ = seen(status)

    def _grows(self, file: LogFile) -> bool:
        return (
            file.container is Container.LINES
            and file.compression is Compression.NONE
            and file.encoding == "utf-8"
        )

    def _begun_anew(self, path: str, known: Known, status: os.stat_result) -> bool:
        if status.st_ino != known.inode:
            self.notices.append(f"{path} is a new file under an old name (rotated); read from its beginning")
        elif status.st_size < known.offset:
            self.notices.append(
                f"{path} shrank from {known.offset} to {status.st_size} bytes (truncated); read anew"
            )
        elif known.mark and mark_before(path, known.offset) != known.mark:
            self.notices.append(f"{path} was written anew; read from its beginning")
        else:
            return False
        return True

    def _renamed(self) -> None:
        """Give what is known of a file to its new name: the rest of a rotated file is read and no more."""
        inodes = {
            known.inode: path
            for path, known in self._known.items()
            if known.offset and self._moved(path, known)
        }
        if not inodes:
            return
        for folder in {str(Path(path).parent) for path in inodes.values()}:
            for entry in os.scandir(folder) if Path(folder).is_dir() else ():
                old = inodes.get(entry.inode())
                if (
                    old is not None
                    and entry.path != old
                    and entry.path not in self._known
                    and entry.is_file()
                ):
                    self._rename(old, entry.path)

    def _moved(self, path: str, known: Known) -> bool:
        try:
            return os.stat(path).st_ino != known.inode  # noqa: PTH116 - inode
        except OSError:
            return True

    def _rename(self, old: str, new: str) -> None:
        self._known[new] = self._known.pop(old)
        self.notices.append(f"{old} was renamed to {new}")
        if old in self._files:
            file, reader = self._files.pop(old)
            file.path = file.read.path = new
            self._files[new] = (file, reader)

    def _grown(
        self, file: LogFile, reader: Reader, known: Known, size: int, last: bool
    ) -> Iterator[Followed]:
        while known.offset < size:
            end, lines = whole_lines(file.path, known.offset, size)
            if end == known.offset:
                if not last:
                    self.waiting[file.path] = known.offset
                    return
                end = size
            file.window = (known.offset, end, known.lines)
            completions = self._finished(file, reader)
            known.offset, known.lines = end, known.lines + lines
            known.rows += len(completions)
            known.mark = mark_before(file.path, end)
            yield Followed(file.path, completions)

    def _whole(
        self, file: LogFile, reader: Reader, known: Known, status: os.stat_result, last: bool
    ) -> Iterator[Followed]:
        """A file that is written at once: read when it is new or changed, kept when it is whole."""
        if (known.size, known.changed, known.inode) == seen(status):
            return
        file = self._again(file)
        faults = len(self.report.faulty_files)
        completions = self._finished(file, reader)
        broken = len(self.report.faulty_files) > faults
        if broken and known.mark != f"{status.st_size} {status.st_mtime_ns}":
            del self.report.faulty_files[file.path]
            known.mark = f"{status.st_size} {status.st_mtime_ns}"
            self.waiting[file.path] = status.st_size
            return
        half = not last and self._half_row(file)
        completions = completions[:-1] if half else completions
        before, appended = known.rows, self._appends(file) and len(completions) >= known.rows
        known.size, known.changed, known.inode = seen(status)
        known.changed = 0 if half else known.changed
        known.rows = len(completions)
        if before and not appended:
            self.notices.append(f"{file.path} was written anew; its earlier rows no longer stand")
        new = completions[before:] if appended else completions
        if new or (before and not appended):
            yield Followed(file.path, new, replaced=bool(before) and not appended)

    def _half_row(self, file: LogFile) -> bool:
        """Whether a CSV file ends within a row."""
        if file.container is not Container.CSV or file.compression is not Compression.NONE:
            return False
        with file.open() as stream:
            stream.seek(-1, os.SEEK_END)
            if stream.read(1) == b"\n":
                return False
        self.waiting[file.path] = file.read.rows
        return True

    def _appends(self, file: LogFile) -> bool:
        return file.container in (Container.LINES, Container.CSV)

    def _again(self, file: LogFile) -> LogFile:
        """The same file without what was remembered of its bytes."""
        fresh = LogFile(
            file.path, file.parts, file.options, self.report, file.run, file.named, shared=file.shared
        )
        fresh.read, fresh.step, fresh.split = file.read, file.step, file.split
        return fresh

    def _finished(self, file: LogFile, reader: Reader) -> list[Completion]:
        self._finisher.open(
            file, list(self._files).index(file.path) if self._options.step_from == "file" else 0
        )
        return list(self._finisher.finished(read_by(reader, file)))
