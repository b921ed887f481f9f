import unittest
from decimal import Decimal

from tariff.bill import Bill, Line
from tariff.statement import render

SMALL = Bill((Line("day, 10 kWh", Decimal("3.20")),))


class Statements(unittest.TestCase):
    def test_every_line_of_the_bill_is_printed(self):
        self.assertIn("day, 10 kWh", render(SMALL))

    def test_the_total_comes_last(self):
        self.assertIn("3.20", render(SMALL).splitlines()[-1])
