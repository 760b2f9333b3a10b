"""SpiffWorkflow: a BPMN process of ten manual tasks in one's own process, its state in PostgreSQL after each.

The engine is a library without a store, so this stores as its documentation's example does: the state of an instance
– all of its tasks, without the description of the process – as JSON in one row, written over after each task and
committed. The instance stays in memory between two tasks and is never read back, which flatters it: a request that
comes later would load it first.

Tried, CPU milliseconds a project of the engine without PostgreSQL: nothing stored 1.5; the whole state with the
description in it, as `serialize_json` writes it, 4.2; the tasks alone 3.1, taken with the little that is beside them.

For its price it has no queue, timers only for whoever polls, and two processes with one instance overwrite each
other. It knows which task is next, not who may do it, and tells nobody.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from uuid import uuid4

import psycopg
from psycopg_pool import ConnectionPool
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.workflow import BpmnWorkflowConverter, WorkflowConverter

from bench.peers import STEPS, Incomplete, Peer, Place
from bench.peers.crew import Work, crew

PROCESSES = 2
THREADS = 4


class StateConverter(BpmnWorkflowConverter):
    """An instance without its description."""

    def to_dict(self, workflow: BpmnWorkflow) -> dict[str, Any]:
        return {
            **WorkflowConverter.to_dict(self, workflow),
            "subprocesses": self.mapping_to_dict(workflow.subprocesses),
            "bpmn_events": self.registry.convert(workflow.bpmn_events),
        }


_SERIALIZER = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure({**DEFAULT_CONFIG, BpmnWorkflow: StateConverter}))


def stored(workflow: BpmnWorkflow) -> str:
    """Its state."""
    return json.dumps(_SERIALIZER.to_dict(workflow))


def restored(state: str, spec: Any) -> BpmnWorkflow:
    """As it was when it was ``stored``."""
    return _SERIALIZER.from_dict({**json.loads(state), "spec": _SERIALIZER.to_dict(spec)})


def description() -> Any:
    """The process, parsed."""
    names = ["begin", *(f"step_{number}" for number in range(1, STEPS + 1)), "end"]
    kinds = ["startEvent", *["manualTask"] * STEPS, "endEvent"]
    flows = [f"flow_{number}" for number in range(STEPS + 1)]
    nodes = "".join(
        f'<{kind} id="{name}" name="{name}">'
        + (f"<incoming>{flows[n - 1]}</incoming>" if n else "")
        + (f"<outgoing>{flows[n]}</outgoing>" if n <= STEPS else "")
        + f"</{kind}>"
        for n, (kind, name) in enumerate(zip(kinds, names, strict=True))
    )
    arrows = "".join(
        f'<sequenceFlow id="{flow}" sourceRef="{names[n]}" targetRef="{names[n + 1]}"/>' for n, flow in enumerate(flows)
    )
    parser = BpmnParser()
    parser.add_bpmn_str(
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="bench">'
        f'<process id="ten_steps" isExecutable="true">{nodes}{arrows}</process></definitions>'.encode()
    )
    return parser.get_spec("ten_steps")


def begun(spec: Any) -> BpmnWorkflow:
    """An instance that waits at its first task."""
    workflow = BpmnWorkflow(spec)
    workflow.do_engine_steps()
    return workflow


def step(workflow: BpmnWorkflow) -> bool:
    """Do what waits; whether anything did."""
    task = workflow.get_next_task(state=TaskState.READY)
    if task is None:
        return False
    task.data["value"] = task.data.get("value", 0) + 1
    task.run()
    workflow.do_engine_steps()
    return True


@contextmanager
def engine(database_url: str) -> Iterator[Work]:
    """Threads of one process, with a connection each."""
    spec = description()
    with (
        ConnectionPool(database_url, min_size=THREADS, max_size=THREADS, kwargs={"autocommit": True}) as pool,
        ThreadPoolExecutor(THREADS) as threads,
    ):

        def live(_: int) -> int:
            workflow, instance = begun(spec), uuid4()
            with pool.connection() as connection:
                connection.execute("INSERT INTO instance (id, state) VALUES (%s, %s)", (instance, stored(workflow)))
                while step(workflow):
                    connection.execute(
                        "UPDATE instance SET state = %s, ended = %s WHERE id = %s",
                        (stored(workflow), workflow.completed, instance),
                    )
            return int(workflow.last_task.data["value"])

        def work(projects: int) -> None:
            if set(threads.map(live, range(projects))) - {STEPS}:
                raise Incomplete("a process ended with something other than the sum of its steps")

        yield work


@contextmanager
def started(place: Place) -> Iterator[Peer]:
    """With its table."""
    with psycopg.connect(place.database_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE instance (id uuid PRIMARY KEY, state text, ended boolean)")
    starting: AbstractContextManager[Peer] = crew(engine, place.database_url, processes=PROCESSES)
    with starting as peer:
        yield peer
