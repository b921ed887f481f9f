"""Runs every test and writes a JUnit report: `python3 tests/run.py REPORT`. Needs nothing but Python.

Any other runner that writes JUnit XML would do, such as `pytest --junitxml=REPORT`.
"""

import sys
import time
import unittest
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement

HERE = Path(__file__).parent


class Recorder(unittest.TextTestResult):
    """Writes down how each test ended."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.report = Element("testsuite", name="tariff")

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()

    def addSuccess(self, test):
        super().addSuccess(test)
        self.record(test)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        SubElement(self.record(test), "failure", message=str(error[1]))

    def addError(self, test, error):
        super().addError(test, error)
        SubElement(self.record(test), "error", message=str(error[1]))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        SubElement(self.record(test), "skipped", message=reason)

    def record(self, test):
        owner, _, name = test.id().rpartition(".")
        return SubElement(
            self.report, "testcase", classname=owner, name=name, time=f"{time.monotonic() - self.began:.3f}"
        )


def main(path):
    sys.path.insert(0, str(HERE.parent))
    tests = unittest.defaultTestLoader.discover(str(HERE), pattern="check_*.py")
    result = unittest.TextTestRunner(stream=sys.stdout, resultclass=Recorder).run(tests)
    ElementTree(result.report).write(path)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
