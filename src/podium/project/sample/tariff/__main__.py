"""`python3 -m tariff readings.csv` prints the bill."""

import sys
from pathlib import Path

from tariff import bill, readings, statement


def main(arguments):
    [path] = arguments
    made = bill.make(readings.parse(Path(path).read_text()))
    print(statement.render(made))


if __name__ == "__main__":
    main(sys.argv[1:])
