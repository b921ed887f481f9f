import unittest
from datetime import datetime

from tariff.hours import DAY, NIGHT, band

TUESDAY = datetime(2024, 1, 2)


class Bands(unittest.TestCase):
    def test_the_day_begins_at_7(self):
        self.assertEqual(band(TUESDAY.replace(hour=6, minute=59)), NIGHT)
        self.assertEqual(band(TUESDAY.replace(hour=7)), DAY)

    def test_the_day_ends_at_21(self):
        self.assertEqual(band(TUESDAY.replace(hour=20, minute=59)), DAY)
        self.assertEqual(band(TUESDAY.replace(hour=21)), NIGHT)

    def test_midnight_is_night(self):
        self.assertEqual(band(TUESDAY), NIGHT)
