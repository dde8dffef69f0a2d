"""Makes a virtual environment: `build_environment.py TARGET REQUIREMENTS...`, in the project's folder.

Two processes may ask for the same one: the second waits. The lock belongs to the open file, which pip holds
too, so it goes when the last process that writes there has gone, however it ends.
"""

import fcntl
import os
import shutil
import subprocess
import sys


def main(target, requirements):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    lock = os.open(target + ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    os.set_inheritable(lock, True)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Waiting for another process that is making this environment", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
    # The marker is written last: without it the folder is what an interrupted build left behind.
    marker = os.path.join(target, "highwater-ready")
    if not (os.path.exists(marker) and os.path.exists(python_of(target))):
        try:
            build(target, requirements, lock)
        except BaseException:
            shutil.rmtree(target, ignore_errors=True)
            raise
        open(marker, "w").close()


def build(target, requirements, lock):
    shutil.rmtree(target, ignore_errors=True)
    print("Creating a Python environment", flush=True)
    run([sys.executable, "-m", "venv", target], lock)
    files = [argument for file in requirements for argument in ("-r", file)]
    pip = [python_of(target), "-m", "pip", "install"]
    run([*pip, "--disable-pip-version-check", "--no-input", "--progress-bar", "off", *files], lock)


def python_of(target):
    """A link: it may lead nowhere once the Python that it was made from is uninstalled."""
    return os.path.join(target, "bin", "python")


def run(command, lock):
    ended = subprocess.run(command, pass_fds=[lock], stdin=subprocess.DEVNULL)
    if ended.returncode != 0:
        raise SystemExit(f"{os.path.basename(command[0])} ended with {ended.returncode}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
