"""Which requirement is proved by which test: `make requirements`.

The requirements stand in docs/requirements.md, each a line `- **T-08** … [E]`. A test proves one by the mark
`@pytest.mark.requirement("T-08")`; the marks are read from pytest's own collection, so that parametrised tests,
`pytestmark` and marks kept in constants count. docs/unprovable.md lists the lines no test can prove.

Fails for an [E] or [S] line that is neither proved nor listed there, for a mark of an id that does not exist, and for
an entry of docs/unprovable.md that is unknown or proved. Unproved [D] lines are printed only.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "docs" / "requirements.md"
UNPROVABLE = ROOT / "docs" / "unprovable.md"

LINE = re.compile(r"^- \*\*(?P<id>[A-Z]-\d+)\*\* (?P<text>.*) \[(?P<kind>[ESD])(?: → A-\d+)?\]$")
ENTRY = re.compile(r"^- \*\*(?P<id>[A-Z]-\d+)\*\* \S")

Proofs = Mapping[str, list[str]]
"""Requirement id → node ids of the tests marked with it, without parameters."""


@dataclass(frozen=True)
class Requirement:
    """One line of the list. ``kind``: E explicit in the manual, S seen in a picture, D decided by us."""

    id: str
    kind: str
    text: str


def requirements(text: str) -> dict[str, Requirement]:
    """All requirements of the list, in its order. :raises ValueError: a line of no known form, an id twice."""
    found: dict[str, Requirement] = {}
    for line in text.splitlines():
        if not re.match(r"- \*\*[A-Z]-\d", line):
            continue
        parsed = LINE.match(line)
        if not parsed or parsed["id"] in found:
            raise ValueError(f"not a requirement, or twice: {line}")
        found[parsed["id"]] = Requirement(parsed["id"], parsed["kind"], parsed["text"])
    return found


def listed(text: str) -> list[str]:
    """The ids docs/unprovable.md lists. :raises ValueError: an entry without a reason."""
    entries = [line for line in text.splitlines() if line.startswith("- ")]
    parsed = [ENTRY.match(line) for line in entries]
    wrong = [line for line, match in zip(entries, parsed, strict=True) if match is None]
    if wrong:
        raise ValueError(f"not an id and a reason: {wrong}")
    return [match["id"] for match in parsed if match]


class Collector:
    """A pytest plugin that keeps the marks of every collected test."""

    def __init__(self) -> None:
        self.proofs: dict[str, list[str]] = defaultdict(list)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            test = item.nodeid.partition("[")[0]
            for id_ in (id_ for mark in item.iter_markers("requirement") for id_ in mark.args):
                if test not in self.proofs[id_]:
                    self.proofs[id_].append(test)


def collected() -> Proofs:
    """The marks of all tests of the repository. :raises SystemExit: pytest cannot collect them."""
    collector = Collector()
    said = io.StringIO()
    with contextlib.chdir(ROOT), contextlib.redirect_stdout(said):
        status = pytest.main(["--collect-only", "--quiet"], plugins=[collector])
    if status != pytest.ExitCode.OK:
        raise SystemExit(f"{said.getvalue()}\npytest could not collect the tests ({status!s})")
    return collector.proofs


@dataclass
class Result:
    """What stands proved and what does not. ``wrong``: sentences for which `make requirements` fails."""

    unproved: list[Requirement] = field(default_factory=list)
    undecided: list[Requirement] = field(default_factory=list)
    proved: dict[str, list[str]] = field(default_factory=dict)
    unprovable: list[Requirement] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def compare(wanted: Mapping[str, Requirement], proofs: Proofs, unprovable: Iterable[str]) -> Result:
    """Sort the requirements. ``unproved`` are [E] and [S], ``undecided`` the unproved [D]."""
    result = Result()
    exempt = list(unprovable)
    unknown = {id_: tests[0] for id_, tests in proofs.items() if id_ not in wanted}
    twice = sorted({id_ for id_ in exempt if exempt.count(id_) > 1})
    result.wrong += [f"{id_} is used in {test} but does not exist" for id_, test in unknown.items()]
    result.wrong += [f"{id_} of docs/unprovable.md does not exist" for id_ in exempt if id_ not in wanted]
    result.wrong += [f"{id_} stands in docs/unprovable.md twice" for id_ in twice]
    for id_, requirement in wanted.items():
        if id_ in proofs:
            result.proved[id_] = proofs[id_]
            if id_ in exempt:
                result.wrong.append(f"{id_} of docs/unprovable.md is proved by {proofs[id_][0]}")
        elif id_ in exempt:
            result.unprovable.append(requirement)
        elif requirement.kind == "D":
            result.undecided.append(requirement)
        else:
            result.unproved.append(requirement)
    result.wrong += [f"{r.id} [{r.kind}] is proved by no test" for r in result.unproved]
    return result


def report(result: Result) -> Iterable[str]:
    """The lines to print, the unproved first."""
    for title, rows in (("unproved", result.unproved), ("unproved decisions of our own", result.undecided)):
        yield f"# {title}: {len(rows)}"
        yield from (f"{r.id:<6} [{r.kind}] {r.text}" for r in rows)
        yield ""
    yield f"# no test can prove them (docs/unprovable.md): {len(result.unprovable)}"
    yield " ".join(r.id for r in result.unprovable)
    yield f"\n# proved: {len(result.proved)}"
    for id_, tests in result.proved.items():
        yield f"{id_:<6} {tests[0]}"
        yield from (f"       {test}" for test in tests[1:])


def main() -> int:
    """Print the report; 1 if anything is wrong."""
    wanted = requirements(LIST.read_text(encoding="utf-8"))
    result = compare(wanted, collected(), listed(UNPROVABLE.read_text(encoding="utf-8")))
    for line in report(result):
        print(line)
    if not result.wrong:
        return 0
    print(f"\n{len(result.wrong)} wrong:", *result.wrong, sep="\n", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
