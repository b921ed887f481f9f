import unittest
from decimal import Decimal

from tariff import bill
from tariff.readings import parse

A_DAY = parse("2024-01-02T00:00,0\n2024-01-02T08:00,5\n2024-01-02T22:00,15\n2024-01-03T00:00,20\n")


class Bills(unittest.TestCase):
    def test_what_was_used_is_charged_by_band(self):
        self.assertEqual([line.euros for line in bill.make(A_DAY).lines], [Decimal("3.20"), Decimal("2.40")])

    def test_the_total_is_the_sum_of_its_lines(self):
        self.assertEqual(bill.make(A_DAY).total, Decimal("5.60"))

    def test_one_reading_makes_an_empty_bill(self):
        self.assertEqual(bill.make(A_DAY[:1]).total, 0)
