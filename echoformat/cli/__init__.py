"""The command line: one file a command, found by looking at the files of this folder."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from textwrap import fill
from threading import current_thread, main_thread
from types import FrameType

from echoformat.cli.command import command_names, command_summaries, load_command
from echoformat.cli.exit_code import ExitCode
from echoformat.cli.say import say
from echoformat.cli.settings import apply_settings
from echoformat.errors import EchoformatError, UsageError, did_you_mean
from echoformat.version import TAXONOMY_VERSION, __version__

DESCRIPTION = "Which of its pretraining formats is your model writing in, and when did it switch?"


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; nothing but the data goes to standard output.

    Args:
        words: The command line without the program's name; by default the one of this process.
    """
    _forgive_characters()
    try:
        with _own_interrupt():
            return _run(sys.argv[1:] if words is None else list(words))
    except SystemExit as stop:
        return int(stop.code or 0) if isinstance(stop.code, int | None) else ExitCode.USAGE
    except EchoformatError as error:
        say(f"echoformat: {error}")
        return ExitCode.USAGE
    except KeyboardInterrupt:
        say("echoformat: stopped")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        _let_go_of_stdout()
        return ExitCode.PIPE_CLOSED
    except Exception:
        say(traceback.format_exc())
        say("echoformat: this is a defect of echoformat; please report it with the lines above")
        return ExitCode.INTERNAL


def _run(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(_overview())
        return ExitCode.OK if words else ExitCode.USAGE
    if words[0] == "--version":
        print(f"echoformat {__version__} (taxonomy {TAXONOMY_VERSION})")
        return ExitCode.OK
    name, rest = words[0], words[1:]
    if name not in command_names():
        raise UsageError(f"no command {name!r}: {did_you_mean(name, command_names())}")
    command = load_command(name)
    parser = argparse.ArgumentParser(
        prog=f"echoformat {name}",
        description=command.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_arguments(parser)
    apply_settings(parser, name, Path.cwd())
    code = int(command.run(parser.parse_args(rest)))
    sys.stdout.flush()
    return code


def _overview() -> str:
    lines = [
        fill(f"{name:<10} {summary}", 79, initial_indent="  ", subsequent_indent=" " * 13)
        for name, summary in command_summaries().items()
    ]
    usage = "usage: echoformat COMMAND [ARGUMENT...] | COMMAND --help | --version"
    return "\n".join([usage, "", DESCRIPTION, "", "commands:", *lines])


def _forgive_characters() -> None:
    """Let a stream that cannot write a character write its escape: a name is no reason to stop."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


class _Stopped(KeyboardInterrupt):
    """An interrupt.

    CPython notes a plain `KeyboardInterrupt` that leaves code made from a string (a dataclass being made) as
    nobody's, whoever catches it later, and `python -m` then ends by the signal and not with our code.
    """


def _stop(number: int, frame: FrameType | None) -> None:
    raise _Stopped


@contextmanager
def _own_interrupt() -> Iterator[None]:
    """Take interrupts the way of `_Stopped` where Python would take them its own way, and nobody else's."""
    is_plain = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not is_plain or current_thread() is not main_thread():
        yield
        return
    signal.signal(signal.SIGINT, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _let_go_of_stdout() -> None:
    """Point standard output at nothing, so that the interpreter's last flush does not complain either."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return
