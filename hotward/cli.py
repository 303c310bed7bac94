"""The command line: every error as one or two lines and an exit status."""

from __future__ import annotations

import atexit
import errno
import gc
import signal
import sys
import traceback
from collections.abc import Sequence

from hotward.packages import foreign_package
from hotward.streams import lasting_streams

INTERRUPTED = 130
"""Exit status after Ctrl-C, which typer turns into."""
_INTERRUPTED_SENTENCE = "hotward: interrupted; hotward runs shows what is on disk."
_ABOUT_A_PLACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM)
"""Errors of a disk that another directory may not have."""
_LONGEST = 1800
"""Characters of an error; a foreign cell or answer that it quotes may be longer than a screen."""


def main() -> None:
    """Entry point: maps every error to one or two lines and an exit status."""
    gc.set_threshold(100_000, 50, 50)  # figures and imports make hundreds of thousands of objects that stay
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1
    with lasting_streams() as out:
        try:
            code = _status_of(arguments or ["--help"], debug)
        except KeyboardInterrupt:  # before typer has begun to look for it, or after
            print(_INTERRUPTED_SENTENCE, file=sys.stderr)
            code = INTERRUPTED
        # all is written and the status stands: what comes now, as the interpreter ends, would end it by the signal
        atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)
        out.flush()
        if out.lost is not None:
            code = code or 1
            print(f"hotward: standard output is lost: {out.lost.strerror}.", file=sys.stderr)
        sys.stderr.flush()
    sys.exit(code)


def _status_of(arguments: Sequence[str], debug: bool) -> int:
    """Carries a command out; its exit status."""
    foreign = foreign_package()
    if foreign:
        print(f"hotward: {foreign}", file=sys.stderr)
        return 2
    from typer.exceptions import TyperException

    from hotward.commands import app

    try:
        code = app(args=list(arguments), prog_name="hotward", standalone_mode=False)
    except TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "hotward"
        message = _shortened(" ".join(error.format_message().split()).rstrip("."))
        print(f"{command}: {message}. Try {command} --help.", file=sys.stderr)
        return 2
    except Exception as error:
        if debug:
            _print_traceback(error)
        return _print_error(error)
    if code == INTERRUPTED:
        print(_INTERRUPTED_SENTENCE, file=sys.stderr)
    return code if isinstance(code, int) else 0


def _print_traceback(error: Exception) -> None:
    from devices.remote import scrubbed

    print(scrubbed("".join(traceback.format_exception(error))), end="", file=sys.stderr)


def _print_error(error: Exception) -> int:
    """Prints an error and returns the exit status: 2 the request is wrong, 1 the run failed."""
    from devices.errors import Interrupted, RunError
    from devices.remote import scrubbed
    from protocols import RequestError
    from protocols.program import mistake_in_a_protocol

    if isinstance(error, RequestError | RunError):
        text = str(error)
    elif isinstance(error, OSError):
        text = _text_of_disk_error(error)
    elif isinstance(error, MemoryError):
        text = "the memory of this machine is not enough for it. Ask for fewer points, shots or rows at a time."
    elif mistake := mistake_in_a_protocol(error):
        text = mistake
    else:
        text = f"unexpected {type(error).__name__}: {error}. This is a fault of hotward; --debug shows where."
    print("hotward:", _shortened(scrubbed(" ".join(text.split()))), file=sys.stderr)
    if isinstance(error, Interrupted):
        return INTERRUPTED
    return 2 if isinstance(error, RequestError) else 1


def _text_of_disk_error(error: OSError) -> str:
    from devices.errors import way_out

    text = f"{error.filename or 'the disk'} cannot be used: {error.strerror or error}."
    if error.errno in _ABOUT_A_PLACE:
        return f"{text} {way_out(error).capitalize()} or choose --runs DIR."
    return text


def _shortened(text: str) -> str:
    """A text with its middle left out if it is longer than an error can be: the argument and the repair stay.

    >>> _shortened("short"), len(_shortened("x" * 131072))
    ('short', 1842)
    """
    left = len(text) - _LONGEST
    if left <= 0:
        return text
    return f"{text[: _LONGEST // 2]} ... ({left} characters are left out) ... {text[-_LONGEST // 2 :]}"
