"""End `idp` in the middle of something, as a full disk, a closed lid or an impatient person would."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

from tests.platform import Platform

KILL, CTRL_C = signal.SIGKILL, signal.SIGINT
INTERRUPTED = 130


def end_at(where: tuple[str, ...], how: signal.Signals, instance: Platform, *arguments: str) -> None:
    """Run `idp`, and end it as soon as a step begins: alone and at once, or with all it started (Ctrl-C)."""
    environment = {
        **os.environ,
        "IDP_DATA_DIR": str(instance.data),
        "IDP_NAME": instance.name,
        **instance.environment,
    }
    command = [sys.executable, "-m", "bootstrap", *arguments, "--progress", "json"]
    with (
        instance.log.open("a") as log,
        subprocess.Popen(
            command, env=environment, stdout=log, stderr=subprocess.PIPE, text=True, start_new_session=True
        ) as running,
    ):
        assert running.stderr
        reached = False
        for line in running.stderr:
            log.write(line)
            event = json.loads(line) if line.startswith("{") else {}
            if event.get("event") == "start" and tuple(event["path"]) == where:
                reached = True
                if how is KILL:
                    running.kill()
                    break
                os.killpg(running.pid, how)
    said = f"`idp {' '.join(arguments)}` ended with {running.returncode}"
    assert reached, f"{said} before it came to {' / '.join(where)}"
    assert running.returncode == (INTERRUPTED if how is CTRL_C else -KILL), said
