import time
import urllib.request

from capsule import task


@task(timeout="5m", compute="HIGH")
def main(url: str, count: int, size: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        with urllib.request.urlopen(url) as answer:  # noqa: S310 - http, as bench/run says
            body = answer.read()
        if len(body) != size:
            raise ValueError(f"{len(body)} bytes, not {size}")
    return time.perf_counter() - began
