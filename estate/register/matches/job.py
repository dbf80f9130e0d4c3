"""The match of an import as a job: whoever asks for it needs nothing of what a match needs."""

from sqlalchemy.orm import Session

from estate import jobs

MATCH_TASK = "matches.import"
QUEUE = "matches"


def queue_match(session: Session, import_id: int) -> None:
    """Put the match of an import's records in the queue, in the caller's transaction."""
    jobs.defer(session, MATCH_TASK, queue=QUEUE, import_id=import_id)
