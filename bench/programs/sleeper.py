import time

from capsule import task


@task(compute="LOW", ram="64MB", timeout="10m")
def nap(seconds: float) -> list[float]:
    """When it fell asleep and when it woke, in seconds since 1970."""
    asleep = time.time()
    print("asleep")
    time.sleep(seconds)
    return [asleep, time.time()]
