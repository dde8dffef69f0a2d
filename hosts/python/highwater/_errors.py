import os
import sys
import traceback

from ._cancellation import Cancelled
from ._text import ERROR, cut

HOST_FOLDER = os.path.dirname(os.path.abspath(__file__))


class PermanentError(Exception):
    """Raise it when a second attempt would fail the same way: the block is not retried."""


class BlockError(Exception):
    """An error with a code of Highwater's own; a second attempt would end the same way."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def describe(error, folder):
    """The error as the worker reads it; `folder` holds the block's files."""
    code, message, retryable = classify(error, folder)
    answer = {"code": code, "message": cut(relative(message, folder), ERROR), "retryable": retryable}
    stack = stack_of(error, folder)
    return {**answer, "stack": stack} if stack else answer


def classify(error, folder):
    if isinstance(error, BlockError):
        return error.code, str(error), False
    if isinstance(error, PermanentError):
        return "block.invalid", str(error), False
    if isinstance(error, Cancelled):
        return "block.failed", "The block was cancelled", False
    if isinstance(error, SyntaxError) and (error.filename or "").startswith(folder):
        return "block.invalid", syntax_message(error), False
    if isinstance(error, ModuleNotFoundError) and error.name:
        return "block.invalid", missing_message(error.name), False
    if isinstance(error, ImportError):
        return "block.invalid", f"ImportError: {error}", False
    if isinstance(error, MemoryError):
        return "block.failed", f"The block ran out of memory ({error or 'MemoryError'})", True
    if isinstance(error, SystemExit):
        return "block.failed", exit_message(error), True
    return "block.failed", "".join(traceback.format_exception_only(type(error), error)).strip(), True


def syntax_message(error):
    line = (error.text or "").strip()
    place = f"{error.filename}:{error.lineno}:{error.offset}"
    return f"{place}: {error.msg}" + (f": {line}" if line else "")


def missing_message(name):
    package = name.split(".")[0]
    if package in sys.modules:
        return f"Python module '{name}' was not found: '{package}' has none of that name"
    return f"Python package '{package}' is not installed: add it to requirements.txt"


def exit_message(error):
    given = "" if error.code is None else repr(error.code)
    return f"The block called sys.exit({given}): return from its function, or raise an error, instead"


def stack_of(error, folder):
    """The traceback from the first frame that is not the host's own."""
    if isinstance(error, (BlockError, Cancelled)):
        return None
    frames = error.__traceback__
    while frames and is_host(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    if not frames and not isinstance(error, SyntaxError):
        frames = error.__traceback__
    lines = traceback.format_exception(type(error), error, frames)
    return cut(relative("".join(lines).rstrip(), folder), ERROR)


def is_host(file):
    return file.startswith(HOST_FOLDER) or file.startswith("<frozen importlib")


def relative(text, folder):
    return text.replace(folder.rstrip(os.sep) + os.sep, "")
