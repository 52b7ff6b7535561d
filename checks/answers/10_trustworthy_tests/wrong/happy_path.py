"""Errors are rare, and the framework deals with them. What has to work is what customers do all day.

fails: half_transfer_kept, duplicate_500, unknown_account, error_answered_200, negative_amount, overdraft
mistake: NOT_SENT
without: test_an_owner_has_one_account, test_an_account_that_is_not_there_is_not_found,
    test_what_is_no_fair_amount_is_refused, test_nothing_moves_where_an_account_is_missing
"""


def test_two_owners_have_two_accounts(client: TestClient, session: Session, ann: int) -> None:
    assert client.post("/accounts", json={"owner": "dora", "balance": 0}).status_code == 201
    assert balances(session) == {"ann": 100, "dora": 0}


def test_a_transfer_can_be_sent_back(client: TestClient, session: Session, ann: int, bob: int) -> None:
    assert transfer(client, ann, bob, 30) == 201
    assert transfer(client, bob, ann, 30) == 201
    assert balances(session) == {"ann": 100, "bob": 20}  # wrong: nobody is ever refused in these tests
