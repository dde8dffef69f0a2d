import json
import os
import queue
import sys
import threading

from ._family import end_family

REQUESTS = 3
ANSWERS = 4


class Channel:
    """JSON lines to and from the worker, on descriptors that neither prints nor child processes can reach."""

    def __init__(self, cancellation):
        self._cancellation = cancellation
        self._lock = threading.Lock()
        self._requests = queue.SimpleQueue()
        self._forked = False
        for descriptor in (REQUESTS, ANSWERS):
            os.set_inheritable(descriptor, False)
        os.register_at_fork(after_in_child=self._leave_to_parent)
        threading.Thread(target=self._read, name="highwater-requests", daemon=True).start()

    def next_request(self):
        return self._requests.get()

    def send(self, answer):
        line = to_json(answer) + b"\n"
        if self._forked:
            # The pipe is the parent's; stderr is shared, and becomes log lines too.
            print(answer.get("message"), file=sys.stderr, flush=True)
            return
        with self._cancellation, self._lock:
            write_all(ANSWERS, line)

    def _read(self):
        with open(REQUESTS, "rb", closefd=False) as lines:
            for line in lines:
                self._requests.put(json.loads(line))
        # The worker is gone, so nobody will take the answer: end at once, with all that the block started.
        end_family()

    def _leave_to_parent(self):
        self._forked = True
        self._cancellation.forget()
        for descriptor in (REQUESTS, ANSWERS):
            os.close(descriptor)


def write_all(descriptor, data):
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def to_json(value):
    """UTF-8 JSON; half a surrogate pair, which UTF-8 cannot hold, becomes a JSON escape."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")
