"""A recording proxy: clients talk to it, it talks to one server, and every pair of request and answer is kept."""

import http.client
import http.server
import socket
import threading
import time

from judges.exchange import Exchange

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "proxy-connection", "te", "upgrade"}


class Recorder:
    """Listens on loopback, on a free port. `who` names the client in the recording; a test may change it."""

    def __init__(self, upstream, path, who=""):
        self.upstream = upstream
        self.who = who
        self.exchanges = []
        self._lock = threading.Lock()
        self._file = open(path, "w", encoding="utf-8")
        handler = type("Handler", (_Handler,), {"recorder": self})
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.address = "127.0.0.1:%d" % self._server.server_address[1]
        self.url = "http://" + self.address
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def keep(self, exchange):
        with self._lock:
            self.exchanges.append(exchange)
            self._file.write(exchange.to_line() + "\n")
            self._file.flush()

    def since(self, mark):
        """Exchanges after the first `mark` ones."""
        with self._lock:
            return self.exchanges[mark:]

    def mark(self):
        with self._lock:
            return len(self.exchanges)

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._file.close()


class _Handler(http.server.BaseHTTPRequestHandler):
    recorder = None
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    # An idle connection must not keep a thread for ever.
    timeout = 60

    def log_message(self, *_):
        pass

    def _body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _forward(self):
        body = self._body()
        headers = [(name, value) for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP]
        at, begun = time.time(), time.monotonic()
        who = self.recorder.who
        upstream = http.client.HTTPConnection(self.recorder.upstream, timeout=90)
        status, answered, answer = None, [], b""
        try:
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers:
                upstream.putheader(name, value)
            if body or self.command in ("POST", "PUT", "PATCH"):
                upstream.putheader("Content-Length", str(len(body)))
            upstream.putheader("Connection", "close")
            upstream.endheaders(body or None)
            response = upstream.getresponse()
            status, answered, answer = response.status, response.getheaders(), response.read()
        except (http.client.HTTPException, OSError, socket.timeout):
            # No answer, or half of one: the client gets none either, and the recording says so.
            status = None
        finally:
            upstream.close()
        self.recorder.keep(
            Exchange(who, at, time.monotonic() - begun, self.command, self.path, headers, body, status, answered, answer)
        )
        if status is None:
            self.close_connection = True
            return
        self.send_response_only(status)
        for name, value in answered:
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        bodiless = self.command == "HEAD" or status in (204, 304)
        if not bodiless:
            self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if not bodiless:
            self.wfile.write(answer)
        self.wfile.flush()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _forward
