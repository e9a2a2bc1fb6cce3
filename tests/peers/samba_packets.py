"""Reads packets with the code that Samba generates from its descriptions of the protocols, and writes them again.

A line of input is the kind of packet and its bytes in hexadecimal; a line of output is what Samba makes of it, in
JSON. Samba is a package of the system, and so is the Python that this runs with.
"""

import json
import sys

from samba import ndr
from samba.dcerpc import nbt


def name(value):
    scope = "." + value.scope if value.scope else ""
    return "%s<%02X>%s" % (value.name, value.type, scope)


def record(value):
    seen = {"name": name(value.name), "type": value.rr_type, "ttl": value.ttl}
    if value.rr_type == nbt.NBT_QTYPE_NETBIOS and getattr(value.rdata, "addresses", None) is not None:
        seen["entries"] = [[entry.nb_flags, entry.ipaddr] for entry in value.rdata.addresses]
    if value.rr_type == nbt.NBT_QTYPE_STATUS:
        seen["names"] = [[entry.name.rstrip(), entry.type, entry.nb_flags] for entry in value.rdata.names]
    return seen


def name_packet(data):
    packet = ndr.ndr_unpack(nbt.name_packet, data)
    return packet, {
        "id": packet.name_trn_id,
        "flags": packet.operation,
        "questions": [[name(question.name), question.question_type] for question in packet.questions],
        "answers": [record(value) for value in packet.answers],
        "authorities": [record(value) for value in packet.nsrecs],
        "additional": [record(value) for value in packet.additional],
    }


def datagram(data):
    packet = ndr.ndr_unpack(nbt.dgram_packet, data)
    seen = {
        "type": packet.msg_type,
        "flags": packet.flags,
        "id": packet.dgram_id,
        "source": [packet.src_addr, packet.src_port],
    }
    if packet.msg_type in (nbt.DGRAM_DIRECT_UNIQUE, nbt.DGRAM_DIRECT_GROUP):
        message = packet.data
        transaction = message.body.body
        seen |= {
            "length": message.length,
            "offset": message.offset,
            "from": name(message.source_name),
            "to": name(message.dest_name),
            "mailslot": transaction.mailslot_name,
            "setup": [transaction.opcode, transaction.priority, transaction._class],
            "data": bytes(transaction.data).hex(),
        }
    elif packet.msg_type == nbt.DGRAM_ERROR:
        seen["code"] = packet.data
    elif packet.msg_type != nbt.DGRAM_BCAST:
        seen["to"] = name(packet.data)
    return packet, seen


def main():
    kinds = {"name": name_packet, "datagram": datagram}
    for line in sys.stdin:
        kind, data = line.split()
        packet, seen = kinds[kind](bytes.fromhex(data))
        seen["again"] = ndr.ndr_pack(packet).hex()
        print(json.dumps(seen), flush=True)


main()
