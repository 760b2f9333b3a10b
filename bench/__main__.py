"""``make bench``: one run, side by side, same machine, same PostgreSQL. Prints medians of several runs and ratios.

(a) complete lifecycles of a ten-step project through the real services over RabbitMQ, driven at the application
    boundary, and again over HTTP; (b) the same ten steps as a durable workflow in DBOS Transact; (c) the floor:
    durable single-row inserts. And: order accepted to staff assigned under a steady load; a decision of dispatch
    while 100 or 5,000 orders wait.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from delivery_shared.messaging.topology import Broker
from delivery_shared.service import collect_less_often
from delivery_shared.testing.fixtures import broker_url, scratch_database, server_url

from bench import durable_workflow, floor, lifecycles, waiting

PARTS = ("lifecycles", "http", "latency", "waiting", "workflow", "floor")


def median_of(runs: int, measure: Callable[[], float]) -> tuple[float, list[float]]:
    """Median and all figures of several runs."""
    figures = [measure() for _ in range(runs)]
    return statistics.median(figures), figures


def show(name: str, figure: tuple[float, list[float]], unit: str) -> None:
    median, figures = figure
    print(f"{name:<58} {median:>9.1f} {unit:<14} ({', '.join(f'{f:.1f}' for f in figures)})", flush=True)


def main() -> None:
    """Measure everything; takes some minutes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="runs of each measurement")
    parser.add_argument("--projects", type=int, default=2000, help="projects of a run at the application boundary")
    parser.add_argument("--http-projects", type=int, default=200, help="projects of a run over HTTP")
    parser.add_argument("--workflows", type=int, default=400, help="workflows of a run in DBOS")
    parser.add_argument("--latency-orders", type=int, default=400, help="orders at 20 a second")
    parser.add_argument("--only", default="", help=f"comma-separated: {', '.join(PARTS)}")
    chosen = parser.parse_args()
    collect_less_often()  # as every process of the system does
    only = set(filter(None, chosen.only.split(","))) or set(PARTS)
    print(f"{os.cpu_count()} cores; PostgreSQL {floor.settings(server_url())}\n", flush=True)
    ours = workflows = None
    if "waiting" in only:
        for number in (100, 5000):
            assigned, nobody = waiting.run(number)
            print(
                f"{number:>5} orders wait: one assigned in {assigned:.1f} ms, nobody found in {nobody:.1f} ms",
                flush=True,
            )
    if only & {"lifecycles", "http", "latency"}:
        broker = Broker(url=broker_url(), namespace=f"bench-{uuid4().hex[:8]}.")
        with scratch_database() as database_url, tempfile.TemporaryDirectory() as folder:
            with lifecycles.installation(database_url, broker, Path(folder)) as installation:
                if "lifecycles" in only:
                    drains: list[float] = []

                    def run() -> float:
                        rate, drain = lifecycles.at_the_application(installation, chosen.projects)
                        drains.append(drain)
                        return rate

                    ours = median_of(chosen.runs, run)
                    show("(a) ten-step projects, application boundary", ours, "projects/s")
                    show("    drain of reporting and notify afterwards", (statistics.median(drains), drains), "s")
                if "http" in only:
                    over_http = median_of(chosen.runs, lambda: lifecycles.over_http(installation, chosen.http_projects))
                    show("(a) ten-step projects, over HTTP", over_http, "projects/s")
                if "latency" in only:
                    p50, p99 = lifecycles.order_to_assignment(installation, chosen.latency_orders, per_second=20)
                    print(
                        f"order accepted → staff assigned at 20 orders/s: p50 {p50:.0f} ms, p99 {p99:.0f} ms",
                        flush=True,
                    )
                installation.assert_well()
                print("verify: 0 violations", flush=True)
            broker.delete()
    if "workflow" in only:
        workflows = median_of(chosen.runs, lambda: durable_workflow.run(server_url(), chosen.workflows))
        show("(b) ten-step durable workflows, DBOS Transact", workflows, "workflows/s")
    if "floor" in only:
        for clients, rate in floor.run(server_url(), 5).items():
            show(f"(c) durable single-row inserts, {clients} clients", (rate, [rate]), "inserts/s")
    if ours and workflows:
        print(f"\n(a) / (b) = {ours[0] / workflows[0]:.2f}")


if __name__ == "__main__":
    main()
