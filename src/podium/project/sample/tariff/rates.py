"""What a kilowatt-hour costs."""

from decimal import Decimal

from tariff.hours import DAY, NIGHT
from tariff.money import rounded

EUROS_PER_KWH = {DAY: Decimal("0.32"), NIGHT: Decimal("0.24")}


def price(kwh, band):
    """What `kwh` cost in a price band, in euros."""
    return rounded(kwh * EUROS_PER_KWH[band])
