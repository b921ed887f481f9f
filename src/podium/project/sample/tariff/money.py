"""Amounts of money, in euros."""

from decimal import ROUND_HALF_EVEN, Decimal

CENT = Decimal("0.01")


def rounded(euros: Decimal) -> Decimal:
    """An amount as it is charged: in whole cents."""
    return euros.quantize(CENT, ROUND_HALF_EVEN)
