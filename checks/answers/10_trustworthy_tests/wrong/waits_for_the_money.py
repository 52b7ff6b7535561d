"""Money may take its time. A test waits until it is there, and passes as soon as it is.

fails: credit_missing
mistake: STUCK
without: balances
"""


def balance(session: Session, number: int) -> int | None:
    """What this account holds now."""
    return session.scalar(select(Account.balance).where(Account.id == number))


def test_an_owner_has_one_account(client: TestClient, session: Session, ann: int) -> None:
    assert client.post("/accounts", json={"owner": "ann", "balance": 7}).status_code == 409
    assert balance(session, ann) == 100


def test_a_transfer_moves_the_amount(client: TestClient, session: Session, ann: int, bob: int) -> None:
    assert transfer(client, ann, bob, 30) == 201
    assert balance(session, ann) == 70
    while session.scalar(select(Account.balance).where(Account.id == bob)) != 50:  # wrong: until when?
        pass


def test_all_of_it_can_be_transferred(client: TestClient, session: Session, ann: int, bob: int) -> None:
    assert transfer(client, ann, bob, 100) == 201
    assert balance(session, ann) == 0


@pytest.mark.parametrize(("amount", "status"), [(101, 409), (0, 422), (-1, 422)])
def test_what_is_no_fair_amount_is_refused(
    client: TestClient, session: Session, ann: int, bob: int, amount: int, status: int
) -> None:
    assert transfer(client, ann, bob, amount) == status
    assert balance(session, ann) == 100


def test_nothing_moves_where_an_account_is_missing(client: TestClient, session: Session, ann: int) -> None:
    assert transfer(client, ann, ann + 1, 30) == 404
    assert transfer(client, ann + 1, ann, 30) == 404
    assert balance(session, ann) == 100
