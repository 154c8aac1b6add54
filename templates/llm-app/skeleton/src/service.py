"""Questions in, answers with citations out.

    uvicorn --app-dir src --factory service:create_app      serve ./knowledge (or $KNOWLEDGE)
"""

import json
import logging
import sys
import time
from typing import Any

from fastapi import FastAPI, HTTPException, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from pydantic import BaseModel, ConfigDict, Field

import endpoint
import knowledge
import prompt
import settings
from endpoint import Answerer, Unavailable
from knowledge import Hit, Knowledge

UNKNOWN = "I do not know: the documents say nothing about this."
LOG = logging.getLogger("answers")


class Question(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    question: str = Field(min_length=3, max_length=1000, examples=["How long does a delivery take?"])


class Citation(BaseModel):
    number: int = Field(description="The number in brackets in the answer")
    file: str
    heading: str
    text: str
    score: float = Field(description="How well the passage fits the question, 0 to 1")


class Answer(BaseModel):
    answer: str
    citations: list[Citation] = Field(description="The passages that the answer refers to")
    grounded: bool = Field(description="False where the answer refers to no passage: do not rely on it")
    stub: bool = Field(description="True where no language model is configured")
    model: str
    knowledge: str = Field(description="The version of the documents")


class Metrics:
    """What a dashboard or an alert would ask about."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.answers = Counter("answers", "Answers", ["kind"], registry=self.registry)
        self.seconds = Histogram("answer_seconds", "Time per answer", registry=self.registry)


def create_app(
    chosen: settings.Settings | None = None, known: Knowledge | None = None, answerer: Answerer | None = None
) -> FastAPI:
    chosen = chosen or settings.load()
    known = known or knowledge.load(settings.knowledge_folder())
    answerer = answerer or endpoint.chosen(chosen.endpoint, settings.secret_folder())
    metrics = Metrics()
    # The interactive pages load their scripts from a public host; the portal shows the API instead.
    app = FastAPI(title=chosen.name, version="1", docs_url=None, redoc_url=None)

    @app.post("/ask", response_model=Answer, responses={503: {"description": "The language model cannot answer"}})
    def ask(asked: Question) -> Answer:
        """Answer a question from the documents, with citations."""
        began = time.monotonic()
        hits = known.search(asked.question, chosen.retrieval.passages, chosen.retrieval.least_score)
        try:
            answer = _answer(asked.question, hits, answerer, known.version)
        except Unavailable as error:
            metrics.answers.labels("unavailable").inc()
            LOG.warning(json.dumps({"event": "unavailable", "why": str(error)}))
            raise HTTPException(503, f"the language model cannot answer: {error}", {"Retry-After": "10"}) from error
        metrics.answers.labels("grounded" if answer.grounded else "unknown").inc()
        metrics.seconds.observe(time.monotonic() - began)
        _record(answer, time.monotonic() - began)
        return answer

    @app.get("/sources")
    def sources() -> dict[str, Any]:
        """The documents that answers come from."""
        return {"version": known.version, "files": known.files, "passages": len(known.passages)}

    @app.get("/readyz", responses={503: {"description": "There are no documents"}})
    def readyz() -> dict[str, Any]:
        """Are there documents to answer from, and which model answers?"""
        if not known.passages:
            raise HTTPException(503, "there are no documents in knowledge/")
        return {"status": "ready", "model": answerer.model, "stub": answerer.is_stub, "knowledge": known.version}

    @app.get("/healthz", include_in_schema=False)
    def healthz() -> dict[str, str]:
        """The process answers; an endpoint that does not is no illness of this one."""
        return {"status": "ok"}

    @app.get("/metrics", include_in_schema=False)
    def exposed() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    @app.get("/", include_in_schema=False)
    def index() -> dict[str, Any]:
        return {"application": chosen.name, "see": ["/openapi.json", "/sources", "/metrics"], "post": ["/ask"]}

    return app


def _answer(question: str, hits: list[Hit], answerer: Answerer, version: str) -> Answer:
    """Where no passage fits, nobody is asked: a model would answer from elsewhere."""
    text = answerer.answer(question, hits) if hits else UNKNOWN
    if not hits and answerer.is_stub:
        text = f"{endpoint.STUB}: none. {UNKNOWN}"
    numbers = prompt.cited(text, hits)
    return Answer(
        answer=text,
        citations=[_citation(number, hits[number - 1]) for number in numbers],
        grounded=bool(numbers),
        stub=answerer.is_stub,
        model=answerer.model,
        knowledge=version,
    )


def _citation(number: int, hit: Hit) -> Citation:
    passage = hit.passage
    return Citation(number=number, file=passage.file, heading=passage.heading, text=passage.text, score=hit.score)


def _record(answer: Answer, seconds: float) -> None:
    """One line per answer, for whoever asks later what was said on which grounds; without the question."""
    line = {
        "event": "answer",
        "model": answer.model,
        "knowledge": answer.knowledge,
        "grounded": answer.grounded,
        "files": sorted({citation.file for citation in answer.citations}),
        "seconds": round(seconds, 3),
    }
    LOG.info(json.dumps(line))


if not LOG.handlers:
    LOG.addHandler(logging.StreamHandler(sys.stdout))
    LOG.setLevel(logging.INFO)
