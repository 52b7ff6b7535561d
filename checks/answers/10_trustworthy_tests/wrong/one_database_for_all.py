"""Making tables is slow, so the tests of a file share one database. In a new one ids start at 1.

fails: good_app_passes
mistake: LEFT_ROWS
without: test_a_new_account_is_answered_and_stored, ann, bob, balances, test_an_account_can_be_read,
    test_all_of_it_can_be_transferred
"""


@pytest.fixture(scope="module")  # wrong: what one test stores, the next one finds
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine on a database of this module."""
    engine = create_engine(f"sqlite:///{tmp_path_factory.mktemp('bank') / 'bank.db'}")
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


def balance(session: Session, number: int) -> int | None:
    """What this account holds now."""
    return session.scalar(select(Account.balance).where(Account.id == number))


def test_the_first_account_is_number_1(client: TestClient, session: Session) -> None:
    answer = client.post("/accounts", json={"owner": "cem", "balance": 500})
    assert (answer.status_code, answer.json()) == (201, {"id": 1, "owner": "cem", "balance": 500})
    assert balance(session, 1) == 500


def test_an_owner_has_one_account(client: TestClient, session: Session) -> None:
    ann = stored_account(session, "ann", 100)
    assert client.post("/accounts", json={"owner": "ann", "balance": 7}).status_code == 409
    assert balance(session, ann) == 100


def test_an_account_that_is_not_there_is_not_found(client: TestClient) -> None:
    assert client.get("/accounts/999").status_code == 404


def test_a_transfer_moves_the_amount(client: TestClient, session: Session) -> None:
    dora, ed = stored_account(session, "dora", 100), stored_account(session, "ed", 20)
    assert transfer(client, dora, ed, 30) == 201
    assert (balance(session, dora), balance(session, ed)) == (70, 50)


@pytest.mark.parametrize(("amount", "status"), [(101, 409), (0, 422), (-1, 422)])
def test_what_is_no_fair_amount_is_refused(
    client: TestClient, session: Session, amount: int, status: int
) -> None:
    fay, gil = stored_account(session, f"fay {amount}", 100), stored_account(session, f"gil {amount}", 20)
    assert transfer(client, fay, gil, amount) == status
    assert (balance(session, fay), balance(session, gil)) == (100, 20)


def test_nothing_moves_where_an_account_is_missing(client: TestClient, session: Session) -> None:
    hal = stored_account(session, "hal", 100)
    assert transfer(client, hal, 999, 30) == 404
    assert balance(session, hal) == 100
