"""slixmpp's own integration tests against a service on this machine.

Arguments: the folder of slixmpp's sources, and as a list in JSON the tests that are to be left out. Two accounts come
by the environment, as the tests want them; they become each other's contacts first. Prints one line of JSON for each
test: its name, what became of it, and why.
"""

import asyncio
import json
import logging
import os
import socket
import sys
import unittest
from importlib import import_module
from pathlib import Path

from slixmpp import ClientXMPP
from slixmpp.xmlstream import xmlstream

SECONDS_MAX = 30


class Report(unittest.TestResult):
    """Says what became of each test as soon as it is known."""

    def addSuccess(self, test):
        tell(test, "passed")

    def addFailure(self, test, error):
        tell(test, "failed", self._exc_info_to_string(error, test))

    def addError(self, test, error):
        tell(test, "failed", self._exc_info_to_string(error, test))

    def addSkip(self, test, reason):
        tell(test, "skipped", reason)


def name_of(test):
    """The file and the test in it."""
    _, file, _, name = test.id().split(".")
    return f"{file}.{name}"


def tell(test, outcome, why=""):
    print(json.dumps({"test": name_of(test), "outcome": outcome, "why": why}), flush=True)


def stay_on_this_machine():
    """Every name leads to this machine: there is nobody in the service's network to ask."""

    async def answer(host, port, **options):
        return [("", host, "127.0.0.1", port)]

    xmlstream.resolve = answer
    xmlstream.default_resolver = lambda loop: None
    look_up = socket.getaddrinfo
    socket.getaddrinfo = lambda host, *rest, **options: look_up("127.0.0.1", *rest, **options)


def limited(test):
    """A test that waits for ever fails."""
    for name in ("asyncSetUp", test._testMethodName):
        setattr(test, name, within(getattr(test, name)))
    return test


def within(step):
    async def run():
        await asyncio.wait_for(step(), SECONDS_MAX)

    return run


def cases(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from cases(test)
        else:
            yield test


async def befriend():
    """Clients that are to query each other have to see each other's presence."""
    accounts = [(os.environ[name], os.environ[f"{name}_PASSWORD"]) for name in ("CI_ACCOUNT1", "CI_ACCOUNT2")]
    clients = [ClientXMPP(*account) for account in accounts]
    friends = asyncio.Event()

    def see(change):
        own = clients[0].client_roster[accounts[1][0]]
        if own["subscription"] == "both":
            friends.set()

    clients[0].add_event_handler("roster_update", see)
    for client in clients:
        client.connect()
    await asyncio.gather(*(client.wait_until("session_start", SECONDS_MAX) for client in clients))
    for client in clients:
        await client.get_roster()
        client.send_presence()
    clients[0].send_presence_subscription(accounts[1][0])
    await asyncio.wait_for(friends.wait(), SECONDS_MAX)
    for client in clients:
        await client.disconnect()


def main():
    folder, left_out = Path(sys.argv[1]), json.loads(sys.argv[2])
    sys.path.append(str(folder))
    logging.disable(logging.CRITICAL)
    stay_on_this_machine()
    asyncio.run(befriend())
    report = Report()
    for file in sorted((folder / "itests").glob("test_*.py")):
        for test in cases(import_module(f"itests.{file.stem}").suite):
            if name_of(test) in left_out:
                tell(test, "left out")
            else:
                limited(test).run(report)


main()
