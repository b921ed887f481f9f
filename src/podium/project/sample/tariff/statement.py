"""A bill as text, as it is printed."""

WIDTH = 24


def render(bill):
    lines = [f"{line.label:<{WIDTH}}{line.euros:>10.2f}" for line in bill.lines]
    lines.append("-" * (WIDTH + 10))
    lines.append(f"{'Total':<{WIDTH}}{bill.total:>10.2f}")
    return "\n".join(lines)
