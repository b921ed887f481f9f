import unittest
from decimal import Decimal

from tariff.money import rounded


class Rounding(unittest.TestCase):
    def test_whole_cents_stay(self):
        self.assertEqual(rounded(Decimal("1.25")), Decimal("1.25"))

    def test_less_than_half_a_cent_is_dropped(self):
        self.assertEqual(rounded(Decimal("1.2549")), Decimal("1.25"))

    def test_more_than_half_a_cent_counts_as_one(self):
        self.assertEqual(rounded(Decimal("1.2551")), Decimal("1.26"))
