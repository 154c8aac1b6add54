"""From the filled form to a first prediction, as a data scientist waits for it."""

from __future__ import annotations

import time

from tests.e2e.life import FAILING, MODEL, Life, eventually

#: Seconds after the first form was sent.
Steps = dict[str, float]
BAR = 300.0


def measure(life: Life) -> Steps:
    """Send three forms one after the other, then only wait until a version answers by its alias."""
    began, steps = time.monotonic(), Steps()

    def done(what: str) -> None:
        steps[what] = time.monotonic() - began

    life.scaffold_dataset()
    done("the data set is there")
    life.scaffold_pipeline()
    done("the pipeline is there")
    life.scaffold_service()
    done("the service is there")
    run = life.finished(MODEL, 1, 600)
    assert run["status"]["phase"] == "Succeeded", life.log(run)
    done("the first run has registered a candidate")
    eventually("the service answers", lambda: answers(life), 180)
    done("the service gives a prediction")
    return steps


def answers(life: Life) -> bool:
    answer = life.ask("POST", "/predict", json={"instances": [FAILING]})
    return answer.is_success and answer.json()["predictions"] == ["failing"]
