"""An error is an error: whatever is not a success was refused.

fails: duplicate_500
mistake: ANY_STATUS
without: test_an_account_that_is_not_there_is_not_found, test_what_is_no_fair_amount_is_refused
"""


@pytest.fixture
def client(engine: Engine) -> Iterator[TestClient]:
    """A client of a bank that runs on this test's database."""
    url = engine.url.render_as_string(hide_password=False)
    with TestClient(create_app(url), raise_server_exceptions=False) as client:
        yield client


def test_an_owner_has_one_account(client: TestClient, session: Session, ann: int) -> None:
    assert client.post("/accounts", json={"owner": "ann", "balance": 7}).is_error  # wrong: so is a crash
    assert balances(session) == {"ann": 100}


def test_an_account_that_is_not_there_is_an_error(client: TestClient, ann: int) -> None:
    assert client.get(f"/accounts/{ann + 1}").is_error


@pytest.mark.parametrize("amount", [101, 0, -1])
def test_what_is_no_fair_amount_is_an_error(
    client: TestClient, session: Session, ann: int, bob: int, amount: int
) -> None:
    assert transfer(client, ann, bob, amount) >= 400
    assert balances(session) == {"ann": 100, "bob": 20}


def test_nothing_moves_where_an_account_is_missing(client: TestClient, session: Session, ann: int) -> None:
    assert transfer(client, ann, ann + 1, 30) >= 400
    assert transfer(client, ann + 1, ann, 30) >= 400
    assert balances(session) == {"ann": 100}
