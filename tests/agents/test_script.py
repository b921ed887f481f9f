import pytest

from podium.agents import player
from podium.agents.script import Action, Script, Turn, played, read_script
from podium.base.errors import ConfigError

STORY = """
[[task.1]]                        # the first attempt
do = [
  { say = "reading calc.py" },
  { sleep = 0.5 },
  { edit = { path = "calc.py", old = "a - b", new = "a + b" } },
  { write = { path = "notes.md", text = '''
two
lines
''' } },
  { append = { path = "notes.md", text = "three" } },
  { delete = "old.py" },
  { run = "python3 -m unittest" },
]

[[task.1]]                        # the second one, and all after it
do = [{ flood = 1000 }, { fork = 2 }, { die = "segv" }]

[[task."1.2"]]
do = [{ lie = "done" }, { hang = true }, { crash = 3 }]
"""


def faults(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_script(text, origin="play.toml")
    return str(caught.value).splitlines()


def test_a_story_reads_as_the_player_plays_it() -> None:
    script = read_script(STORY, origin="play.toml")
    first, second = script.task["1"]
    assert played(first)[2:4] == [
        {"edit": {"path": "calc.py", "old": "a - b", "new": "a + b"}},
        {"write": {"path": "notes.md", "text": "two\nlines\n"}},
    ]
    assert played(second) == [{"flood": 1000}, {"fork": 2}, {"die": 11}]
    assert script.turn("1.2", 5) == script.task["1.2"][0]
    assert script.turn("7", 1) is None


def test_the_player_knows_every_action_and_no_other() -> None:
    assert set(player.VERBS) == set(Action.model_fields)


def test_the_turns_of_a_task_outweigh_those_for_any() -> None:
    one, two = Turn(do=(Action(say="one"),)), Turn(do=())
    script = Script(task={"1": (two,), "*": (one,)})
    assert (script.turn("1", 1), script.turn("2", 1)) == (two, one)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[[task.1]]\ndo = [{ sey = 'x' }]", 'play.toml:2:9: unknown setting "sey" in task.1[1].do[1]; did you mean "say"?'),
        ("[[task.1]]\ndo = [{ say = 'x', sleep = 1 }]", "play.toml:2:7: task.1[1].do[1]: an action does just one thing"),
        ("[[task.1]]\ndo = [{ }]", "play.toml:2:7: task.1[1].do[1]: an action does just one thing"),
        ("[[task.1]]\ndo = [{ die = 'KIL' }]", 'play.toml:2:9: task.1[1].do[1].die: there is no signal "KIL"'),
        ("[[task.1]]\ndo = [{ crash = 0 }]", "play.toml:2:9: task.1[1].do[1].crash: must be greater than or equal to 1"),
        ("[[task.1]]\ndo = [{ edit = { path = 'a' } }]", 'play.toml:2:9: missing setting "old" in task.1[1].do[1].edit'),
        ("[[task.1]]\n", 'play.toml:1:3: missing setting "do" in task.1[1]'),
        ("[[task.1.2]]\ndo = []", "play.toml:1:8: task.1: must be a list"),
        ("x = 1", 'play.toml: missing setting "task"'),
        ("do = [", "play.toml: Invalid value (at end of document)"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_place(text: str, fault: str) -> None:
    assert faults(text)[0].startswith(fault)
