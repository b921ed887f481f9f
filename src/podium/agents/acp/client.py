"""The client: a process of its own beside each agent, which outlives the Podium that started it.

Run as `python -m podium.agents.acp.client DIRECTORY` under the shim. It opens the agent's way out, starts the agent in its
sandbox, talks with it, keeps it within its bounds, and leaves the end of each prompt as a file. It decides nothing: what an
end means is for the worker to say. When it ends, the shim kills whatever is left of the agent.
"""

import asyncio
import logging
import sys
from contextlib import AsyncExitStack
from importlib import import_module
from pathlib import Path

from podium.agents.acp.assignment import Mailbox, Message
from podium.agents.acp.transport import BoundedLog
from podium.agents.egress.broker import Broker
from podium.base.conversing import converse, run
from podium.base.redaction import Redactor

SOCKET = "egress.sock"
"""Its name in the session's directory, which is the working directory: the whole path may be too long for a socket."""
_SERVING = "podium.agents.acp.serving"
"""Loaded by name once the agent's program starts: the protocol's schema takes most of a second, which its start takes too."""
_STDERR_BYTES = 1024 * 1024
_FIRST_WORD_S = 60.0


async def attend(mailbox: Mailbox) -> int:
    """Serve one agent from its start to its end; the exit code of this process."""
    assignment = mailbox.take_assignment()
    first = await _first_prompt(mailbox) if assignment and assignment.session else None
    if assignment is None or (assignment.session and first is None):
        return 1
    redact = Redactor(assignment.secrets)
    async with AsyncExitStack() as stack:
        kept = Path(first.transcript) if first else mailbox.directory
        if assignment.rules is not None:
            await stack.enter_async_context(
                Broker(assignment.rules, socket=Path(SOCKET), log=kept / "egress.jsonl")
            )
        if first is None:
            return await run(assignment.argv, env=assignment.env, cwd=assignment.cwd)
        errors = BoundedLog(kept / "stderr", redact=redact, limit_bytes=_STDERR_BYTES)
        stack.callback(errors.close)
        program = await converse(
            assignment.argv, env=assignment.env, cwd=assignment.cwd, keep_stderr=errors.take
        )
        stack.push_async_callback(program.end, grace_s=assignment.farewell_s)
        journal = BoundedLog(kept / "frames.log", redact=redact)
        stack.callback(journal.close)
        serving = import_module(_SERVING)
        await serving.serve(mailbox, assignment, program, first=first, journal=journal, redact=redact)
    return 0


async def _first_prompt(mailbox: Mailbox) -> Message | None:
    """The prompt that this process was started for; whatever else was said before it does not matter."""
    for _ in range(int(_FIRST_WORD_S * 10)):
        prompts = [message for message in mailbox.messages(set()) if message.kind == "prompt"]
        if prompts:
            return prompts[0]
        await asyncio.sleep(0.1)
    return None


def main(directory: str) -> None:
    logging.disable(logging.CRITICAL)  # the SDK's log would repeat what the agent sends
    sys.exit(asyncio.run(attend(Mailbox(Path(directory)))))


if __name__ == "__main__":
    main(sys.argv[1])
