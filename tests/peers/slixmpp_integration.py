"""slixmpp's own integration tests against a service on this machine.

Argument: the folder of slixmpp's sources. Accounts come by the environment, as the tests want them. Prints one line of JSON for each test: its name, what became of it, and why.
"""

import asyncio
import json
import logging
import sys
import unittest
from importlib import import_module
from pathlib import Path

from slixmpp.xmlstream import xmlstream

SECONDS_MAX = 10


class Report(unittest.TestResult):
    """Says what became of each test as soon as it is known."""

    def tell(self, test, outcome, why=""):
        name = test.id().removeprefix("itests.")
        print(json.dumps({"test": name, "outcome": outcome, "why": why}), flush=True)

    def addSuccess(self, test):
        self.tell(test, "passed")

    def addFailure(self, test, error):
        self.tell(test, "failed", self._exc_info_to_string(error, test))

    def addError(self, test, error):
        self.tell(test, "failed", self._exc_info_to_string(error, test))

    def addSkip(self, test, reason):
        self.tell(test, "skipped", reason)


def on_this_machine():
    """Every name leads to this machine: there is nobody in the service's network to ask."""

    async def here(host, port, **options):
        return [("", host, "127.0.0.1", port)]

    xmlstream.resolve = here
    xmlstream.default_resolver = lambda loop: None


def limited(test):
    """A test that waits for ever fails."""
    for name in ("asyncSetUp", test._testMethodName):
        setattr(test, name, within(SECONDS_MAX, getattr(test, name)))
    return test


def within(seconds, step):
    async def run():
        await asyncio.wait_for(step(), seconds)

    return run


def cases(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from cases(test)
        else:
            yield test


def main():
    folder = Path(sys.argv[1])
    sys.path.append(str(folder))
    logging.disable(logging.CRITICAL)
    on_this_machine()
    report = Report()
    for file in sorted((folder / "itests").glob("test_*.py")):
        module = f"itests.{file.stem}"
        try:
            suite = import_module(module).suite
        except ImportError as error:
            print(json.dumps({"test": file.stem, "outcome": "skipped", "why": str(error)}), flush=True)
            continue
        for test in cases(suite):
            limited(test).run(report)


main()
