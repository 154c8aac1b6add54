"""May this promotion take place? Its checks have passed, and whoever has to agree has agreed."""

from __future__ import annotations

from bootstrap import kube
from bootstrap.bundle import delivery, trust
from bootstrap.errors import WAITING, IdpError
from bootstrap.gitops import ORG
from bootstrap.progress import Step, silent
from bootstrap.promotion import gate, places, runs
from bootstrap.promotion.book import REPOSITORY, Book
from bootstrap.promotion.proposal import Proposal
from bootstrap.promotion.record import Record, State
from bootstrap.promotion.session import Compared


def permitted(proposal: Proposal, step: Step) -> Record:
    """The record of a promotion that may take place: checks have passed, and who has to agree does.

    Raises IDP-M016 (a check fails), IDP-M017 (it waits for an approval).
    """
    seen, entry, book = proposal.seen, proposal.entry, proposal.book
    book.open(places.account(seen.target))
    if proposal.unfinished:
        return entry.but(state=State.BEGUN)
    if proposal.edge.checks:
        with step.step("checks"):
            entry = entry.but(checks=gate.check(proposal.edge, looked_at(seen)))
    if proposal.edge.approval:
        with step.step("approval"):
            entry = approved(proposal, entry)
    return entry.but(state=State.BEGUN)


def approved(proposal: Proposal, entry: Record) -> Record:
    """The record with the approval that was given. Raises IDP-M017 while there is none."""
    book, git, wish = proposal.book, proposal.seen.target.git, proposal.wish
    asked = requested(book, entry)
    pull = book.request_for(asked)
    if asked.approval:  # a run that was ended right after
        if pull:
            book.merge(pull)
        return asked
    pull = pull or book.request(asked, request(asked))
    asked = asked.but(request=pull.url)
    book.write(asked)
    entitled = git.members(ORG, proposal.edge.approval)
    given = gate.consent(git.reviews(ORG, REPOSITORY, pull), entitled, asked.by)
    if not given:
        raise IdpError(
            "IDP-M017",
            f"this promotion to `{wish.target}` waits for an approval",
            f"somebody of {ORG}/{proposal.edge.approval} other than {asked.by.name} approves {pull.url}",
            "once it is approved, run the same again",
            exit_code=WAITING,
        )
    agreed = asked.but(approval=given)
    book.write(agreed)
    book.merge(pull)
    return agreed


def requested(book: Book, entry: Record) -> Record:
    """The promotion as it was asked for; what was asked for of another content is withdrawn."""
    same = None
    for waiting in book.waiting(entry.source.cluster):
        if waiting.content == entry.content and same is None:
            same = waiting.but(checks=entry.checks)
        else:
            book.withdraw(waiting)
    return same or entry.but(state=State.WAITING)


def request(entry: Record) -> str:
    """What people are asked to agree to."""
    lines = [
        f"{entry.by.name} asks to promote `{entry.source.name}` to `{entry.target.name}`:",
        "",
        *(f"- {line}" for line in entry.difference),
        "",
        *(f"Check `{check.name}`: {check.detail}" for check in entry.checks),
        f"Content: `{entry.content}`",
    ]
    return "\n".join(lines) + "\n"


def looked_at(seen: Compared) -> gate.Seen:
    facts = seen.target.plan.facts
    source = seen.source.cluster

    def signatures() -> list[str]:
        return trust.refused(delivery.verify(seen.lock, facts.registry, facts.signer, silent()))

    return gate.Seen(source.list(kube.APPLICATION), source.list(runs.WORKFLOW), signatures)
