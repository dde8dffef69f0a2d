import os
import signal

# Taken before any block could change it.
MARK = b"HIGHWATER_HOST_MARK=" + os.environb.get(b"HIGHWATER_HOST_MARK", b"")


def end_family():
    """Ends this process with everything that it started: its group, and whoever left that with the host's mark."""
    for pid in strays():
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass  # it has ended by itself
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def strays():
    pids = os.listdir("/proc") if os.path.isdir("/proc") else []
    return [int(pid) for pid in pids if pid.isdigit() and int(pid) != os.getpid() and is_marked(pid)]


def is_marked(pid):
    try:
        with open(f"/proc/{pid}/environ", "rb") as environment:
            return MARK in environment.read().split(b"\0")
    except OSError:
        return False
