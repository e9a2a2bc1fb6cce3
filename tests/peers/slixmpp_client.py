"""slixmpp as a peer: commands come on standard input and events go to standard output, one line of JSON each.

The argument is a JSON object. Needed: jid, password, host, port, ca. Options, with their defaults:
  direct_tls (false), tls_maximum ("1.2" leaves TLS 1.3 out), starttls (true; false signs in without encryption if
  the service lets it), mechanism (all), second_password (tried after the first failure), stream_namespaces ({}:
  prefixes to declare on the stream's header), stream_management (true), answer_pings (true), roster (true), presence
  (true), priority (0), receipts (true: answers requests for them), authorize (null: subscriptions are left to the
  test), lang ("en": the stream's language), reconnect (false), connect (true; false waits for the command).
"""

import asyncio
import json
import ssl
import sys

import slixmpp
from slixmpp.xmlstream import ET, handler, matcher


def tell(event, **details):
    print(json.dumps({"event": event, **details}), flush=True)


def tree(element):
    """An element as every parser sees it: prefixes resolved."""
    return {"name": element.tag, "attributes": dict(element.attrib), "text": element.text or "",
            "children": [tree(child) for child in element]}


class Client(slixmpp.ClientXMPP):
    def __init__(self, settings):
        super().__init__(settings["jid"], settings["password"], sasl_mech=settings.get("mechanism"),
                         lang=settings.get("lang", "en"))
        self.settings = settings
        for plugin in ("xep_0030", "xep_0004", "xep_0045", "xep_0050", "xep_0184", "xep_0199", "xep_0203", "xep_0333", "xep_0359"):
            self.register_plugin(plugin)
        if settings.get("stream_management", True):
            self.register_plugin("xep_0198")
            send_ack = self.plugin["xep_0198"].send_ack
            self.plugin["xep_0198"].send_ack = lambda: (send_ack(), self.on_report())
        else:
            pinged = matcher.MatchXPath("{jabber:client}iq/{urn:xmpp:ping}ping")
            self.register_handler(handler.Callback("pinged", pinged, self.on_report))
        self.messages_seen = 0
        self.plugin["xep_0184"].auto_ack = settings.get("receipts", True)
        self.ca_certs = settings["ca"]
        self.enable_direct_tls = bool(settings.get("direct_tls"))
        self.enable_starttls = settings.get("starttls", True) and not self.enable_direct_tls
        self.enable_plaintext = not settings.get("starttls", True)
        if settings.get("tls_maximum") == "1.2":
            self.ssl_context.maximum_version = ssl.TLSVersion.TLSv1_2
        for prefix, namespace in settings.get("stream_namespaces", {}).items():
            self.stream_header = self.stream_header.replace(" version=", f" xmlns:{prefix}='{namespace}' version=")
        if not settings.get("answer_pings", True):
            self.add_filter("in", lambda stanza: None if stanza.xml.find("{urn:xmpp:ping}ping") is not None else stanza)
        self.add_filter("out_sync", self.on_written)
        self.roster.auto_authorize = settings.get("authorize")
        self.roster.auto_subscribe = bool(settings.get("authorize"))
        for name in ("session_start", "session_resumed", "disconnected", "failed_auth", "failed_all_auth",
                     "connection_failed", "stream_error", "ssl_invalid_chain", "stream_negotiated"):
            self.add_event_handler(name, getattr(self, "on_" + name))
        for name in ("message", "message_error", "presence_subscribe", "presence_subscribed", "presence_unsubscribed",
                     "roster_update", "got_online", "got_offline", "changed_status", "receipt_received", "marker",
                     "stanza_acked"):
            self.add_event_handler(name, getattr(self, "on_" + name))
        self.register_handler(handler.Callback("any message", matcher.MatchXPath("{jabber:client}message"),
                                               self.on_any_message))

    def go(self):
        self.connect(self.settings["host"], self.settings["port"])

    async def on_session_start(self, _):
        if self.settings.get("roster", True):
            await self.get_roster()
        if self.settings.get("presence", True):
            self.send_presence(ppriority=self.settings.get("priority", 0))
        tell("ready", jid=str(self.boundjid), mechanism=self.plugin["feature_mechanisms"].mech.name)

    def on_session_resumed(self, _):
        tell("resumed")

    def on_disconnected(self, reason):
        tell("disconnected", reason=str(reason))
        if self.settings.get("reconnect"):
            self.go()

    def on_failed_auth(self, failure):
        tell("failed_auth", mechanism=self.plugin["feature_mechanisms"].mech.name, condition=failure["condition"],
             text=failure["text"])
        self.password = self.settings.get("second_password", self.password)

    def on_failed_all_auth(self, _):
        tell("failed_all_auth")

    def on_ssl_invalid_chain(self, error):
        tell("invalid_chain", reason=str(error))
        self.abort()

    def on_stream_negotiated(self, _):
        tell("negotiated", features=sorted(self.features))

    def on_connection_failed(self, reason):
        tell("connection_failed", reason=str(reason))
        if self.settings.get("reconnect"):
            asyncio.get_running_loop().call_later(0.05, self.go)

    def on_stream_error(self, error):
        tell("stream_error", condition=error["condition"], text=error["text"])

    def on_message(self, message):
        delay = message["delay"]["stamp"] if message.xml.find("{urn:xmpp:delay}delay") is not None else None
        stanza_ids = [(x.get("by"), x.get("id")) for x in message.xml.findall("{urn:xmpp:sid:0}stanza-id")]
        tell("message", id=message["id"], kind=message["type"], body=message["body"], delay=str(delay) if delay else None,
             stanza_ids=stanza_ids, xml=str(message), lang=message["lang"],
             children=[tree(child) for child in message.xml], **{"from": str(message["from"])})

    def on_report(self, _=None):
        """The service has asked what has arrived."""
        tell("reported", messages=self.messages_seen)

    def on_any_message(self, message):
        self.messages_seen += 1
        if message["type"] != "error" and message.xml.find("{jabber:client}body") is None:
            tell("bodiless", id=message["id"], kind=message["type"], children=[tree(child) for child in message.xml],
                 **{"from": str(message["from"])})

    def on_message_error(self, message):
        tell("message_error", id=message["id"], condition=message["error"]["condition"],
             text=message["error"]["text"], **{"from": str(message["from"])})

    def on_presence_subscribe(self, presence):
        tell("subscribe", **{"from": str(presence["from"])})

    def on_presence_subscribed(self, presence):
        tell("subscribed", **{"from": str(presence["from"])})

    def on_presence_unsubscribed(self, presence):
        tell("unsubscribed", **{"from": str(presence["from"])})

    def on_roster_update(self, iq):
        items = {str(jid): {"name": item["name"], "subscription": item["subscription"], "groups": list(item["groups"])}
                 for jid, item in iq["roster"]["items"].items()}
        tell("roster", items=items, push=iq["type"] == "set")

    def on_got_online(self, presence):
        tell("online", show=presence["type"], status=presence["status"], **{"from": str(presence["from"])})

    def on_got_offline(self, presence):
        tell("offline", status=presence["status"], **{"from": str(presence["from"])})

    def on_changed_status(self, presence):
        tell("status", show=presence["type"], status=presence["status"], **{"from": str(presence["from"])})

    def on_receipt_received(self, message):
        tell("receipt", of=message["receipt"], **{"from": str(message["from"])})

    def on_marker(self, message):
        kind = next((k for k in ("received", "displayed", "acknowledged")
                     if message.xml.find("{urn:xmpp:chat-markers:0}" + k) is not None), None)
        tell("marker", kind=kind, of=message[kind]["id"], **{"from": str(message["from"])})

    def on_written(self, stanza):
        """From here on stream management looks after a message."""
        if isinstance(stanza, slixmpp.Message):
            tell("written", id=stanza["id"], body=stanza["body"])
        return stanza

    def on_stanza_acked(self, stanza):
        if isinstance(stanza, slixmpp.Message):
            tell("acked", id=stanza["id"], body=stanza["body"])

    async def obey(self, command):
        action = command["do"]
        if action == "send":
            message = self.make_message(mto=command["to"], mbody=command["body"], mtype=command.get("kind", "chat"))
            if command.get("id"):
                message["id"] = command["id"]
            if command.get("receipt"):
                message["request_receipt"] = True
            message.send()
            tell("sent", id=message["id"], body=command["body"])
        elif action == "raw":
            self.send_raw(command["xml"])
        elif action == "presence":
            self.send_presence(pshow=command.get("show"), pstatus=command.get("status"), pto=command.get("to"),
                               ptype=command.get("type"), ppriority=command.get("priority"))
        elif action == "subscribe":
            self.send_presence_subscription(pto=command["to"], ptype=command.get("type", "subscribe"))
        elif action == "roster_set":
            self.update_roster(command["jid"], name=command.get("name"), groups=command.get("groups", []))
        elif action == "roster_remove":
            self.del_roster_item(command["jid"])
        elif action == "displayed":
            self.plugin["xep_0333"].send_marker(command["to"], command["id"], "displayed")
        elif action == "enter_room":
            await self.enter_room(command)
        elif action == "set_up_room":
            form = await self.plugin["xep_0045"].get_room_config(command["room"])
            form.set_type("submit")
            for name, value in command["values"].items():
                form["fields"][name]["value"] = value
            await self.plugin["xep_0045"].set_room_config(command["room"], form)
            tell("set_up", room=command["room"])
        elif action == "leave_room":
            self.plugin["xep_0045"].leave_muc(command["room"], command["nick"])
        elif action == "invite":
            self.plugin["xep_0045"].invite(command["room"], command["whom"], reason=command["reason"])
        elif action == "kick":
            await self.plugin["xep_0045"].set_role(command["room"], command["nick"], "none", reason=command["reason"])
        elif action == "ping":
            await self.plugin["xep_0199"].send_ping(self.boundjid.host)
            tell("pong")
        elif action == "iq":
            await self.ask(command)
        elif action == "connect":
            self.go()
        elif action == "drop":
            self.abort()
        elif action == "disconnect":
            self.settings["reconnect"] = False
            await self.disconnect()

    async def enter_room(self, command):
        """Ends when the room has told its subject: everything before that has come."""
        try:
            entered = await self.plugin["xep_0045"].join_muc_wait(command["room"], command["nick"], maxstanzas=100)
            tell("entered", room=command["room"], history=[message["body"] for message in entered.history],
                 occupants=sorted(str(presence["from"].resource) for presence in entered.occupants),
                 codes=sorted(entered.self_presence["muc"]["status_codes"]))
        except slixmpp.exceptions.PresenceError as error:
            tell("not_entered", room=command["room"], condition=error.condition)

    async def ask(self, command):
        iq = self.make_iq(ito=command.get("to"), itype=command.get("type", "get"))
        iq.append(ET.fromstring(command["payload"]))
        try:
            result = await iq.send()
            tell("iq", tag=command.get("tag"), kind="result", xml=str(result))
        except slixmpp.exceptions.IqError as error:
            tell("iq", tag=command.get("tag"), kind="error", condition=error.iq["error"]["condition"], xml=str(error.iq))
        except slixmpp.exceptions.IqTimeout:
            tell("iq", tag=command.get("tag"), kind="timeout")


async def main():
    client = Client(json.loads(sys.argv[1]))
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    if client.settings.get("connect", True):
        client.go()
    while line := await reader.readline():
        await client.obey(json.loads(line))


asyncio.run(main())
