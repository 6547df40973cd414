"""A token endpoint that can be told what to do: how long its tokens live, whether it answers at all. It counts."""

import http.server
import json
import threading
import time


class Identity:
    def __init__(self, token, port=9082):
        self.lifetime = 3599
        self.delay = 0.0
        self.is_down = False
        self.calls = []
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                owner.calls.append(time.monotonic())
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                time.sleep(owner.delay)
                if owner.is_down:
                    status, body = 503, b""
                else:
                    status = 200
                    body = json.dumps(
                        {"access_token": token, "token_type": "Bearer", "expires_in": owner.lifetime}
                    ).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = port
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
