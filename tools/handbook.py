"""The commands of docs/operations.md, as they stand there: blocks marked ``sh compose`` are run in their order by
`make test-containers`, so that no command is documented that does not work."""

import re
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "docs" / "operations.md"
BLOCK = re.compile(r"^(?:#+ (?P<heading>[^\n]+)|```sh compose\n(?P<commands>.*?)^```)$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """The commands of one block, under the heading it stands under."""

    heading: str
    commands: str


def steps(text: str) -> list[Step]:
    """All of them in the document's order. Lines that continue (``\\``) stay as they are: a shell reads them."""
    found, heading = [], ""
    for match in BLOCK.finditer(text):
        if match["heading"]:
            heading = match["heading"]
        else:
            found.append(Step(heading, match["commands"]))
    return found
