"""How a command ends otherwise than well. Exit statuses: 0 – done, all is well; 1 – something is wrong, or could not be
done; 2 – the command line is."""

from __future__ import annotations

FOUND, USAGE = 1, 2


class Failure(Exception):
    """One clear line for whoever gave the command."""

    def __init__(self, text: str, status: int = FOUND) -> None:
        super().__init__(text)
        self.status = status


def misused(text: str) -> Failure:
    """The command line asks for something that does not exist here."""
    return Failure(text, USAGE)
