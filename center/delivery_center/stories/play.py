"""Plays a story of the manual and prints its flow log: ``make run ARGS=--play``."""

from __future__ import annotations

from collections.abc import Callable

from delivery_center.client import Client, Refused
from delivery_center.demo import Accounts
from delivery_center.stories import STORIES
from delivery_center.stories.story import Differs


def main(client: Client, accounts: Accounts, say: Callable[[str], None], story: str = "2") -> int:
    """Play, print the flow log in the form of the manual's sample; 0 if all was as it must be, else 1."""
    played = STORIES[story](client, operator=accounts["云市场小二"], marketplace=accounts["云市场订单"], say=say)
    try:
        rows = played.play()
    except (Differs, Refused) as difference:
        say(f"DIFFERS: {difference}")
        return 1
    say("\n流程日志 > 返回\n")
    for row in rows:
        say(
            "\t".join(
                [row["node"], row["event"], row["actor"], *([row["remark"]] if row["remark"] else []), row["time"]]
            )
        )
    return 0
