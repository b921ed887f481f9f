"""Which price holds when."""

DAY, NIGHT = "day", "night"
DAY_BEGINS, DAY_ENDS = 7, 21


def band(at):
    """The price band at a moment: day from 7 to 21 h, night otherwise."""
    return DAY if DAY_BEGINS <= at.hour < DAY_ENDS else NIGHT
