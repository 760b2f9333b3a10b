"""``make bench``: one run, side by side, same machine, same PostgreSQL. Prints medians of several runs and ratios.

(a) complete lifecycles of a ten-step project through the real services over RabbitMQ, driven at the application
    boundary, and again over HTTP; (b) the same ten steps as a durable workflow in DBOS Transact; (c) the floor:
    durable single-row inserts. And: order accepted to staff assigned under a steady load; a decision of dispatch
    while 100, 1,000 or 5,000 orders wait; many timers due at once; every list, dashboard and details page with 200,000
    projects loaded; memory of every process after 5,000 and 20,000 projects; bytes and CPU of one project.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from uuid import uuid4

from delivery_center.seeding import Amounts
from delivery_shared.messaging.topology import Broker
from delivery_shared.service import collect_less_often
from delivery_shared.testing.fixtures import broker_url, scratch_database, server_url

from bench import (
    capacity,
    costs,
    due,
    floor,
    intake,
    lifecycles,
    memory,
    pages,
    read_model,
    scale,
    standby,
    waiting,
)
from bench.peers import dbos_workflow

PARTS = (
    "lifecycles",
    "http",
    "latency",
    "intake",
    "waiting",
    "due",
    "pages",
    "export",
    "rebuild",
    "memory",
    "costs",
    "standby",
    "capacity",
    "scale",
    "workflow",
    "floor",
)

WAITING = [100, 1000, 5000]
"""Orders that wait while a decision is measured."""

FLAT = 1.5
"""A decision beside the most waiting orders by one beside the fewest: above it, the cost grows."""


def median_of(runs: int, measure: Callable[[], float]) -> tuple[float, list[float]]:
    """Median and all figures of several runs."""
    figures = [measure() for _ in range(runs)]
    return statistics.median(figures), figures


def show(name: str, figure: tuple[float, list[float]], unit: str) -> None:
    median, figures = figure
    print(f"{name:<58} {median:>9.1f} {unit:<14} ({', '.join(f'{f:.1f}' for f in figures)})", flush=True)


def measure_waiting(numbers: list[int]) -> None:
    """A decision's cost must not grow with the number of waiting orders."""
    found = {}
    for number in numbers:
        found[number] = seen = waiting.run(number)
        print(
            f"{number:>6} orders wait: one assigned in {seen.assigned:.1f} ms, nobody found in {seen.nobody:.1f} ms;"
            f" a freed place has its next order after {seen.freed_p50:.0f} ms, p99 {seen.freed_p99:.0f} ms",
            flush=True,
        )
    first, last = found[numbers[0]], found[numbers[-1]]
    for name, few, many in (
        ("assigned", first.assigned, last.assigned),
        ("nobody found", first.nobody, last.nobody),
    ):
        verdict = "holds" if many <= FLAT * few else "MISSED"
        print(
            f"      {name}: {many / few:.2f} × from {numbers[0]} to {numbers[-1]} (aim {FLAT}): {verdict}", flush=True
        )


def measure_due(chosen: argparse.Namespace) -> None:
    """Memory must not grow with the number of timers due at once, nor the time each takes."""
    with scratch_database() as database_url, tempfile.TemporaryDirectory() as folder:
        broker = Broker(url=broker_url(), namespace=f"bench-{uuid4().hex[:8]}.")
        try:
            reached = due.run(database_url, broker, Path(folder), projects=chosen.due_projects)
        finally:
            broker.delete()
    for fired in (reached[0], reached[-1]):
        rate = fired.timers / fired.seconds
        print(f"{fired.timers:>6} timers due at once: {rate:.0f}/s, at most {fired.peak:.0f} MB", flush=True)


def measure_loaded(chosen: argparse.Namespace, only: set[str]) -> None:
    """Lists, dashboards and details with a large data set; all of it as one file, and built anew."""
    amounts = Amounts(projects=chosen.seeded)
    broker = Broker(url=broker_url(), namespace=f"bench-{uuid4().hex[:8]}.")
    loaded: AbstractContextManager[str] = nullcontext(chosen.loaded) if chosen.loaded else scratch_database()
    with loaded as database_url, tempfile.TemporaryDirectory() as folder:
        try:
            seeding = None if chosen.loaded else amounts
            with pages.loaded(database_url, broker, Path(folder), seeding) as system:
                if "pages" in only:
                    print(pages.HEADER)
                    missed = 0
                    for measured in pages.run(system, requests=chosen.requests, only=chosen.page):
                        print(measured, flush=True)
                        missed += not measured.holds
                    print(f"{missed} missed", flush=True)
                if "export" in only:
                    for format in ("csv", "xlsx"):
                        print(read_model.export(system, format), flush=True)
                if "rebuild" in only:
                    print(read_model.rebuild(system, most=chosen.rebuilt), flush=True)
        finally:
            broker.delete()


