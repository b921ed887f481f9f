"""Who asks for something, or approves it: an agent, a person, or an agent that checks. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from podium.base.text import clean_line


class Kind(StrEnum):
    AGENT = "agent"
    PERSON = "person"
    CHECKER = "checker"
    """An agent whose word on another's change is asked for."""


@dataclass(frozen=True, slots=True)
class Actor:
    """`name` is an agent's name in podium.toml; of a person it is `Name <mail>`, as git has it."""

    kind: Kind
    name: str

    @property
    def mail(self) -> str:
        """A person's mail in lower case, or empty."""
        text = self.name.rpartition("<")[2].strip().removesuffix(">") if "<" in self.name else self.name
        return text.casefold() if self.kind is Kind.PERSON and "@" in text else ""

    @property
    def shown(self) -> str:
        return clean_line(self.name, limit=100)

    def is_meant(self, word: str) -> bool:
        """Whether a word of a rule's `actors` means this one. The words for kinds mean nobody's name.

        >>> Actor(Kind.AGENT, "claude").is_meant("agent"), Actor(Kind.AGENT, "person").is_meant("person")
        (True, False)
        >>> Actor(Kind.PERSON, "Ann <Ann@Example.com>").is_meant("ann@example.com")
        True
        """
        if word in set(Kind):
            return word == self.kind
        if self.kind is not Kind.PERSON:
            return word == self.name
        return word.casefold() in {self.name.casefold(), self.mail} - {""}

    def is_same(self, other: "Actor") -> bool:
        """Whether both are the same one: people by their mail, agents by their name, whatever they do here."""
        if Kind.PERSON not in {self.kind, other.kind}:
            return self.name == other.name
        by_mail = bool(self.mail) and self.mail == other.mail
        return self.kind is other.kind and (by_mail or self.name.casefold() == other.name.casefold())
