"""Programs that a check starts. Each leads a session of its own, so that it ends with everything it started."""

import contextlib
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
# A machine that does three things at once may take this long to start a program.
START_SECONDS = 300
# To end and to remove when somebody interrupts the check.
PROCESSES, DIRECTORIES = [], []


def scratch_directory(prefix):
    directory = pathlib.Path(tempfile.mkdtemp(prefix=prefix))
    DIRECTORIES.append(directory)
    return directory


def free_port():
    """Below those that the kernel gives to clients, of which there are many here."""
    while True:
        with contextlib.suppress(OSError), socket.socket() as listener:
            listener.bind(("127.0.0.1", random.randrange(20_000, 30_000)))
            return listener.getsockname()[1]


def start(command, output, **options):
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=output, start_new_session=True, **options)
    PROCESSES.append(process)
    return process


def stop(process):
    for last in [signal.SIGTERM, signal.SIGKILL]:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, last)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(15)


def wait_until(ready, process):
    """Whether `ready()` came true while the process ran. An `OSError` of it means not yet."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            if ready():
                return True
        time.sleep(0.1)
    return False


def is_healthy(base):
    with urllib.request.urlopen(f"{base}/health", timeout=START_SECONDS):
        return True


def clean_up():
    for process in PROCESSES:
        stop(process)
    for directory in DIRECTORIES:
        shutil.rmtree(directory, ignore_errors=True)


def clean_up_when_interrupted():
    def give_up(number, _frame):
        for process in PROCESSES:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
        for directory in DIRECTORIES:
            shutil.rmtree(directory, ignore_errors=True)
        os._exit(128 + number)

    for ending in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
        signal.signal(ending, give_up)
