from capsule import task


@task(name="square", compute="LOW", ram="64MB")
def square(number: int) -> int:
    return number * number


@task(name="main", compute="LOW", ram="64MB")
def main(count: str) -> int:
    # capsule-run hands out the reply of a nested call in an object, Capsule the value itself.
    replies = [square(number) for number in range(int(count))]
    return sum(reply["result"] if isinstance(reply, dict) else reply for reply in replies)
