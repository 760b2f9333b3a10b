"""The traceability of requirements: the list is read whole, marks are found wherever they stand, ids exist."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tools.requirements import LIST, ROOT, UNPROVABLE, Requirement, compare, listed, requirements

WANTED = {id_: Requirement(id_, kind, "text") for id_, kind in [("A-1", "E"), ("A-2", "S"), ("A-3", "D"), ("A-4", "E")]}


@pytest.fixture(scope="module")
def marks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The marks of all tests; collected in a process of its own, since pytest is running in this one."""
    out: Path = tmp_path_factory.mktemp("marks") / "marks.json"
    code = (
        "import json, pathlib, sys; from tools.requirements import collected;"
        "pathlib.Path(sys.argv[1]).write_text(json.dumps(collected()))"
    )
    subprocess.run([sys.executable, "-c", code, str(out)], cwd=ROOT, check=True)
    found: dict[str, list[str]] = json.loads(out.read_text())
    return found


def test_the_list_is_read_whole() -> None:
    found = requirements(LIST.read_text())
    assert Counter(r.kind for r in found.values()) == {"E": 294, "S": 115, "D": 133}
    assert found["T-35"].text.startswith("The claim-order node is for a provider")


def test_a_line_of_no_known_form_is_refused() -> None:
    with pytest.raises(ValueError, match="not a requirement"):
        requirements("- **A-1** without a kind")
    with pytest.raises(ValueError, match="twice"):
        requirements("- **A-1** one [E]\n- **A-1** two [D → A-01]")


def test_every_id_used_in_a_mark_exists(marks: dict[str, list[str]]) -> None:
    assert sorted(marks.keys() - requirements(LIST.read_text()).keys()) == []


def test_every_unprovable_line_exists_once_and_has_a_reason() -> None:
    ids = listed(UNPROVABLE.read_text())
    assert len(set(ids)) == len(ids)
    assert set(ids) <= requirements(LIST.read_text()).keys()
    with pytest.raises(ValueError, match="reason"):
        listed("- **T-12**")


def test_marks_kept_in_constants_and_on_parametrised_tests_count(marks: dict[str, list[str]]) -> None:
    assert "tests/stories/test_scenario2.py::test_in_embedded_mode" in marks["X-207"]
    assert all("[" not in test for tests in marks.values() for test in tests)


def test_unproved_lines_fail_but_decisions_of_our_own_do_not() -> None:
    result = compare(WANTED, {"A-1": ["test_a"]}, ["A-2"])
    assert [r.id for r in result.unproved] == ["A-4"]
    assert [r.id for r in result.undecided] == ["A-3"]
    assert [r.id for r in result.unprovable] == ["A-2"]
    assert result.wrong == ["A-4 [E] is proved by no test"]


def test_ids_that_do_not_exist_and_entries_that_are_proved_fail() -> None:
    proofs = {"A-1": ["test_a"], "A-4": ["test_b"], "A-9": ["test_c"]}
    assert compare(WANTED, proofs, ["A-1", "A-2", "A-2", "A-8"]).wrong == [
        "A-9 is used in test_c but does not exist",
        "A-8 of docs/unprovable.md does not exist",
        "A-2 stands in docs/unprovable.md twice",
        "A-1 of docs/unprovable.md is proved by test_a",
    ]
