"""Writes data/orders.csv, the input of main.py: 200,000 orders, the same ones every time.

    python examples/python/sales/generate.py [ROWS]
"""

import csv
import datetime
import random
import sys
from pathlib import Path

HERE = Path(__file__).parent
REGIONS = ("north", "east", "south", "west", "islands")
FIRST_DAY = datetime.date(2025, 1, 1)


def generate(file: Path, rows: int = 200_000) -> None:
    """Write `rows` orders; the amounts are decimals with two places."""
    choose = random.Random(2025)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["order_id", "date", "region", "amount"])
        for order_id in range(1, rows + 1):
            day = FIRST_DAY + datetime.timedelta(days=choose.randrange(365))
            cents = choose.randrange(100, 100_000)
            writer.writerow(
                [order_id, day, choose.choice(REGIONS), f"{cents // 100}.{cents % 100:02}"]
            )


if __name__ == "__main__":
    generate(HERE / "data" / "orders.csv", *map(int, sys.argv[1:2]))
    (HERE / "out").mkdir(exist_ok=True)
