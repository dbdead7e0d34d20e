"""A task that reads from one web service, and can reach no other.

    python examples/python/http/main.py

Two servers stand for the world, both started here: a shop, whose address the task is granted, and
a machine inside the network, which it is not. The shop is not to be trusted: one of its links leads
to the inside.
"""

import json
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from capsule import task

PAGES = {1: (["lamp", "chair"], 2), 2: (["table"], None)}


@task(timeout="30s")  # no allowed_hosts: whoever calls it says which shop is meant
def list_products(shop: str) -> list:
    products, page = [], 1
    while page:
        with urllib.request.urlopen(f"{shop}/products?page={page}") as answer:
            found = json.load(answer)
        products += found["products"]
        page = found["next"]
    return products


@task(timeout="30s")
def read_advert(shop: str) -> str:
    try:
        with urllib.request.urlopen(f"{shop}/advert") as answer:  # follows redirections
            return answer.read().decode()
    except urllib.error.URLError as error:
        return f"refused: {error.reason}"


class Shop(BaseHTTPRequestHandler):
    """The service that is granted."""

    inside = ""

    def do_GET(self) -> None:
        if self.path == "/advert":
            self.send_response(302)
            self.send_header("Location", f"{self.inside}/passwords")
            self.end_headers()
            return
        products, following = PAGES[int(self.path.rpartition("=")[2])]
        body = json.dumps({"products": products, "next": following}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keeps the example's output to itself."""


class Inside(Shop):
    """The machine that only this network should reach."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"all the passwords")


def serve(handler: type) -> str:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"127.0.0.1:{server.server_port}"


def demo() -> None:
    Shop.inside = f"http://{serve(Inside)}"
    shop = serve(Shop)
    granted = {"allowed_hosts": [shop]}

    print("Products:", ", ".join(list_products.using(**granted)(f"http://{shop}")))

    envelope = read_advert.using(**granted).envelope(f"http://{shop}")
    print("Advert:", envelope["result"])
    for request in envelope["execution"]["host_requests"]:
        print(f"  {request['method']} {request['url']} -> {request['status'] or 'not sent'}")


if __name__ == "__main__":
    demo()
