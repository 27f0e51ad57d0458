"""What the assignments this project grew from deploy: Flask under gunicorn, with the headers of hello-service."""

from flask import Flask, Response

app = Flask(__name__)

HEADERS = {
    "vary": "accept",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


@app.get("/hello")
def hello():
    return Response("Hello world\n", headers=HEADERS, mimetype="text/plain")
