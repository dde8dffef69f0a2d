import resource
import sys


class Usage:
    """Measures one block: its processor time with that of its child processes, and its peak memory."""

    def __init__(self):
        self._cpu = cpu_seconds()
        try:
            # Linux: lets the high-water mark of the process start again.
            with open("/proc/self/clear_refs", "w") as marks:
                marks.write("5")
        except OSError:
            pass

    def read(self):
        cpu_ms = round((cpu_seconds() - self._cpu) * 1000)
        return {"peakMemoryBytes": peak_bytes(), "cpuMs": max(cpu_ms, 0)}


def cpu_seconds():
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def peak_bytes():
    try:
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
