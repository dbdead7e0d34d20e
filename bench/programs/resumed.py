"""A workflow that goes on after many finished steps.

Arguments: how they come by (``map`` or ``turn``), how many, and when the program was launched, or
nothing if it is to be interrupted before its next step. Prints two times in seconds until the first
new step has ended, from the workflow's opening and from the launch.
"""

import json
import sys
import time

from capsule import task, workflow


@task(compute="LOW", ram="64MB")
def double(number: int) -> int:
    return 2 * number


def main(how: str, count: int, launched: str) -> None:
    numbers = range(count)
    began = time.time()
    with workflow("resumed", durability="relaxed"):
        values = double.map(numbers) if how == "map" else [double(number) for number in numbers]
        if not launched:
            sys.exit()
        new = double(count)
        ended = time.time()
    if [*values, new] != [2 * number for number in range(count + 1)]:
        raise SystemExit("a wrong result")
    print(json.dumps([ended - began, ended - float(launched)]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), "".join(sys.argv[3:]))
