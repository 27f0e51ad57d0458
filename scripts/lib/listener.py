"""Answers on loopback as GitHub's API, Slack and the metadata server would, and writes down what it is sent: listener.py FILE

Prints its port. Pull request 2 has 101 comments: the newest of them is a plan of an earlier run, the first only quotes its marker."""
import http.server
import json
import sys
import urllib.parse

MARKER = "<!-- plan: infra-aws/environments/staging -->"
COMMENTS = [{"id": 1000, "body": f"{MARKER} said somebody", "user": {"type": "User"}}]
COMMENTS += [{"id": 1000 + n, "body": "hello", "user": {"type": "User"}} for n in range(1, 100)]
COMMENTS += [{"id": 1101, "body": f"{MARKER}\nold", "user": {"type": "Bot"}}]


class Listener(http.server.BaseHTTPRequestHandler):
    def answer(self):
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length).decode()
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        note = {"method": self.command, "path": url.path, "authorization": self.headers.get("authorization"), "body": body}
        with open(sys.argv[1], "a") as sent:
            sent.write(json.dumps(note) + "\n")
        status, said = self.said(url.path, query)
        data = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def said(self, path, query):
        if path.startswith("/broken"):
            return 500, {}
        if path.startswith("/computeMetadata/"):
            good = self.headers.get("metadata-flavor") == "Google"
            return (200, {"access_token": "token-of-the-machine", "expires_in": 3599}) if good else (403, {})
        if path.endswith("/pulls"):
            return 200, [{"number": 6, "merged_at": None}, {"number": 7, "merged_at": "2026-01-01T00:00:00Z"}]
        if self.command == "GET" and path.endswith("/issues/2/comments"):
            size, page = int(query["per_page"]), int(query["page"])
            return 200, COMMENTS[(page - 1) * size : page * size]
        if self.command == "GET":
            return 200, []
        return 201, {"html_url": "https://github.example/1"}

    do_GET = do_POST = do_PATCH = answer

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
print(server.server_port, flush=True)
server.serve_forever()
