"""The console in a real browser on the demo data: every screen is shown and checked, then people walk through what only
screens can show. What they do stands in web/e2e/walks.mjs, the screens in web/e2e/visits.mjs."""

from __future__ import annotations

import json
import subprocess

import pytest

from .browser import WEB, needs_browser, node

PATIENCE = 1_800
"""Seconds all of it may take."""

pytestmark = [pytest.mark.stories, pytest.mark.timeout(PATIENCE + 60), needs_browser]


@pytest.fixture(scope="module")
def problems() -> dict[str, list[str]]:
    """What went wrong: on the ``screens``, with their ``layout``, with the first route's ``size``, in each walk."""
    done = subprocess.run(
        [node(), "e2e/run.mjs", "--json"], cwd=WEB, stdout=subprocess.PIPE, text=True, timeout=PATIENCE
    )
    assert done.stdout, "the system did not start"
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_every_screen_is_accessible_raises_no_error_and_fits(problems: dict[str, list[str]]) -> None:
    assert problems["screens"] == []


def test_chosen_screens_look_as_their_references(problems: dict[str, list[str]]) -> None:
    assert problems["layout"] == []


def test_the_first_route_is_small(problems: dict[str, list[str]]) -> None:
    assert problems["size"] == []


WALKS: dict[str, tuple[str, ...]] = {
    "longTexts": (),
    "longDetails": (),
    "threeZones": (),
    "rowsOfTheTab": (),
    "pageInTheAddress": ("G-30",),
    "partMissing": (),
    "stylesMissing": (),
    "offlineAndBack": (),
    "sessionEnds": (),
    "draftsAreKept": ("R-98",),
    "dialogsAskAndKeep": (),
    "chooseHowToBeTold": (),
    "switchDefaultMessages": (),
    "talkBesideTheProject": ("R-87", "R-88", "R-93"),
    "filterByValues": ("R-13",),
    "waitInTheQueue": ("D-16",),
    "chooseWhatToTry": ("S-07",),
    "departmentInUse": ("U-22",),
    "boxOfEveryMessage": ("N-04",),
    "accessKeys": (),
    "connections": (),
    "parameters": (),
    "mirror": (),
    "menusAndRoles": ("U-36",),
    "projectPage": ("R-71",),
    "pausedProject": (),
    "refusedAtTheField": (),
    "longNames": (),
    "fromTheBoard": (),
    "onThePhone": (),
    "tidyRows": (),
    "findPurchased": ("S-01",),
    "filterAndExport": ("G-30", "G-32", "R-08"),
    "readProject": ("R-71", "R-72", "R-98", "R-132"),
    "pauseAndResume": ("D-58",),
    "newUserChangesPassword": ("U-03", "U-26"),
    "designTemplate": ("T-12", "T-16", "T-35", "T-89"),
    "listProduct": ("P-19", "P-25"),
    "reviseTemplate": ("T-101", "T-102"),
    "uploads": ("R-84",),
    "importHolidays": ("H-08",),
    "buildForm": ("F-08",),
    "helpMainAccount": ("U-32",),
    "forgetBuyer": ("U-21",),
    "changeContact": (),
    "claimAccount": ("G-10", "S-01"),
    "demandFactor": (),
    "secondFactor": (),
    "leadOn": (),
    "configureTogether": ("P-26", "P-28"),
}
"""The walks and the requirements each proves; those without one show that nothing is lost when things go badly."""


def test_no_walk_is_left_out(problems: dict[str, list[str]]) -> None:
    assert set(problems) == {"screens", "layout", "size", *WALKS}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, id=name, marks=[pytest.mark.requirement(*ids)] if ids else []) for name, ids in WALKS.items()],
)
def test_walk(name: str, problems: dict[str, list[str]]) -> None:
    assert problems[name] == []
