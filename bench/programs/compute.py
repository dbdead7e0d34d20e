"""Four kernels of pure Python. Each returns the seconds that it took, by the clock of whoever runs it."""

import json
import random
import re
import time

from capsule import task

SUN_AND_PLANETS = [
    # x, y, z, vx, vy, vz, mass: astronomical units, years, solar masses times 4 pi squared
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 39.47841760435743],
    [4.841431, -1.160320, -0.103622, 0.606326, 2.811986, -0.025218, 0.037693675],
    [8.343367, 4.124799, -0.403523, -1.010774, 1.825662, 0.008415, 0.011286326],
    [12.894370, -15.111151, -0.223308, 1.082791, 0.868713, -0.010832, 0.001723724],
    [15.379697, -25.919315, 0.179259, 0.979090, 0.594699, -0.034756, 0.002033687],
]


@task(compute="HIGH")
def nbody(steps: int) -> float:
    bodies = [list(body) for body in SUN_AND_PLANETS]
    pairs = [(one, two) for i, one in enumerate(bodies) for two in bodies[i + 1 :]]
    began = time.perf_counter()
    for _ in range(steps):
        for one, two in pairs:
            dx = one[0] - two[0]
            dy = one[1] - two[1]
            dz = one[2] - two[2]
            pull = 0.01 * (dx * dx + dy * dy + dz * dz) ** -1.5
            heavy = two[6] * pull
            light = one[6] * pull
            one[3] -= dx * heavy
            one[4] -= dy * heavy
            one[5] -= dz * heavy
            two[3] += dx * light
            two[4] += dy * light
            two[5] += dz * light
        for body in bodies:
            body[0] += 0.01 * body[3]
            body[1] += 0.01 * body[4]
            body[2] += 0.01 * body[5]
    return time.perf_counter() - began


@task(compute="HIGH")
def loop(rounds: int) -> float:
    began = time.perf_counter()
    total = 0
    for number in range(rounds):
        if number % 3:
            total += number * number % 7
    return time.perf_counter() - began


@task(compute="HIGH")
def json_round_trip(records: int) -> float:
    choose = random.Random(1)
    data = [
        {"id": number, "name": f"item {number}", "price": choose.random(), "tags": ["a", "b", None, True]}
        for number in range(records)
    ]
    began = time.perf_counter()
    back = json.loads(json.dumps(data))
    seconds = time.perf_counter() - began
    if back != data:
        raise ValueError("JSON lost something")
    return seconds


@task(compute="HIGH")
def regex(lines: int) -> float:
    choose = random.Random(2)
    text = "\n".join(
        f"2026-01-{choose.randint(1, 28):02} user{choose.randint(1, 999)}@example.com GET /{choose.random()}"
        for _ in range(lines)
    )
    pattern = re.compile(r"^(\d{4})-(\d\d)-(\d\d) (\w+)@([\w.]+) (GET|PUT) (\S+)$", re.MULTILINE)
    began = time.perf_counter()
    found = sum(1 for _ in pattern.finditer(text))
    seconds = time.perf_counter() - began
    if found != lines:
        raise ValueError("the pattern lost something")
    return seconds
