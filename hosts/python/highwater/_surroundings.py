import ctypes
import logging
import os
import sys
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

    def _close_output(self, request_id):
        # A block may have replaced the streams, and even closed the descriptors below them.
        for stream in {sys.stdout, sys.stderr, *self._streams}:
            try:
                stream.flush()
            except (AttributeError, OSError, ValueError):
                pass
        self._libc.fflush(None)
        sys.stdout, sys.stderr = self._streams
        for descriptor, saved in self._outputs.items():
            os.dup2(saved, descriptor)
            write_all(descriptor, b"\0highwater:end:%d\n" % request_id)
