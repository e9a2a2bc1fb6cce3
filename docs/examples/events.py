#!/usr/bin/env python3
"""Hears the event stream, answers "ping" with "pong", and comes back after a break without losing anything.

    python3 events.py https://office.internal:8443 ca.pem token.txt

Only the standard library is needed: a WebSocket client (RFC 6455) is the upper half."""
import base64, json, os, socket, ssl, struct, sys, time, urllib.parse


class WebSocket:
    def __init__(self, url, path, headers, authority):
        place = urllib.parse.urlsplit(url)
        port = place.port or (443 if place.scheme == "https" else 80)
        self.socket = socket.create_connection((place.hostname, port), timeout=60)
        if place.scheme == "https":
            context = ssl.create_default_context(cafile=authority)
            self.socket = context.wrap_socket(self.socket, server_hostname=place.hostname)
        self.file = self.socket.makefile("rb")
        lines = [f"GET {path} HTTP/1.1", f"Host: {place.netloc}", "Connection: Upgrade", "Upgrade: websocket",
                 "Sec-WebSocket-Version: 13",
                 "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode()]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        status = self.file.readline().decode()
        while self.file.readline() not in (b"\r\n", b""):
            pass
        if " 101 " not in status:
            raise ConnectionError(status.strip())

    def send(self, payload, kind=1):
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else struct.pack(">BH", 0xFE, size)
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        self.socket.sendall(bytes([0x80 | kind]) + length + mask + masked)

    def read(self, size):
        data = self.file.read(size)
        if len(data) < size:
            raise ConnectionError("the service has closed the connection")
        return data

    def receive(self):
        """The next text; pings are answered on the way."""
        while True:
            kind, size = self.read(2)
            if size == 126:
                size, = struct.unpack(">H", self.read(2))
            elif size == 127:
                size, = struct.unpack(">Q", self.read(8))
            payload = self.read(size)
            if kind & 15 == 1:
                return payload.decode()
            if kind & 15 == 9:
                self.send(payload, 10)
            if kind & 15 == 8:
                raise ConnectionError(payload[2:].decode())


def say(web_socket, command):
    web_socket.send(json.dumps(command).encode())


def main(url, authority, token_file):
    token, stream, seq = open(token_file).read().strip(), None, 0
    while True:
        try:
            resume = f"&resume={stream}&after={seq}" if stream else ""
            headers = {"Authorization": f"Bearer {token}"}
            events = WebSocket(url, f"/api/v1/events?device=example{resume}", headers, authority)
            while True:
                event = json.loads(events.receive())
                if event["type"] == "ready":
                    stream, seq = event["stream"], seq if event["resumed"] else 0
                    if not event["resumed"]:
                        say(events, {"type": "presence", "show": "available"})
                print(event, flush=True)
                if event.get("text") == "ping" and event["type"] == "message":
                    # The same id for the same answer: said twice, it is taken once.
                    say(events, {"type": "message", "id": f"pong-{event['id']}", "to": event["from"],
                                 "text": "pong"})
                if "seq" in event:
                    seq = event["seq"]
                    say(events, {"type": "ack", "seq": seq})
        except (ConnectionError, OSError) as error:
            print(error, file=sys.stderr, flush=True)
            time.sleep(1)


if __name__ == "__main__":
    main(*sys.argv[1:4])
