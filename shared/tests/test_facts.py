"""Facts are values; aggregates tell them, give them their place and fold them."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from delivery_shared.facts import Aggregate, Fact, OutOfPlace, folded, refolded, stored_as
from delivery_shared.testing.bdd import given
from eventsourcing.utils import get_topic
from toy import Account, Credited, Noted, Opened, credit, note, open_account

NOON = datetime(2019, 10, 16, 4, 0, tzinfo=UTC)


def test_a_fact_is_told_in_its_place_and_is_still_what_was_said() -> None:
    account = open_account(uuid4())
    said = Credited(amount=5)
    account.tell(said, at=NOON)
    told = account.facts[-1]
    assert told == said
    assert (told.originator_id, told.originator_version, told.timestamp) == (account.id, 2, NOON)
    assert (account.balance, account.version, account.modified_on) == (5, 2, NOON)
    assert not hasattr(said, "timestamp"), "what was said may be told again, elsewhere"


def test_facts_are_frozen_and_given_by_name() -> None:
    with pytest.raises(AttributeError):
        Credited(amount=1).amount = 2  # type: ignore[misc]
    with pytest.raises(TypeError):
        Credited(1)  # type: ignore[call-arg, misc]
    with pytest.raises(TypeError):
        Credited()  # type: ignore[call-arg]


def test_facts_are_stored_under_service_aggregate_and_name() -> None:
    assert [get_topic(cls) for cls in (Account, Opened, Noted)] == [
        "toy:Account",
        "toy:Account.Opened",
        "toy:Account.Noted",
    ]


def test_a_fact_may_be_stored_under_another_name_and_no_two_under_one() -> None:
    class AccountOpened(Fact, stored_name="Opened"):
        """Begins."""

    class Other(Aggregate[AccountOpened]):
        """An aggregate."""

    assert get_topic(stored_as("facts", AccountOpened)(Other)) == "facts:Other"
    assert get_topic(AccountOpened) == "facts:Other.Opened"
    with pytest.raises(TypeError, match="one name"):
        stored_as("twice", AccountOpened | Opened)(Other)


def test_a_field_that_came_later_is_stored_only_where_it_says_something() -> None:
    """What was stored before it came reads as its default, and the same told today is stored in the same bytes."""

    class Named(Fact):
        """Begins."""

        name: str
        title: str | None = None

    @stored_as("later", Named)
    class Card(Aggregate[Named]):
        """An aggregate."""

        def change(self, fact: Named, at: datetime) -> None:
            self.text = f"{fact.title or '--'} {fact.name}"

    plain, titled = (Card.begun(Named(name="a", title=t), id=uuid4(), at=NOON) for t in (None, "Dr"))
    assert ("title" in vars(plain.facts[0]), vars(titled.facts[0])["title"]) == (False, "Dr")
    assert plain.facts[0] == Named(name="a")
    assert [plain.text, titled.text] == ["-- a", "Dr a"]


def test_folding_gives_the_aggregate_as_it_stood_after_each_fact() -> None:
    account = open_account(uuid4())
    credit(account, 1)
    credit(account, 2)
    facts = account.collect_events()
    assert [a.balance for a in refolded(facts)] == [0, 1, 3]  # type: ignore[arg-type]
    *_, last = refolded(facts)  # type: ignore[arg-type]
    assert vars(last) == vars(account)


@pytest.mark.parametrize("spoil", ["lost", "foreign"])
def test_a_fact_out_of_place_is_refused_and_changes_nothing(spoil: str) -> None:
    account, other = open_account(uuid4()), open_account(uuid4())
    for one in (account, other):
        credit(one, 1)
        credit(one, 2)
    first, *rest = account.collect_events()
    half = folded(None, first)  # type: ignore[arg-type]
    before = copy.deepcopy(vars(half))
    fact: Any = rest[1] if spoil == "lost" else other.collect_events()[1]
    with pytest.raises(OutOfPlace, match=str(account.id)):
        folded(half, fact)
    assert vars(half) == before


def test_given_when_then_compares_facts_by_class_by_fields_and_whole() -> None:
    stream = uuid4()
    (
        given(open_account(stream), lambda a: credit(a, 1))
        .when(lambda a: (credit(a, 2), note(a, "x")))
        .then(Credited(amount=2), Noted)
        .when(lambda a: credit(a, 3))
        .then((Credited, {"amount": 3}))
    )
    for wrong in (Credited(amount=9), Noted, (Credited, {"amount": 9})):
        with pytest.raises(AssertionError):
            given(open_account(stream)).when(lambda a: credit(a, 2)).then(wrong)


def test_given_when_then_sees_state_that_no_fact_tells() -> None:
    def cheat(account: Account) -> None:
        credit(account, 2)
        account.balance += 1

    with pytest.raises(AssertionError):
        given(open_account(uuid4())).when(cheat).then(Credited)


def test_time_is_the_callers() -> None:
    account = Account.begun(Opened(account_id=uuid4()), id=uuid4(), at=NOON)
    account.tell(Noted(text="later"), at=NOON + timedelta(days=1))
    assert (account.created_on, account.modified_on) == (NOON, NOON + timedelta(days=1))
