#!/usr/bin/env python3
"""A stub name server, and a client that asks friendly and hostile questions: the two ends of every DNS capture.

    dns.py serve PORT                answer on 127.0.0.1, as a resolver's upstream
    dns.py ask PORT [NAME TYPE]...   ask 127.0.0.1 and ::1 at PORT, each question from a client of its own

Nothing but the standard library, nothing but loopback. The stub answers by the first label: `nx…` does not
exist, `fail…` is SERVFAIL, `refused…` is REFUSED, `empty…` has no data, `alias…` is a CNAME of chatgpt.com, `zero…`
is 0.0.0.0, `slow…` is never answered; everything else is 203.0.113.80, 2001:db8::80 or a service binding.
"""

import socket
import struct
import sys
import threading

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33, "HTTPS": 65, "ANY": 255}

# Labels that try to be something else in one log or another: more fields, another name, the end of a record.
HOSTILE = [
    [b"we ird", b"example", b"net"],
    [b"forged.example", b"example", b"net"],
    [b"par(en)\"quo\\te", b"example", b"net"],
    [b"a\nquery: forged.example IN A + (127.0.0.1)", b"example", b"net"],
    [b"x|A' from 127.0.0.99:53 question for 'forged.example", b"example", b"net"],
    [b"x\" qname=\"forged.example\" remote=\"127.0.0.99:53", b"example", b"net"],
    [b"forged.example. A with id 1", b"example", b"net"],
    [b"x from 127.0.0.99", b"example", b"net"],
    [b"tab\there\xff\x00\x1b[2J", b"example", b"net"],
]

FRIENDLY = [
    ("api.openai.com", "A", {}),
    ("ChatGPT.com", "AAAA", {"edns": True}),
    ("cLaUdE.aI", "HTTPS", {"edns": True}),
    ("gemini.google.com", "A", {"tcp": True}),
    ("copilot.microsoft.com", "A", {"six": True}),
    ("alias.example.org", "A", {}),
    ("nx.example.org", "A", {}),
    ("fail.example.org", "A", {}),
    ("refused.example.org", "A", {}),
    ("empty.example.org", "MX", {}),
    ("zero.example.org", "A", {}),
    ("blocked.example.com", "A", {}),
    ("example.com", 65535, {}),
    ("example.com", "TXT", {}),
    ("norecursion.example.com", "A", {"rd": False}),
    (".", "NS", {}),
    ("version.bind", "TXT", {"class": 3}),
]


def labels(name):
    return [label.encode() for label in name.split(".") if label]


def wire(name):
    return b"".join(bytes([len(label)]) + label for label in name) + b"\0"


def question(number, name, qtype, rd=True, edns=False, qclass=1):
    head = struct.pack(">6H", number, 0x0100 if rd else 0, 1, 0, 0, 1 if edns else 0)
    packet = head + wire(name) + struct.pack(">2H", qtype, qclass)
    if edns:
        packet += b"\0" + struct.pack(">2HIH", 41, 1232, 0x8000, 0)
    return packet


def ask(port, client, server, packet, tcp):
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM) as sock:
        sock.settimeout(3)
        sock.bind((client, 0))
        try:
            sock.connect((server, port))
            sock.send(struct.pack(">H", len(packet)) + packet if tcp else packet)
            sock.recv(4096)
        except OSError:
            pass


def ask_all(port, wanted):
    number = 0x1000
    for name, qtype, how in wanted:
        number += 1
        rd, edns, qclass = how.get("rd", True), how.get("edns", False), how.get("class", 1)
        name = name if isinstance(name, list) else labels(name)
        packet = question(number, name, TYPES.get(qtype, qtype), rd, edns, qclass)
        six = how.get("six")
        client = "::1" if six else f"127.0.0.{7 + number % 8}"
        ask(port, client, "::1" if six else "127.0.0.1", packet, how.get("tcp"))


def answer(packet):
    number, flags, _, _, _, _ = struct.unpack(">6H", packet[:12])
    end = 12
    while packet[end]:
        end += packet[end] + 1
    end += 5
    qtype = struct.unpack(">H", packet[end - 4:end - 2])[0]
    first = packet[13:13 + packet[12]].lower()
    rcode, records = 0, []
    here = b"\xc0\x0c"

    def record(owner, kind, data):
        return owner + struct.pack(">2HIH", kind, 1, 60, len(data)) + data

    if first.startswith(b"slow"):
        return None
    if first.startswith(b"nx"):
        rcode = 3
    elif first.startswith(b"fail"):
        rcode = 2
    elif first.startswith(b"refused"):
        rcode = 5
    elif first.startswith(b"empty"):
        pass
    elif first.startswith(b"alias"):
        target = wire(labels("chatgpt.com"))
        records.append(record(here, 5, target))
        records.append(record(target, 1, socket.inet_aton("203.0.113.81")))
    elif qtype == 1:
        address = "0.0.0.0" if first.startswith(b"zero") else "203.0.113.80"
        records.append(record(here, 1, socket.inet_aton(address)))
    elif qtype == 28:
        records.append(record(here, 28, socket.inet_pton(socket.AF_INET6, "2001:db8::80")))
    elif qtype == 16:
        records.append(record(here, 16, b"\x1eforged.example. 60 IN A 0.0.0.0"[:31]))
    elif qtype == 65:
        records.append(record(here, 65, struct.pack(">H", 1) + b"\0"))
    head = struct.pack(">6H", number, 0x8080 | (flags & 0x0100) | rcode, 1, len(records), 0, 0)
    return head + packet[12:end] + b"".join(records)


def serve(port):
    def tcp():
        with socket.create_server(("127.0.0.1", port)) as listener:
            while True:
                peer, _ = listener.accept()
                with peer:
                    packet = peer.recv(4096)[2:]
                    reply = answer(packet) if len(packet) > 16 else None
                    if reply:
                        peer.sendall(struct.pack(">H", len(reply)) + reply)

    threading.Thread(target=tcp, daemon=True).start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", port))
        while True:
            packet, peer = sock.recvfrom(4096)
            try:
                reply = answer(packet)
            except (IndexError, ValueError, struct.error):
                continue
            if reply:
                sock.sendto(reply, peer)


def main():
    command, port, *rest = sys.argv[1:]
    if command == "serve":
        serve(int(port))
    elif rest:
        ask_all(int(port), [(name, kind, {}) for name, kind in zip(rest[::2], rest[1::2])])
    else:
        ask_all(int(port), FRIENDLY + [(name, "A", {}) for name in HOSTILE])


if __name__ == "__main__":
    main()
