"""What is planted with known truth: pairs of changes that pass alone and fail together, and one flaky test."""

from dataclasses import dataclass

FLAKE = "tests/test_made_flake.py::test_now_and_then"


@dataclass(frozen=True, slots=True)
class Pair:
    """Files of two changes: `renames` takes from others what `uses` begins to use."""

    renames: dict[str, str]
    uses: dict[str, str]


def ground(pairs: int, flake_rate: float) -> dict[str, str]:
    """What the project gets before anything else: a helper for each pair, with a use and a test; and the flaky test."""
    files = {"made/__init__.py": "", FLAKE.partition("::")[0]: _flaky(flake_rate)}
    for number in range(pairs):
        files |= {
            f"made/rate{number}.py": _helper("share", 2),
            f"made/bill{number}.py": _use(number, "share"),
            f"tests/test_made_bill{number}.py": _test(number),
        }
    return files


def pair(number: int) -> Pair:
    """By turns a helper's name changes, with all its uses, or what it means beyond what its old test saw."""
    user = {
        f"made/offer{number}.py": f'"""Offers."""\n\nfrom made import rate{number}\n\n\ndef offer(value):\n    return rate{number}.share(value)\n',
        f"tests/test_made_offer{number}.py": (
            f"from made import offer{number}\n\n\ndef test_an_offer_keeps_the_cents():\n    assert offer{number}.offer(10.26) == 5.13\n"
        ),
    }
    told = {
        f"tests/test_made_rate{number}.py": (
            f"from made import bill{number}\n\n\ndef test_whole_amounts_stay_whole():\n    assert bill{number}.bill(20) == 10\n"
        )
    }
    if number % 2:
        return Pair({f"made/rate{number}.py": _helper("share", 1), **told}, user)
    renamed = {
        f"made/rate{number}.py": _helper("portion", 2),
        f"made/bill{number}.py": _use(number, "portion"),
    }
    return Pair(renamed | told, user)


def _helper(name: str, digits: int) -> str:
    return f'"""Rates."""\n\n\ndef {name}(value):\n    return round(value / 2, {digits})\n'


def _use(number: int, name: str) -> str:
    return f'"""Bills."""\n\nfrom made import rate{number}\n\n\ndef bill(value):\n    return rate{number}.{name}(value)\n'


def _test(number: int) -> str:
    return f"from made import bill{number}\n\n\ndef test_half_is_billed():\n    assert bill{number}.bill(10) == 5\n"


def _flaky(rate: float) -> str:
    return (
        f"import os\n\n\ndef test_now_and_then():\n"
        f"    assert int.from_bytes(os.urandom(4)) >= {rate!r} * 2**32\n"
    )
