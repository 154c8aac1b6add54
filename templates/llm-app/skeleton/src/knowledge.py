"""The documents, cut into passages, and an index over them: TF-IDF, no model and no network needed."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import linear_kernel

#: Passages longer than this are cut between paragraphs, in characters.
LONGEST = 1500
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")


@dataclass(frozen=True)
class Passage:
    """A piece of a document under one heading."""

    file: str
    heading: str
    text: str


@dataclass(frozen=True)
class Hit:
    """A passage that fits a question; the score is a cosine, 0 to 1."""

    passage: Passage
    score: float


class Knowledge:
    """An index over passages. It is made once: other documents are another start of the application."""

    def __init__(self, passages: list[Passage]) -> None:
        self.passages = passages
        # Pairs of words as well, since "not allowed" is not "allowed".
        self._vectorizer = TfidfVectorizer(
            ngram_range=(1, 2), strip_accents="unicode", sublinear_tf=True, token_pattern=r"(?u)\b\w+\b"
        )
        texts = [f"{passage.heading}\n{passage.text}" for passage in passages]
        self._matrix = self._vectorizer.fit_transform(texts) if texts else None

    @property
    def files(self) -> list[str]:
        return sorted({passage.file for passage in self.passages})

    @property
    def version(self) -> str:
        """Names the very documents that answers come from."""
        digest = hashlib.sha256()
        for passage in self.passages:
            digest.update(f"{passage.file}\0{passage.heading}\0{passage.text}\0".encode())
        return digest.hexdigest()[:12]

    def search(self, question: str, most: int, least_score: float) -> list[Hit]:
        """The passages that fit best, best first; none where nothing fits."""
        if self._matrix is None:
            return []
        scores = linear_kernel(self._vectorizer.transform([question]), self._matrix)[0]
        best = scores.argsort()[::-1][:most]
        return [
            Hit(self.passages[i], round(float(scores[i]), 4)) for i in best if scores[i] >= least_score and scores[i] > 0
        ]


def load(folder: Path) -> Knowledge:
    """The Markdown files of a folder."""
    files = sorted(path for path in folder.glob("*.md") if path.is_file())
    return Knowledge([passage for file in files for passage in split(file.name, file.read_text(encoding="utf-8"))])


def split(file: str, text: str) -> list[Passage]:
    """One passage per heading, with the headings above it; long ones become several."""
    passages: list[Passage] = []
    above: list[tuple[int, str]] = []
    lines: list[str] = []
    fenced = False

    def finish() -> None:
        heading = " / ".join(title for _, title in above) or file
        passages.extend(Passage(file, heading, piece) for piece in _pieces("\n".join(lines).strip()))
        lines.clear()

    for line in text.splitlines():
        fenced ^= line.lstrip().startswith("```")
        found = None if fenced else _HEADING.match(line)
        if found:
            finish()
            level = len(found[1])
            above[:] = [*(item for item in above if item[0] < level), (level, found[2])]
        else:
            lines.append(line)
    finish()
    return passages


def _pieces(text: str) -> list[str]:
    """Paragraphs, put together as long as they fit."""
    pieces: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        if pieces and len(pieces[-1]) + len(paragraph) < LONGEST:
            pieces[-1] += f"\n\n{paragraph}"
        elif paragraph.strip():
            pieces.append(paragraph)
    return pieces
