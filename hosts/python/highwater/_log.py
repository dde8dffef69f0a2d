import json
import logging
import math
import warnings

from ._errors import relative
from ._text import LOG_LINE, cut


class Log:
    """What a block logs to: `log.info("loaded", rows=3)`."""

    def __init__(self, channel, request_id):
        self._channel = channel
        self._id = request_id

    def debug(self, message, **fields):
        self._send("debug", message, fields)

    def info(self, message, **fields):
        self._send("info", message, fields)

    def warn(self, message, **fields):
        self._send("warn", message, fields)

    def error(self, message, **fields):
        self._send("error", message, fields)

    warning = warn

    def _send(self, level, message, fields):
        line = {"type": "log", "id": self._id, "level": level, "message": cut(str(message), LOG_LINE)}
        self._channel.send({**line, "fields": short(to_plain(fields))} if fields else line)


class LogHandler(logging.Handler):
    """Sends what is logged with Python's `logging` to the block's log."""

    def __init__(self, log):
        super().__init__()
        self._log = log
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record):
        try:
            self._log._send(level_of(record.levelno), self.format(record), {"logger": record.name})
        except Exception:
            self.handleError(record)


def capture(log, folder):
    """Makes Python's `logging` and `warnings` part of the log, for the block that runs now."""
    root = logging.getLogger()
    root.handlers = [LogHandler(log)]
    root.setLevel(logging.INFO)

    def show(message, category, filename, lineno, file=None, line=None):
        log.warn(f"{category.__name__}: {message}", file=relative(filename, folder), line=lineno)

    warnings.showwarning = show


def short(fields):
    size = len(json.dumps(fields))
    return fields if size <= LOG_LINE else {"dropped": f"fields of {size} characters"}


def level_of(number):
    if number >= logging.ERROR:
        return "error"
    if number >= logging.WARNING:
        return "warn"
    return "info" if number >= logging.INFO else "debug"


def to_plain(value):
    """The value as JSON can hold it; what JSON does not know becomes text."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {str(key): to_plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [to_plain(inner) for inner in value]
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        return to_plain(value.item())
    return str(value)
