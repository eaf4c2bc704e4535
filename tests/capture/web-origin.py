"""Answers whatever a proxy under test sends on: HTTP on 127.0.0.1:PORT, and behind CONNECT. Its answer to
/status/NNN has that status; everything else gets 200 and echoes the size of the body."""

import re
import socketserver
import sys


class Origin(socketserver.StreamRequestHandler):
    def handle(self):
        try:
            self.answer()
        except OSError:
            pass  # the proxy under test hung up

    def answer(self):
        while True:
            line = self.rfile.readline(65536)
            if not line.strip():
                return
            length = 0
            while True:
                header = self.rfile.readline(65536)
                if not header.strip():
                    break
                if header.lower().startswith(b"content-length:"):
                    length = int(header.split(b":")[1])
            body = self.rfile.read(length)
            wanted = re.search(rb"/status/(\d{3})", line)
            status = wanted.group(1).decode() if wanted else "200"
            if line.startswith(b"CONNECT"):
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                continue
            text = f"got {len(body)} bytes\n".encode() * 20
            head = f"HTTP/1.1 {status} Said\r\nContent-Type: text/plain\r\nContent-Length: {len(text)}\r\n\r\n"
            self.wfile.write(head.encode() + text)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("127.0.0.1", int(sys.argv[1])), Origin).serve_forever()
