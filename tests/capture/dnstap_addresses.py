#!/usr/bin/env python3
"""Replaces the addresses of loopback in a dnstap file by those of the documentation ranges, frame by frame.

Fields 4 and 5 of dnstap's message are query_address and response_address; a value of the same length takes the
place of each, so that no length changes. Clients 127.0.0.N become 192.0.2.N, the server 127.0.0.1 becomes 203.0.113.5.
"""

import socket
import sys

SERVER = socket.inet_aton("203.0.113.5")


def replaced(data):
    for field in (b"\x22", b"\x2a"):
        for last in range(256):
            old = field + b"\x04\x7f\0\0" + bytes([last])
            new = SERVER if last == 1 else b"\xc0\0\2" + bytes([last])
            data = data.replace(old, field + b"\x04" + new)
        old = field + b"\x10" + socket.inet_pton(socket.AF_INET6, "::1")
        data = data.replace(old, field + b"\x10" + socket.inet_pton(socket.AF_INET6, "2001:db8::1"))
    return data


sys.stdout.buffer.write(replaced(sys.stdin.buffer.read()))
