import ctypes
import logging
import os
import sys
import threading
import warnings

from ._channel import write_all

STDOUT = 1
STDERR = 2


class Surroundings:
    """What a block may change of its process, and the next block must not see."""

    def __init__(self):
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
        self._streams = (sys.stdout, sys.stderr)
        self._outputs = {descriptor: os.dup(descriptor) for descriptor in (STDOUT, STDERR)}
        self._environment = dict(os.environ)
        self._path = list(sys.path)
        self._show_warning = warnings.showwarning
        self._threads = set(threading.enumerate())
        self._libc = ctypes.CDLL(None)

    def restore(self, request_id):
        """Puts everything back, and closes the block's output on stdout and stderr."""
        self._close_output(request_id)
        if dict(os.environ) != self._environment:
            os.environ.clear()
            os.environ.update(self._environment)
        sys.path[:] = self._path
        logging.getLogger().handlers = []
        warnings.showwarning = self._show_warning

    def is_spent(self):
        """Whether the block left threads or child processes behind, which may still print or hold memory."""
        return any(thread not in self._threads for thread in threading.enumerate()) or has_children()

    def _close_output(self, request_id):
        self._libc.fflush(None)
        # A block may have replaced the streams, and even closed the descriptors below them.
        for stream in {sys.stdout, sys.stderr, *self._streams}:
            try:
                stream.flush()
            except (AttributeError, OSError, ValueError):
                pass
        sys.stdout, sys.stderr = self._streams
        for descriptor, saved in self._outputs.items():
            os.dup2(saved, descriptor)
            write_all(descriptor, b"\0highwater:end:%d\n" % request_id)


def has_children():
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        return False
    return True
