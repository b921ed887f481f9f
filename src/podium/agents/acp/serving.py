"""Serves one agent that has been started: puts the parts of a conversation together and sees every prompt to an end."""

import time
from pathlib import Path

from podium.agents.acp.assignment import Assignment, Mailbox, Message, TurnResult
from podium.agents.acp.conversation import Conversation
from podium.agents.acp.meter import Meter
from podium.agents.acp.sitting import Sitting
from podium.agents.acp.transport import BoundedLog, Frames
from podium.agents.acp.updates import Reader
from podium.agents.events import FILE, EventKind, Transcript
from podium.base.conversing import Conversing
from podium.base.redaction import Redactor
from podium.base.text import clean_line


async def serve(
    mailbox: Mailbox,
    assignment: Assignment,
    program: Conversing,
    *,
    first: Message,
    journal: BoundedLog,
    redact: Redactor,
) -> None:
    """Work through the prompts until the session ends; `first` is the one it was started for."""
    assert assignment.session
    meter = Meter(assignment.rule)
    transcript = Transcript(Path(first.transcript) / FILE, clock=time.time, redact=redact)
    reader = Reader(transcript, meter)
    frames = Frames(program, journal=journal, on_update=reader.take)
    conversation = Conversation(
        frames, reader, order=assignment.session, failure_marks=assignment.failure_marks
    )
    sitting = Sitting(mailbox, conversation, frames, reader, program, assignment=assignment, redact=redact)
    try:
        await sitting.serve()
    except Exception as error:  # noqa: BLE001 - the boundary of this process: whoever waits for the turn must hear of it
        because = redact(clean_line(f"the process beside the agent failed: {type(error).__name__}: {error}"))
        reader.transcript.say(EventKind.TURN_DONE, f"failed: {because}", end="failed")
        mailbox.finish(sitting.prompt or first.id, TurnResult("failed", because, usage=meter.settle()))
    finally:
        await conversation.close()
        reader.transcript.close()
