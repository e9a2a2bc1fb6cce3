"""Makes one connectionless call with impacket 0.9.11, the last that could, and prints the results in hexadecimal.

The arguments are the port on this computer, `plain` or `idempotent`, and either `map` or `send`, a sender, a recipient
and a text. It runs with Python 2.7.
"""

import struct
import sys

from impacket import uuid
from impacket.dcerpc import transport
from impacket.dcerpc.v5 import epm

MESSENGER = uuid.uuidtup_to_bin(("5a7b91f8-ff00-11d0-a9b2-00c04fb6e6fc", "1.0"))
NDR = uuid.uuidtup_to_bin(("8a885d04-1ceb-11c9-9fe8-08002b104860", "2.0"))


def string(text):
    counts = struct.pack("<LLL", len(text) + 1, 0, len(text) + 1)
    padding = "\0" * (-(len(text) + 1) % 4)
    return counts + text + "\0" + padding


def versioned(kind, names, identifier):
    floor = kind()
    floor[names] = identifier[:16]
    floor["MajorVersion"], floor["MinorVersion"] = struct.unpack("<HH", identifier[16:20])
    return floor.getData()


def question():
    protocol = epm.EPMProtocolIdentifier()
    protocol["ProtIdentifier"] = 0x0A
    tower = epm.EPMTower()
    tower["NumberOfFloors"] = 5
    tower["Floors"] = (
        versioned(epm.EPMRPCInterface, "InterfaceUUID", MESSENGER)
        + versioned(epm.EPMRPCDataRepresentation, "DataRepUuid", NDR)
        + protocol.getData()
        + "\x01\x00\x08\x02\x00\x00\x00"
        + "\x01\x00\x09\x04\x00\x00\x00\x00\x00"
    )
    request = epm.ept_map()
    request["obj"] = "\0" * 16
    request["max_towers"] = 1
    request["map_tower"]["tower_length"] = len(tower)
    request["map_tower"]["tower_octet_string"] = str(tower)
    return str(request)


def answer(data):
    response = epm.ept_mapResponse(data)
    tower = epm.EPMTower("".join(response["ITowers"][0]["Data"]["tower_octet_string"]))
    port, address = (tower["Floors"][floor]["RelatedData"] for floor in (3, 4))
    return "%d %d %s" % (response["status"], struct.unpack("!H", port)[0], ".".join(str(ord(part)) for part in address))


port, kind, operation = int(sys.argv[1]), sys.argv[2], sys.argv[3]
connection = transport.UDPTransport("127.0.0.1", port)
calls = connection.get_dce_rpc()
calls.connect()
calls.set_idempotent(int(kind == "idempotent"))
if operation == "map":
    calls.bind(epm.MSRPC_UUID_PORTMAP)
    calls.call(3, question())
    print(answer(calls.recv()))
else:
    calls.bind(MESSENGER)
    calls.call(0, "".join(string(text) for text in sys.argv[4:7])[: -(-(len(sys.argv[6]) + 1) % 4) or None])
    print(calls.recv().encode("hex"))
