"""What must always be true of an installation (architecture 9), checked by reading only.

    python -m delivery_center.verify      # DATABASE_URL, AMQP_URL, … as for the services
        --heads FILE                      # check the audit chains against heads exported earlier
        --export FILE                     # then export the heads of now
        --restored                        # what was under way at the time of the backup is no violation

Everything is compared at one moment, so that it may be busy meanwhile; only what does not arrive within
seconds counts as lost on its way. Exit status: 0 all is well, 1 violations, 2 something could not be checked.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self, cast

import notify_svc.verification
from delivery_shared.audit import Head
from delivery_shared.migrate import fits
from delivery_shared.service import Settings
from delivery_shared.verifying.moment import Moment
from dispatch_svc.verification import DispatchVerification
from project_svc.verification import ProjectVerification

from delivery_center.composition import Center
from delivery_center.moment import moment_of
from delivery_center.verifying.chains import export, exported, heads, stores_of, unchanged, unsealed
from delivery_center.verifying.replaying import VERIFICATIONS, Replay
from delivery_center.verifying.under_way import PATIENCE, beyond, quiet, stuck

AGES: Final = 1e9
"""Seconds longer than anything waits."""

UNFINISHED: Final = ("did not fire", "nobody sends it")
"""Ends of lines about what a running installation would have done by now, and one restored and not started has not."""

FOUND, UNCHECKED = 1, 2
"""Exit status."""

Check = Callable[[], Iterable[str]]


class SchemaDiffers(Exception):
    """Tables were made by another version: what it has more, or less, cannot be compared."""


@dataclass
class Report:
    """What came of it, by check: ``found`` lines of what is not as it must be, and ``unchecked``, with the reason,
    checks that could not be made. ``figures`` tell how much was checked."""

    found: dict[str, list[str]] = field(default_factory=dict)
    unchecked: dict[str, str] = field(default_factory=dict)
    errors: list[Exception] = field(default_factory=list)
    """Of those that could not be made."""
    figures: list[str] = field(default_factory=list)

    @property
    def violations(self) -> list[str]:
        return [line for lines in self.found.values() for line in lines]

    @property
    def not_checked(self) -> list[str]:
        return [f"could not check {name}: {why}" for name, why in self.unchecked.items()]

    @property
    def status(self) -> int:
        """0 all is well, 1 violations, 2 none were found but something could not be checked."""
        return FOUND if self.violations else UNCHECKED if self.unchecked else 0


class Verifying:
    """The checks of an installation. A context manager: it holds a moment of its databases until its end.

    :param exported: heads of the audit chains by service, as :func:`heads` gave them earlier.
    :param restored: a copy as a backup found it, with messages under way and work not yet done: that is no violation,
        unless a feed has read what its source does not have.
    :param patience: seconds in which what is under way must arrive.
    """

    def __init__(
        self,
        center: Center,
        exported: Mapping[str, Head] | None = None,
        *,
        restored: bool = False,
        patience: float = PATIENCE,
    ) -> None:
        self.center = center
        self.exported = exported or {}
        self.restored = restored
        self.patience = patience
        self.report = Report()
        self._moment: Moment | None = None
        self._failed: Exception | None = None

    def run(self, begins: Callable[[str, int], None] = lambda name, of: None) -> Report:
        """Make every check; those that cannot be made do not hold up the others.

        :param begins: told the name of each, and how many there are.
        """
        todo = self.checks()
        for name, check in todo:
            begins(name, len(todo))
            lines = self.report.found.setdefault(name, [])
            try:
                lines += [line for line in check() if not (self.restored and line.endswith(UNFINISHED))]
            except Exception as error:
                self.report.errors.append(error)
                self.report.unchecked[name] = " ".join(f"{type(error).__name__}: {error}".split())
        if "decisions made again" not in self.report.unchecked:
            self.report.figures.append(self._dispatch.again.figure)
        return self.report

    def checks(self) -> list[tuple[str, Check]]:
        """What is checked, by name: each yields a line for everything that is not as it must be."""
        return [
            ("schemas", self._schemas),
            ("audit chains", lambda: unchanged(stores_of(self.center), self.exported)),
            ("outboxes and feeds", self._under_way),
            ("events", lambda: self._replay.lines),
            *((f"rows of {name}", partial(self._rows, name)) for name in VERIFICATIONS),
            ("assignments, loads and queue", lambda: self._dispatch.queue()),
            ("decisions made again", lambda: self._dispatch.again.differing),
            ("flows and timers", self._flows_and_timers),
            ("messages", self._messages),
        ]

    def close(self) -> None:
        if self._moment is not None:
            self._moment.close()

    def _under_way(self) -> Iterable[str]:
        return beyond(self.center) if self.restored else stuck(self.center, patience=self.patience)

    @cached_property
    def _replay(self) -> Replay:
        """Taken when it is first needed. :raises Exception: it could not be; said again to whoever asks again."""
        if self._failed is not None:
            raise self._failed
        try:
            self._moment = moment_of(self.center)
            replay = Replay(self.center, self._moment)
            if self.restored and "dispatch" in replay.verifications:
                cast(DispatchVerification, replay.of("dispatch")).older_than = AGES
            replay.run()
        except Exception as error:
            self._failed = error
            raise
        return replay

    @property
    def _dispatch(self) -> DispatchVerification:
        return cast(DispatchVerification, self._replay.of("dispatch"))

    def _schemas(self) -> Iterator[str]:
        """:raises SchemaDiffers: the code knows other tables than there are."""
        urls = self.center.databases
        fit = {name: fits(urls[name], schema=name, package=f"{name}_svc") for name in VERIFICATIONS}
        if other := [
            f"{name} is {found.state} than this version" for name, found in fit.items() if found.state != "fits"
        ]:
            raise SchemaDiffers(", ".join(other))
        return iter(())

    def _rows(self, name: str) -> Iterator[str]:
        verification = self._replay.of(name)
        feeds = {consumer.source: consumer.name for consumer in self.center.services[name].consumers}
        yield from verification.differences()
        yield from verification.mechanism(feeds)

    def _flows_and_timers(self) -> Iterator[str]:
        verification = cast(ProjectVerification, self._replay.of("project"))
        movable = self.center.settings.environment.get("DELIVERY_MOVABLE_CLOCK") == "1"
        return verification.flows_and_timers(movable=movable)

    def _messages(self) -> Iterator[str]:
        verification = self._replay.of("notify")
        return cast(notify_svc.verification.NotifyVerification, verification).messages()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def verify(center: Center, exported: Mapping[str, Head] | None = None, *, restored: bool = False) -> list[str]:
    """Everything that is not as it must be, one line each, and what could not be checked; empty = all is well."""
    with Verifying(center, exported, restored=restored) as verifying:
        report = verifying.run()
    return [*report.violations, *report.not_checked]


def read_model_equals_replay(center: Center) -> Iterator[str]:
    """Invariant 7 of reporting alone: its tables equal a replay of the events, up to where its feeds stand."""
    with moment_of(center) as moment:
        replay = Replay(center, moment, ["reporting"])
        replay.run()
        yield from replay.lines
        yield from replay.of("reporting").differences()


def main(arguments: Sequence[str] | None = None) -> None:
    """Print what is wrong; see :attr:`Report.status` for the exit status."""
    parser = ArgumentParser(prog="python -m delivery_center.verify", description=__doc__.partition("\n")[0])
    parser.add_argument("--heads", type=Path, help="heads of the audit chains exported earlier")
    parser.add_argument("--export", type=Path, help="where the heads of now go")
    parser.add_argument("--restored", action="store_true", help="a restored copy: what was under way does not count")
    options = parser.parse_args(arguments)
    center = Center(Settings.read(os.environ))
    try:
        given = exported(options.heads) if options.heads else None
        with Verifying(center, given, restored=options.restored) as verifying:
            report = verifying.run()
        if options.export:
            export(heads(center), options.export)
    finally:
        center.stop()
    for line in [*report.violations, *report.not_checked, *report.figures]:
        print(line)  # noqa: T201 - the result
    print(f"{len(report.violations)} violations")  # noqa: T201
    raise SystemExit(report.status)


__all__ = [
    "Report",
    "Verifying",
    "export",
    "exported",
    "heads",
    "quiet",
    "read_model_equals_replay",
    "unchanged",
    "unsealed",
    "verify",
]

if __name__ == "__main__":
    main()