def measure_memory(chosen: argparse.Namespace) -> None:
    """Memory must not grow with the number of projects."""
    broker = Broker(url=broker_url(), namespace=f"bench-{uuid4().hex[:8]}.")
    with scratch_database() as database_url, tempfile.TemporaryDirectory() as folder:
        try:
            with lifecycles.installation(database_url, broker, Path(folder)) as installation:
                grown = memory.run(installation, first=chosen.memory_first, last=chosen.memory_last)
                print(memory.HEADER, *grown, sep="\n", flush=True)
        finally:
            broker.delete()


def main() -> None:
    """Measure everything; takes the better part of an hour, most of it for pages and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="runs of each measurement")
    parser.add_argument("--projects", type=int, default=2000, help="projects of a run at the application boundary")
    parser.add_argument("--http-projects", type=int, default=200, help="projects of a run over HTTP")
    parser.add_argument("--workflows", type=int, default=400, help="workflows of a run in DBOS")
    parser.add_argument("--latency-orders", type=int, default=400, help="orders at 20 a second")
    parser.add_argument("--intake-seconds", type=int, default=60, help="seconds for which marketplaces call")
    parser.add_argument("--seeded", type=int, default=Amounts.projects, help="projects loaded for the pages")
    parser.add_argument("--loaded", default="", help="address of a database that is seeded already, for the pages")
    parser.add_argument("--requests", type=int, default=pages.REQUESTS, help="requests of each page")
    parser.add_argument("--page", default="", help="only pages whose name contains this")
    parser.add_argument("--rebuilt", type=int, default=500_000, help="events of each source the read model is built of")
    parser.add_argument(
        "--waiting", type=int, nargs="+", default=WAITING, help="orders that wait while decisions are measured"
    )
    parser.add_argument("--due-projects", type=int, default=40_000, help="projects loaded for the timers due")
    parser.add_argument("--memory-first", type=int, default=5000, help="projects before memory is read first")
    parser.add_argument("--memory-last", type=int, default=20000, help="and last; both multiples of 500")
    parser.add_argument("--capacity-projects", type=int, default=400, help="projects whose bytes and CPU are measured")
    parser.add_argument("--only", default="", help=f"comma-separated: {', '.join(PARTS)}")
    chosen = parser.parse_args()
    collect_less_often()  # as every process of the system does
    only = set(filter(None, chosen.only.split(","))) or set(PARTS)
    print(f"{os.cpu_count()} cores; PostgreSQL {floor.settings(server_url())}\n", flush=True)
    ours = workflows = None
    if "waiting" in only:
        measure_waiting(chosen.waiting)
    if "due" in only:
        measure_due(chosen)
    if only & {"pages", "export", "rebuild"}:
        measure_loaded(chosen, only)
    if "memory" in only:
        measure_memory(chosen)
    if "capacity" in only:
        print(*capacity.run(projects=chosen.capacity_projects), sep="\n", flush=True)
    if "scale" in only:
        print(*scale.table(), sep="\n", flush=True)
    if "standby" in only:
        for delay in (None, 0.0, 0.002, 0.005):
            together, alone = standby.run(delay)
            where = "no standby" if delay is None else f"standby {delay * 1000:.0f} ms away"
            print(f"{where:<20} {together:>7.0f} commands/s together, {alone:>6.0f} one by one", flush=True)
        ready, alone = standby.alone()
        print(f"alone: {ready:.2f} ms a command where others could come, {alone:.2f} ms by itself", flush=True)
    if "costs" in only:
        costs.run(
            projects=chosen.http_projects,
            boundary=chosen.projects,
            threads=(8, 32),
            latency=chosen.latency_orders,
            runs=chosen.runs,
        )
    if only & {"lifecycles", "http", "latency", "intake"}:
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
                if "intake" in only:
                    answered, started = intake.run(installation, seconds=chosen.intake_seconds)
                    print(f"a marketplace's call answered at {intake.CALLS_A_SECOND}/s: p50 {answered[0]:.0f} ms,"
                          f" p99 {answered[1]:.0f} ms (aim {intake.ANSWER_AIM:.0f})")  # fmt: skip
                    print(f"first call for an order → project started: p50 {started[0]:.0f} ms,"
                          f" p99 {started[1]:.0f} ms (aim {intake.START_AIM:.0f})", flush=True)  # fmt: skip
                installation.assert_well()
                print("verify: 0 violations", flush=True)
            broker.delete()
    if "workflow" in only:
        workflows = median_of(chosen.runs, lambda: dbos_workflow.run(server_url(), chosen.workflows))
        show("(b) ten-step durable workflows, DBOS Transact", workflows, "workflows/s")
    if "floor" in only:
        for clients, rate in floor.run(server_url(), 5).items():
            show(f"(c) durable single-row inserts, {clients} clients", (rate, [rate]), "inserts/s")
    if ours and workflows:
        print(f"\n(a) / (b) = {ours[0] / workflows[0]:.2f}")


if __name__ == "__main__":
    main()
