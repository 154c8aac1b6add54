"""`python -m idp_ml`: what workflows run, and people on their own machine."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from idp_ml.errors import REFUSED, Refused, explain


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    try:
        _run(given)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        explain(str(refusal))
        return REFUSED
    return 0


def _run(given: argparse.Namespace) -> None:
    if given.part == "dataset":
        from idp_ml import dataset

        actions = {
            "check": dataset.check,
            "version": dataset.version,
            "profile": dataset.write_profile,
            "suggest": dataset.suggest,
        }
        print(actions[given.action](given.folder))
    elif given.part == "score":
        from idp_ml import batch

        batch.score(given.folder)
    else:
        _step(given)


def _step(given: argparse.Namespace) -> None:
    from idp_ml import pipeline

    folder, pin = given.folder, given.data
    if given.part == "validate":
        pipeline.validate(folder, given.outputs)
    elif given.part == "trial":
        pipeline.trial(folder, given.number, pin)
    elif given.part == "train":
        pipeline.train(folder, pin, given.outputs)
    elif given.part == "evaluate":
        pipeline.evaluate(folder, given.run, pin)
    elif given.part == "register":
        pipeline.register(folder, given.run, pin)
    else:
        pipeline.everything(folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m idp_ml", description="Steps of pipelines, checks of data sets."
    )
    parts = parser.add_subparsers(dest="part", required=True)

    def part(name: str, words: str, folder: str) -> argparse.ArgumentParser:
        made = parts.add_parser(name, help=words, description=words)
        given = os.environ.get("IDP_ML_FOLDER", folder)
        made.add_argument("--folder", type=Path, default=Path(given), help=f"default: {folder}")
        return made

    dataset = part("dataset", "Check, name or describe the data set in this folder", ".")
    dataset.add_argument("action", choices=["check", "version", "profile", "suggest"])
    part("score", "Score a data set with a registered model", "src")
    for name, words in {
        "validate": "Read the data and check every value",
        "trial": "Measure one combination of a sweep",
        "train": "Fit a model and log it in MLflow",
        "evaluate": "Measure a logged model and explain it",
        "register": "Register a model if the gate lets it pass",
        "pipeline": "All steps, one after another, on this machine",
    }.items():
        step = part(name, words, "src")
        step.add_argument("--data", default="", help="the data as `validate` has pinned it")
        outputs = os.environ.get("IDP_ML_OUTPUTS")
        step.add_argument("--outputs", type=Path, default=outputs, help="folder for what later steps need")
        step.add_argument("--number", type=int, default=0, help="of the trial")
        step.add_argument("--run", default="", help="the MLflow run of the model to evaluate or register")
    return parser


if __name__ == "__main__":
    sys.exit(main())
