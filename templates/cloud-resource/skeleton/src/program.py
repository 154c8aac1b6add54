"""The Pulumi program: from the settings to the one resource and what belongs to it."""

from __future__ import annotations

from settings import Settings


def resources(settings: Settings) -> None:
    """Declare what shall be there; what is declared no more is taken away."""
    if not settings.wanted:
        return
    # Only the SDK of the place is loaded; that of AWS takes its time.
    if settings.place == "aws":
        import aws as place
    else:
        import local as place
    declare = {"database": place.database, "bucket": place.bucket, "queue": getattr(place, "queue", None)}
    declare[settings.kind](settings)
