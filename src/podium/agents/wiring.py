"""What one attempt of an agent needs of the person and the machine: variables, files, ways out, the program itself.

Keys stay on this side: where an agent's profile has a route for them, the agent gets an address on its own loopback and a
word that is no key. A login that has no such way is copied, without what a copy must not use. Whatever else the person has
in their HOME or environment, the agent does not get.
"""

import re
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from podium.agents.egress.decide import read_upstream
from podium.agents.egress.rules import Route, Rules, proxy_environment
from podium.agents.login import Copy, copied
from podium.base import environment
from podium.config.settings import AgentSettings, LoginSettings, RouteSettings

PLACEHOLDER = "podium-keeps-the-key"
"""What an agent is told is its key. Unlike any word that stands in code: some agents blot out their key in all they say."""
_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL")
_LARGEST_LOGIN_BYTES = 1024 * 1024
Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the agent gets. `home` holds files below its HOME; `rules` is None where it reaches nothing that we watch.

    `missing` is empty, or what is missing and what to do about it.
    """

    env: Texts = field(default_factory=dict, repr=False)
    home: Texts = field(default_factory=dict, repr=False)
    rules: Rules | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """What the person has: variables, the texts of login files by their path below HOME, and what time it is."""

    env: Texts = field(default_factory=dict, repr=False)
    files: Texts = field(default_factory=dict, repr=False)
    now: float = 0.0


def wire(settings: AgentSettings, *, port: int) -> Wiring:
    """What the agent needs here and now; `port` is where it finds its way out."""
    home = Path(environment.variable("HOME", "/nonexistent"))
    names = [login.file for login in settings.login if login.file]
    files = {name: text for name in names if (text := _read(home / name)) is not None}
    person = Person(environment.everything(), files, time.time())
    return wired(settings, person, port=port, word=secrets.token_hex(8))


def wired(settings: AgentSettings, person: Person, *, port: int, word: str) -> Wiring:
    """What the agent needs.

    Its routes have `word` in their addresses: where it shares our loopback, others cannot guess them.
    """
    used = _routes_in_use(settings.route, person.env)
    ways = {
        route.variable: _route(route, person.env, f"/{word}/{number}") for number, route in enumerate(used)
    }
    logins = () if used else _handed_over(settings.login, person)
    usable = [copy for copy in logins if not copy.trouble]
    rules = _rules(settings, tuple(ways.values()), [copy.login for copy in usable])
    parts = [_own(settings), *(_of_login(copy) for copy in usable)]
    parts += [
        _of_route(route, f"http://127.0.0.1:{port}{ways[route.variable].prefix}{route.path}")
        for route in used
    ]
    given = {name: person.env[name] for name in settings.env if person.env.get(name)}
    keys = [value for name, value in given.items() if _SECRET_NAME.search(name.upper())]
    signed_in = bool(used or usable or keys) or not (settings.route or settings.login)
    return Wiring(
        env=(proxy_environment(port) if rules and not settings.network else {}) | _filled((part.variables for part in parts), settings.model),
        home=_filled((part.files for part in parts), settings.model),
        rules=rules,
        secrets=_secrets([*keys, *(_key(route, person.env) for route in used)], usable),
        missing=_wrong(used, person.env) or ("" if signed_in else _not_signed_in(settings, logins)),
    )  # fmt: skip


def _read(path: Path) -> str | None:
    """The text of a login file; None where there is none that could be one."""
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST_LOGIN_BYTES:
            return None
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _routes_in_use(routes: Sequence[RouteSettings], env: Texts) -> tuple[RouteSettings, ...]:
    """Those whose key is there, or that need none; of several for one variable the first."""
    found: dict[str, RouteSettings] = {}
    for route in routes:
        if not route.secret or _key(route, env):
            found.setdefault(route.variable, route)
    return tuple(found.values())


def _key(route: RouteSettings, env: Texts) -> str:
    return env.get(route.secret, "").strip() if route.secret else ""


def _upstream(route: RouteSettings, env: Texts) -> str:
    return (env.get(route.upstream_from, "").strip() if route.upstream_from else "") or route.upstream


def _route(route: RouteSettings, env: Texts, prefix: str) -> Route:
    headers = {route.header: route.value.replace("{secret}", _key(route, env))} if route.secret else {}
    return Route(prefix, _upstream(route, env), headers)


def _handed_over(logins: Sequence[LoginSettings], person: Person) -> tuple[Copy, ...]:
    """Copies of the logins that are there."""
    return tuple(
        copied(login, person.files[login.file], now=person.now) if login.file else Copy(login, person.env[login.variable])
        for login in logins
        if (login.file in person.files if login.file else person.env.get(login.variable))
    )  # fmt: skip


def _rules(
    settings: AgentSettings, routes: tuple[Route, ...], logins: Sequence[LoginSettings]
) -> Rules | None:
    """With the whole network there is nothing to watch but the routes."""
    hosts = [*settings.egress, *(host for login in logins for host in login.egress)]
    allow = () if settings.network else tuple(dict.fromkeys(hosts))
    return Rules(allow, routes) if allow or routes else None


class _Part(NamedTuple):
    variables: Texts
    files: Texts


def _own(settings: AgentSettings) -> _Part:
    return _Part(settings.variables, settings.files)


def _of_login(copy: Copy) -> _Part:
    login = copy.login
    variables = {login.variable: copy.text} if login.variable else {}
    files = {login.file: copy.text} if login.file else {}
    return _Part({**login.variables, **variables}, {**login.files, **files})


def _of_route(route: RouteSettings, url: str) -> _Part:
    placeholder = {route.placeholder: PLACEHOLDER} if route.placeholder else {}
    variables, files = ({name: text.replace("{url}", url) for name, text in texts.items()} for texts in (route.variables, route.files))  # fmt: skip
    return _Part({**variables, route.variable: url, **placeholder}, files)


def _filled(texts: Iterable[Texts], model: str) -> dict[str, str]:
    """The texts by name, later ones on top; without those that lack a model to name."""
    found = {name: text for part in texts for name, text in part.items()}
    return {
        name: text.replace("{model}", model) for name, text in found.items() if model or "{model}" not in text
    }


def _secrets(keys: Sequence[str], copies: Sequence[Copy]) -> tuple[str, ...]:
    found = [*keys, *(secret for copy in copies for secret in copy.secrets)]
    found += [copy.text for copy in copies if copy.login.variable]
    return tuple(dict.fromkeys(secret for secret in found if secret))


def _wrong(used: Sequence[RouteSettings], env: Texts) -> str:
    """What is wrong with the person's own settings of a route in use; they are not shown, as they may hold a key."""
    for route in used:
        if not _key(route, env).isprintable():
            return f"{route.secret} holds what no key may (a line break?)"
        try:
            read_upstream(_upstream(route, env))
        except ValueError:
            return f"{route.upstream_from or route.variable} is not an http or https address"
    return ""


def _not_signed_in(settings: AgentSettings, copies: Sequence[Copy]) -> str:
    tried = {copy.login.file for copy in copies}
    wanted = [route.secret for route in settings.route] + [login.variable for login in settings.login]
    wanted += [f"~/{login.file}" for login in settings.login if login.file and login.file not in tried]
    *others, last = dict.fromkeys(name for name in wanted if name) or [""]
    what = [f"the login in ~/{copy.login.file} {copy.trouble}" for copy in copies]
    what += (
        [f"there is no {', '.join(others)} or {last}" if others else f"there is no {last}"] if last else []
    )
    return f"not signed in: {', '.join(what)}" + (f"; {settings.sign_in}" if settings.sign_in else "")
