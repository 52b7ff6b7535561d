"""A 201 is proof: an app that has not stored the row would not answer with it.

fails: forgotten_commit, half_transfer_kept, credit_missing
mistake: NOT_LOOKED
without: test_a_new_account_is_answered_and_stored, balances, test_a_transfer_moves_the_amount,
    test_nothing_moves_where_an_account_is_missing
"""


def test_a_new_account_is_answered(client: TestClient) -> None:
    answer = client.post("/accounts", json={"owner": "cem", "balance": 500})
    assert answer.status_code == 201
    account = answer.json()
    assert account == {"id": account["id"], "owner": "cem", "balance": 500}  # wrong: so the app says


def test_an_owner_has_one_account(client: TestClient, ann: int) -> None:
    assert client.post("/accounts", json={"owner": "ann", "balance": 7}).status_code == 409


def test_a_transfer_is_made(client: TestClient, ann: int, bob: int) -> None:
    assert transfer(client, ann, bob, 30) == 201


def test_all_of_it_can_be_transferred(client: TestClient, ann: int, bob: int) -> None:
    assert transfer(client, ann, bob, 100) == 201


@pytest.mark.parametrize(("amount", "status"), [(101, 409), (0, 422), (-1, 422)])
def test_what_is_no_fair_amount_is_refused(
    client: TestClient, ann: int, bob: int, amount: int, status: int
) -> None:
    assert transfer(client, ann, bob, amount) == status


def test_a_transfer_needs_both_accounts(client: TestClient, ann: int) -> None:
    assert transfer(client, ann, ann + 1, 30) == 404
    assert transfer(client, ann + 1, ann, 30) == 404
