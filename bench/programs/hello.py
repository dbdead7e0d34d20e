from capsule import task


@task(name="main", compute="LOW", ram="64MB", timeout="30s")
def main(name: str = "world") -> str:
    return f"Hello, {name}!"
