"""The read model follows from messages and from nothing else: a replay into empty tables is equal to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from delivery_shared.http.revocation import revoked
from delivery_shared.messaging.envelope import Message
from delivery_shared.service import Service
from delivery_shared.verifying.beside import Beside
from delivery_shared.verifying.moment import Moment
from delivery_shared.verifying.stored import Stored
from delivery_shared.verifying.verification import UNTOLD_OF_FEEDS, Verification
from sqlalchemy import Connection

from reporting_svc.feed import ReadModel
from reporting_svc.tables import cache, figure, metadata


class ReportingVerification(Verification):
    """Of reporting-svc."""

    copies = (
        *(table.name for table in (*metadata.sorted_tables, *cache.sorted_tables) if table is not figure),
        revoked.name,
    )
    untold: ClassVar = {
        **UNTOLD_OF_FEEDS,
        "figure": "figures of the dashboards, computed from the other tables when asked for and kept for a day",
        "channel": "the name of the channel of announcements, drawn when the schema was made",
        "bi.tenant": "who may read the views for analysts, written by the operator's command; no event tells it",
    }

    def __init__(self, service: Service, moment: Moment) -> None:
        self.connection: Connection = moment.alchemy(service.name)
        super().__init__(Beside(self.connection, service=service.name, schema=service.name))
        self.feeds = {feed.source: feed for feed in service.consumers if isinstance(feed, ReadModel)}
        self.beside.open(*self.copies)

    def hear(self, source: str, messages: Sequence[Message]) -> None:
        with self.beside.tentatively():
            self.feeds[source].write(self.connection, messages)

    def tell(self, stored: Stored) -> None:
        raise AssertionError("it keeps no events")

    def differences(self) -> Iterator[str]:
        yield from self.lines
        yield from self.compared(*self.copies)
