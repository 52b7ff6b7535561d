"""Tests run from top to bottom, so each can go on where the last one ended. That saves a lot of setting up.

fails: good_app_passes
mistake: NEEDS_OTHERS
without: test_a_new_account_is_answered_and_stored, ann, bob, stored_account,
    test_an_owner_has_one_account, test_an_account_can_be_read,
    test_an_account_that_is_not_there_is_not_found, test_a_transfer_moves_the_amount,
    test_all_of_it_can_be_transferred, test_what_is_no_fair_amount_is_refused,
    test_nothing_moves_where_an_account_is_missing
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine on the database of the story."""
    engine = create_engine(f"sqlite:///{tmp_path_factory.mktemp('bank') / 'bank.db'}")
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


def test_1_ann_and_bob_open_accounts(client: TestClient, session: Session) -> None:
    assert client.post("/accounts", json={"owner": "ann", "balance": 100}).status_code == 201
    assert client.post("/accounts", json={"owner": "bob", "balance": 20}).status_code == 201
    assert balances(session) == {"ann": 100, "bob": 20}


def test_2_ann_wants_another(client: TestClient, session: Session) -> None:
    answer = client.post("/accounts", json={"owner": "ann", "balance": 7})  # wrong: who says she has one?
    assert answer.status_code == 409


def test_3_ann_pays_bob(client: TestClient, session: Session) -> None:
    assert transfer(client, 1, 2, 30) == 201
    assert balances(session) == {"ann": 70, "bob": 50}


def test_4_bob_tries_what_he_may_not(client: TestClient, session: Session) -> None:
    assert transfer(client, 2, 1, 51) == 409
    assert transfer(client, 2, 1, 0) == 422
    assert transfer(client, 2, 1, -1) == 422
    assert balances(session) == {"ann": 70, "bob": 50}


def test_5_nobody_knows_number_3(client: TestClient, session: Session) -> None:
    assert client.get("/accounts/3").status_code == 404
    assert transfer(client, 1, 3, 30) == 404
    assert balances(session) == {"ann": 70, "bob": 50}
