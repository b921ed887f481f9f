import unittest
from decimal import Decimal

from tariff.hours import DAY, NIGHT
from tariff.rates import price


class Prices(unittest.TestCase):
    def test_by_day(self):
        self.assertEqual(price(Decimal(10), DAY), Decimal("3.20"))

    def test_by_night(self):
        self.assertEqual(price(Decimal(10), NIGHT), Decimal("2.40"))

    def test_nothing_used_costs_nothing(self):
        self.assertEqual(price(Decimal(0), DAY), 0)
