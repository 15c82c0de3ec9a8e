"""Sends one request to a URL, with an optional JSON body, and prints the response."""

import sys
from urllib.request import Request, urlopen

url, *body = sys.argv[1:]
request = Request(url, body[0].encode() if body else None, {"Content-Type": "application/json"})
with urlopen(request, timeout=10) as answer:
    print(answer.read().decode())
