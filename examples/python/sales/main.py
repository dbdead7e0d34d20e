"""Sums 200,000 orders, one sandbox a region, all regions at once.

    python examples/python/sales/generate.py
    capsule run examples/python/sales/main.py

A region's task may read ./data and nothing else. `main` may read it, too, and write to ./out.
"""

import asyncio
import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from capsule import task

ORDERS = Path("data/orders.csv")
REPORT = Path("out/report.md")


def read_orders() -> Iterator[dict[str, str]]:
    with ORDERS.open(newline="", encoding="utf-8") as stream:
        yield from csv.DictReader(stream)


@task(allowed_files=["./data:ro"])
def sum_region(region: str) -> dict:
    """Number and exact sum of a region's orders; the sum as text, since JSON has no decimals."""
    orders = 0
    amount = Decimal(0)
    for order in read_orders():
        if order["region"] == region:
            orders += 1
            amount += Decimal(order["amount"])
    print(f"{region}: {orders} orders")
    return {"region": region, "orders": orders, "amount": amount}


@task(allowed_files=["./data:ro", "./out:rw"])
async def main() -> dict:
    regions = sorted({order["region"] for order in read_orders()})
    sums = await asyncio.gather(*(sum_region(region) for region in regions))
    total = {
        "orders": sum(region["orders"] for region in sums),
        "amount": sum(Decimal(region["amount"]) for region in sums),
    }
    write_report([*sums, {"region": "**all**", **total}])
    return {"regions": sums, **total}


def write_report(rows: list[dict]) -> None:
    lines = ["| region | orders | amount |", "|---|---:|---:|"]
    lines += [f"| {row['region']} | {row['orders']:,} | {Decimal(row['amount']):,} |" for row in rows]
    REPORT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    print(main())
