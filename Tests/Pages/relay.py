"""Something between a browser and a gateway that loses answers, or answers itself."""

import contextlib
import select
import socket
import socketserver
import struct
import threading


class Relay:
    """Passes on whatever comes, on an address of its own, until it is told otherwise; it ends with the block."""

    def __init__(self, address):
        host, port = address.split(":")
        self.upstream, self.lost_method, self.is_redirecting = (host, int(port)), None, False
        relay = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                relay.pass_on(self.request)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = "127.0.0.1:%d" % self.server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *failure):
        self.server.shutdown()
        self.server.server_close()

    def lose_answers(self, method):
        """From now on no answer to a request with this method arrives, and its connection is reset; `None` ends that.

        One lost answer is not enough: on a connection that was in use before, a browser sends the request again by itself.
        """
        self.lost_method = method and method.encode() + b" "

    def redirect(self, is_redirecting):
        """Whether each request is sent elsewhere from now on, as by a proxy at which one has to sign in."""
        self.is_redirecting = is_redirecting

    def is_lost(self, request):
        method = self.lost_method
        return method is not None and request.startswith(method)

    def pass_on(self, client):
        """Until one of the two ends."""
        is_lost = False
        with socket.create_connection(self.upstream) as server, contextlib.suppress(OSError):
            while True:
                readable, _, _ = select.select([client, server], [], [])
                for end in readable:
                    bytes = end.recv(65536)
                    if not bytes:
                        return
                    if end is client and self.is_redirecting:
                        client.sendall(b"HTTP/1.1 302 Found\r\nLocation: /sign-in\r\nContent-Length: 0\r\n\r\n")
                    elif end is client:
                        is_lost = self.is_lost(bytes)
                        server.sendall(bytes)
                    elif is_lost:
                        # It ends with RST, as after a fall of the network.
                        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        client.close()
                        return
                    else:
                        client.sendall(bytes)
