import unittest
from decimal import Decimal

from tariff.readings import parse

TWO = "2024-01-01T08:00,100.0\n2024-01-01T22:00,104.5\n"


class Parsing(unittest.TestCase):
    def test_every_line_is_a_reading(self):
        self.assertEqual([reading.kwh for reading in parse(TWO)], [Decimal("100.0"), Decimal("104.5")])

    def test_readings_are_put_in_order(self):
        backwards = "\n".join(reversed(TWO.splitlines()))
        self.assertEqual(parse(backwards), parse(TWO))

    def test_an_empty_file_holds_none(self):
        self.assertEqual(parse(""), [])
