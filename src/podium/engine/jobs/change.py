"""A change as it asks to land: what somebody made, and what git says of it that is needed to judge its risk."""

from dataclasses import dataclass

from podium.engine.site import Site
from podium.git.objects import spread
from podium.model.attempt import Attempt, Change
from podium.model.ids import ChangeId, Sha


@dataclass(frozen=True, slots=True)
class Work:
    """What somebody made: the commit `head` on `base`, under a title, by an author."""

    head: Sha
    base: Sha
    title: str
    author: str
    assisted_by: str = ""


def measured(site: Site, name: ChangeId, work: Work, *, attempt: Attempt | None = None) -> Change:
    """The change that lands `work`. `attempt` is the one it came out of, where it was made for a task."""
    objects = site.repository.objects
    files = objects.changed(work.base, work.head)
    paths = tuple(file.path for file in files)
    return Change(
        id=name,
        task=attempt.task if attempt else None,
        attempt=attempt.id if attempt else None,
        base=work.base,
        head=work.head,
        tree=objects.tree_of(work.head),
        files=paths,
        added=sum(file.added for file in files),
        deleted=sum(file.deleted for file in files),
        title=work.title,
        author=work.author,
        at=site.clock(),
        assisted_by=work.assisted_by,
        grown=tuple(file.path for file in files if file.added and not file.deleted),
        entropy=spread(files),
        prior_changes=objects.count_changes(work.base, paths),
    )
