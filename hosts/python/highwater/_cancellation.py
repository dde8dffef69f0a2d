import os
import signal
import threading


class Cancelled(KeyboardInterrupt):
    """Raised in a block when its run is cancelled: `finally` runs, `except Exception` does not see it."""


class Cancellation:
    """Turns SIGTERM into `Cancelled` in a busy block, once; ends an idle host, and a busy one after its answer."""

    def __init__(self):
        self._state = "idle"
        self._held = 0
        self._pending = False
        self.happened = False

    def install(self):
        """Again before every block: the last one may have set handlers of its own."""
        signal.signal(signal.SIGTERM, self._on_signal)
        # Not SIG_IGN, which programs that a block starts would inherit.
        signal.signal(signal.SIGINT, lambda *_: None)

    def begin(self):
        self.install()
        self._state = "busy"

    def end(self):
        self._state = "idle"

    def forget(self):
        """In a forked child: signals mean what they usually mean."""
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def __enter__(self):
        """Holds the exception back while a line is half-written."""
        if threading.current_thread() is threading.main_thread():
            self._held += 1

    def __exit__(self, *_):
        if threading.current_thread() is threading.main_thread():
            self._held -= 1
            if self._pending and not self._held:
                self._act()

    def _on_signal(self, *_):
        if self._held:
            self._pending = True
        else:
            self._act()

    def _act(self):
        self._pending = False
        if self._state == "idle":
            os._exit(0)
        if self._state == "busy":
            self._state = "cancelled"
            self.happened = True
            raise Cancelled("cancelled")
