"""The porch in a real sandbox without a network: what an agent finds there, and what it cannot reach."""

import json
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from egress_scene import SECRET, WAIT_S, Scene, Site, anywhere, broker, route, upstream

from podium.agents.egress import porch
from podium.agents.egress.rules import Rules, proxy_environment

PORT = 3128
SYSTEM_PYTHON = "/usr/bin/python3"


@dataclass(frozen=True)
class House:
    """A sandbox with a porch. `sandbox` is the directory it shares with the host."""

    sandbox: Path
    socket: Path | None = None

    def argv(self, argv: Sequence[str], *, home: dict[str, str] | None = None) -> list[str]:
        inside = "/run/podium/egress.sock"
        plan = {
            "socket": inside if self.socket else None,
            "port": PORT if self.socket else None,
            "home": home or {},
        }
        (self.sandbox / "porch.json").write_text(json.dumps(plan))
        proxies = [word for pair in proxy_environment(PORT).items() for word in ("--setenv", *pair)]
        return [
            "bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv",
            "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", "/home/agent", *proxies,
            *(word for top in ("/usr", "/bin", "/lib", "/lib64", "/sbin", "/etc/ssl") if Path(top).exists()
              for word in ("--ro-bind", top, top)),
            "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--tmpfs", "/home/agent",
            "--bind", str(self.sandbox), "/room", "--ro-bind", porch.__file__, "/run/podium/porch.py",
            *(("--ro-bind", str(self.socket), inside) if self.socket else ()), "--chdir", "/room", "--",
            SYSTEM_PYTHON, "-I", "-S", "/run/podium/porch.py", "/room/porch.json", "--", *argv,
        ]  # fmt: skip

    def run(
        self, argv: Sequence[str], *, home: dict[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.argv(argv, home=home), capture_output=True, text=True, timeout=60, check=False
        )

    def python(self, script: str) -> Any:
        """What a script inside prints as JSON."""
        done = self.run([SYSTEM_PYTHON, "-c", textwrap.dedent(script)])
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def site() -> Iterator[Site]:
    with upstream() as found:
        yield found


@pytest.fixture
def scene(site: Site, tmp_path: Path) -> Iterator[Scene]:
    rules = Rules(allow=(f"localhost:{site.port}",), routes=(route(site),))
    with broker(rules, tmp_path / "egress.jsonl", refuse=anywhere) as found:
        yield found


@pytest.fixture
def room(tmp_path: Path) -> Path:
    (tmp_path / "room").mkdir()
    return tmp_path / "room"


@pytest.fixture
def house(scene: Scene, room: Path) -> House:
    return House(room, scene.at)


@pytest.mark.parametrize(
    ("script", "code"), [("exit 0", 0), ("exit 77", 77), ("kill -TERM $$", 143), ("kill -KILL $$", 137)]
)
def test_the_end_is_the_commands_own(house: House, script: str, code: int) -> None:
    assert house.run(["sh", "-c", script]).returncode == code


def test_the_command_takes_the_porchs_place_with_its_own_streams_and_no_child(house: House) -> None:
    done = subprocess.run(
        house.argv(["sh", "-c", "cat; echo err >&2; ls /proc/self/fd | wc -l; cat /proc/$$/task/$$/children"]),
        input="said\n", capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    said, descriptors, children = (
        done.stdout.splitlines()[0],
        done.stdout.splitlines()[1],
        done.stdout.splitlines()[2:],
    )
    assert (said, done.stderr) == ("said", "err\n")
    assert int(descriptors) == 4  # the three and the directory that is listed
    assert len(" ".join(children).split()) <= 1  # the cat that looks


def test_what_cannot_be_started_ends_as_in_a_shell(house: House) -> None:
    missing, not_a_program = house.run(["no-such-program"]), house.run(["/room"])
    assert (missing.returncode, missing.stderr) == (127, "no-such-program: not found\n")
    assert not_a_program.returncode == 126


def test_home_is_filled_with_private_files(room: Path) -> None:
    script = (
        'cd; stat -c "%a %n" .agent .agent/deep .agent/deep/key.json plain; cat .agent/deep/key.json plain'
    )
    done = House(room).run(["sh", "-c", script], home={".agent/deep/key.json": "schlüssel\n", "plain": "x"})
    assert done.stdout == "700 .agent\n700 .agent/deep\n600 .agent/deep/key.json\n600 plain\nschlüssel\nx"


@pytest.mark.parametrize("name", ["../outside", "/etc/x", "a/../../x", "a//b", ""])
def test_a_plan_that_leads_out_of_home_is_refused(room: Path, name: str) -> None:
    done = House(room).run(["touch", "/room/ran"], home={name: "x"})
    assert done.returncode == 125
    assert done.stderr.startswith("porch: ")
    assert not (room / "ran").exists()


def test_an_agent_reaches_its_route_and_never_sees_the_secret(house: House, site: Site) -> None:
    seen = house.python(f"""
        import json, os, urllib.request
        url = "http://127.0.0.1:{PORT}/model/v1/messages"
        asked = urllib.request.Request(url, b"hi", {{"x-api-key": "dummy"}})
        environments = [open(f"/proc/{{p}}/environ", errors="replace").read() for p in os.listdir("/proc") if p.isdigit()]
        files = [open("/room/porch.json").read(), open("/proc/net/unix").read()]
        seen = "".join(environments + files)
        print(json.dumps([urllib.request.urlopen(asked, timeout=20).read().decode(), "sk-live-" in seen]))
    """)
    assert seen == ["you said hi", False]
    assert ("x-api-key", SECRET) in site.asked[0]["headers"]


def test_a_tunnel_through_the_proxy_variables_reaches_an_allowed_host_only(house: House, site: Site) -> None:
    seen = house.python(f"""
        import http.client, json
        def through(host, port):
            connection = http.client.HTTPConnection("127.0.0.1", {PORT}, timeout=20)
            connection.set_tunnel(host, port)
            try:
                connection.request("GET", "/page")
                return connection.getresponse().read().decode()
            except OSError as error:
                return str(error)
        print(json.dumps([through("localhost", {site.port}), through("evil.test", 443)]))
    """)
    assert seen == ["you said ", "Tunnel connection failed: 403 Forbidden"]
    assert [asked["target"] for asked in site.asked] == ["/page"]


def test_nothing_else_is_in_reach(house: House, site: Site) -> None:
    seen = house.python(f"""
        import json, socket, urllib.error, urllib.request
        def reach(act):
            try:
                act()
            except urllib.error.HTTPError as error:
                return error.code
            except OSError as error:
                return type(error).__name__
            return "reached"
        def udp():
            probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            probe.sendto(b"x", ("1.1.1.1", 53))
        print(json.dumps({{
            "tcp": reach(lambda: socket.create_connection(("1.1.1.1", 443), 5)),
            "udp": reach(udp),
            "dns": reach(lambda: socket.getaddrinfo("example.org", 443)),
            "host's loopback": reach(lambda: socket.create_connection(("127.0.0.1", {site.port}), 5)),
            "through the proxy": reach(lambda: urllib.request.urlopen("http://example.org/", timeout=20)),
            "other path": reach(lambda: urllib.request.urlopen("http://127.0.0.1:{PORT}/other", timeout=20)),
        }}))
    """)
    assert seen == {
        "tcp": "OSError", "udp": "OSError", "dns": "gaierror", "host's loopback": "ConnectionRefusedError",
        "through the proxy": 403, "other path": 403,
    }  # fmt: skip


def test_large_bodies_and_many_at_once_pass(house: House) -> None:
    seen = house.python(f"""
        import concurrent.futures, json, urllib.request
        def post(size):
            url = "http://127.0.0.1:{PORT}/model/x"
            return len(urllib.request.urlopen(url, b"x" * size, timeout=40).read()) - len("you said ") - size
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            print(json.dumps(sum(map(abs, pool.map(post, [5_000_000] + [1000] * 60)))))
    """)
    assert seen == 0


def test_a_stream_passes_at_once(house: House, site: Site) -> None:
    with subprocess.Popen(
        house.argv([SYSTEM_PYTHON, "-u", "-c", textwrap.dedent(f"""
            import urllib.request
            for line in urllib.request.urlopen("http://127.0.0.1:{PORT}/model/stream", timeout=20):
                print(line.decode().strip())
        """)]), stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout
        assert process.stdout.readline() == "data: one\n"
        site.go.set()
        assert process.stdout.read().split() == ["data:", "two"]


def test_the_way_ends_with_the_sandbox_and_holds_no_stream_open(house: House, room: Path) -> None:
    with subprocess.Popen(
        house.argv(
            ["sh", "-c", f": {room}; echo up; exec {SYSTEM_PYTHON} -c 'import time; time.sleep(600)'"]
        ),
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"up\n"
        assert any("porch.json" in command and f": {room}; echo" in command for command in forwarders())
        process.kill()
        assert process.stdout.read() == b""
    await_end_of(str(room))


def test_without_a_sandbox_the_way_ends_with_the_agent(scene: Scene, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    plan = tmp_path / "plan-of-this-test.json"
    plan.write_text(json.dumps({"socket": str(scene.at), "port": port, "home": {}}))
    script = (
        f"import urllib.request as r; print(r.urlopen('http://127.0.0.1:{port}/model/x').read().decode())"
    )
    argv = [sys.executable, "-I", "-S", porch.__file__, str(plan), "--", sys.executable, "-c", script]
    done = subprocess.run(
        argv, capture_output=True, text=True, timeout=60, check=False, env={"HOME": str(tmp_path)}
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "you said \n", "")
    await_end_of(str(plan))


def test_a_port_that_is_taken_is_said_to_be_so(scene: Scene, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        plan = tmp_path / "plan.json"
        plan.write_text(json.dumps({"socket": str(scene.at), "port": taken.getsockname()[1], "home": {}}))
        argv = [sys.executable, "-I", "-S", porch.__file__, str(plan), "--", "true"]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr.startswith("porch: ")) == (125, True)


def await_end_of(mark: str) -> None:
    """Wait until no process has `mark` on its command line."""
    deadline = time.monotonic() + WAIT_S
    while any(mark in command for command in command_lines()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def forwarders() -> list[str]:
    """The command lines of porches that have stayed behind to forward."""
    return [
        command for command in command_lines() if command.startswith(SYSTEM_PYTHON) and "porch.py" in command
    ]


def command_lines() -> Iterator[str]:
    for process in Path("/proc").glob("[1-9]*"):
        try:
            yield (process / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
