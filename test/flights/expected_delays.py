"""What the example project must publish, computed without Highwater and without SQL: `expected_delays.py DATA [UNTIL]`."""

import csv
import json
import sys
from datetime import datetime

import pandas


def rating(late, flights):
    percent = 100 * late
    for name, limit in (("A", 5), ("B", 10), ("C", 20), ("D", 35)):
        if percent <= limit * flights:
            return name
    return "E"


def airports(file):
    with open(file, encoding="utf-8", newline="") as lines:
        return {row["iata"]: row for row in csv.DictReader(lines)}


def main(data, until=None):
    flights = pandas.read_parquet(f"{data}/flights-3m.parquet", columns=["date", "delay", "origin"])
    if until:
        flights = flights[flights["date"] < datetime.fromisoformat(until)]
    flights["day"] = flights["date"].dt.strftime("%Y-%m-%d")
    flights["late"] = (flights["delay"] >= 15).astype(int)
    known = airports(f"{data}/airports.csv")
    rows = []
    for (origin, day), group in flights.groupby(["origin", "day"], sort=True):
        count, late, total = len(group), int(group["late"].sum()), int(group["delay"].sum())
        rows.append(
            {
                "origin": origin,
                "day": day,
                "airport": known[origin]["name"],
                "city": known[origin]["city"],
                "state": known[origin]["state"],
                "flights": count,
                "mean_delay": total / count,
                "longest_delay": int(group["delay"].max()),
                "share_late": late / count,
                "rating": rating(late, count),
            }
        )
    json.dump(rows, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
