#!/usr/bin/env python3
"""Lists who has not confirmed which alert in force, reading the list page by page. It needs nothing but Python.

    python3 list_unconfirmed.py https://office.internal:8443 ca.pem token

The file `token` holds what `messngr token add reader --scope read` prints; `ca.pem` is what
`messngr ca show --out ca.pem` writes.
"""

import json
import re
import ssl
import sys
import urllib.request


def main():
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    server, ca_file, token_file = sys.argv[1:]
    tls = ssl.create_default_context(cafile=ca_file)
    with open(token_file, encoding="ascii") as file:
        headers = {"Authorization": f"Bearer {file.read().strip()}"}

    def ask(path):
        request = urllib.request.Request(server.rstrip("/") + path, headers=headers)
        with urllib.request.urlopen(request, context=tls) as answer:
            return json.load(answer), answer.headers.get("Link", "")

    path = "/api/v1/alerts?limit=100"
    while path:
        alerts, link = ask(path)
        for alert in alerts:
            report, _ = ask(f"/api/v1/alerts/{alert['id']}/report")
            for recipient in report["recipients"]:
                if recipient["stage"] != "confirmed":
                    print(f"{alert['headline']}: {recipient['recipient']} ({recipient['stage']})")
        following = re.search(r'<([^>]*)>; rel="next"', link)
        path = following and following.group(1)


if __name__ == "__main__":
    main()
