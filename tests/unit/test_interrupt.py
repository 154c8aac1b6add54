"""Ctrl-C ends a command, whatever holds it up."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

#: Prints `ready`, then is held up in its own way.
_HELD = """
import sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from bootstrap import cli
from bootstrap.cli import interrupt

def by_nothing():
    time.sleep(30)

def by_a_pool_that_waits():
    with ThreadPoolExecutor(1) as pool:
        pool.submit(time.sleep, 30).result()

def by_a_thread_that_waits():
    threading.Thread(target=time.sleep, args=[30]).start()
    time.sleep(30)

def by_a_library_that_loses_the_interrupt():
    try:
        time.sleep(30)
    except BaseException:
        time.sleep(30)

interrupt.GRACE = 0.5
cli.watch_for_interrupt(["up", "--local"])
try:
    print("ready", flush=True)
    HOW()
except KeyboardInterrupt:
    sys.stderr.write("Interrupted")
cli.leave()
"""
_WAYS = (
    "by_nothing",
    "by_a_pool_that_waits",
    "by_a_thread_that_waits",
    "by_a_library_that_loses_the_interrupt",
)


@pytest.mark.parametrize("how", _WAYS)
def test_ctrl_c_ends_a_command(how: str) -> None:
    running = subprocess.Popen(
        [sys.executable, "-c", _HELD.replace("HOW", how)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout
    assert running.stdout.readline() == "ready\n"
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=15)
    assert (running.returncode, "Interrupted" in said) == (130, True), said
