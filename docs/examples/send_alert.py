#!/usr/bin/env python3
"""Sends an alert and waits until everybody has confirmed it. It needs nothing but Python.

    python3 send_alert.py https://office.internal:8443 ca.pem token everyone "Fire drill at noon"

The file `token` holds what `messngr token add drill --scope publish:everyone --scope read` prints; `ca.pem` is what
`messngr ca show --out ca.pem` writes.
"""

import json
import ssl
import sys
import time
import urllib.error
import urllib.request
import uuid


class Service:
    def __init__(self, server, ca_file, token_file):
        self.server = server.rstrip("/")
        self.tls = ssl.create_default_context(cafile=ca_file)
        with open(token_file, encoding="ascii") as file:
            self.token = file.read().strip()

    def ask(self, method, path, document=None, key=None):
        """The document that is answered. What is wrong is raised with the service's own sentence."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        body = None if document is None else json.dumps(document).encode()
        url = f"{self.server}/api/v1{path}"
        request = urllib.request.Request(url, data=body, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, context=self.tls) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            problem = json.load(error)
            raise SystemExit(f"{problem['title']}: {problem['detail']}") from None


def main():
    if len(sys.argv) != 6:
        raise SystemExit(__doc__)
    server, ca_file, token_file, audience, headline = sys.argv[1:]
    service = Service(server, ca_file, token_file)
    alert = service.ask("POST", "/alerts", {"headline": headline, "audience": audience}, key=str(uuid.uuid4()))
    print("sent:", alert["id"])
    while True:
        counts = service.ask("GET", f"/alerts/{alert['id']}/report")["counts"]
        print(f"{counts['confirmed']} of {counts['recipients']} confirmed, {counts['pending']} not reached")
        if counts["confirmed"] == counts["recipients"]:
            return
        time.sleep(2)


if __name__ == "__main__":
    main()
