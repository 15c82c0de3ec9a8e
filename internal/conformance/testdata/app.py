"""The service of these tests, for uvicorn: plain ASGI, no framework."""

import gzip

SMALL = b"small\n"
LARGE = b"0123456789" * 30_000
PACKED = b'{"prediction": 1, "why": "' + b"because " * 500 + b'"}'
ANSWER = b'{"prediction": 1}'


async def read(receive):
    more = True
    while more:
        more = (await receive()).get("more_body", False)


def answer(scope):
    path, headers = scope["path"], dict(scope["headers"])
    if path == "/small":
        return 200, [], SMALL
    if path == "/large":
        return 200, [], LARGE
    if path == "/packed" and headers.get(b"accept-encoding") == b"gzip":
        return 200, [(b"content-encoding", b"gzip"), (b"content-type", b"application/json")], gzip.compress(PACKED)
    if path == "/predict":
        return 200, [(b"content-type", b"application/json")], ANSWER
    return 404, [], b"nothing\n"


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise RuntimeError(scope["type"])
    await read(receive)
    status, headers, body = answer(scope)
    if scope["method"] == "HEAD":
        headers, body = [*headers, (b"content-length", str(len(body)).encode())], b""
    elif len(body) % 2 == 0:  # every other one without a length, so in chunks
        headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    for at in range(0, len(body), 100_000):
        await send({"type": "http.response.body", "body": body[at : at + 100_000], "more_body": True})
    await send({"type": "http.response.body", "body": b""})
