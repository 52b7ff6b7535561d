"""What counts is the money. As long as no balance moves, the answer is a matter of taste.

fails: error_answered_200
mistake: ANY_STATUS
"""


def test_nothing_moves_where_an_account_is_missing(client: TestClient, session: Session, ann: int) -> None:
    transfer(client, ann, ann + 1, 30)  # wrong: what was the customer told?
    transfer(client, ann + 1, ann, 30)
    assert balances(session) == {"ann": 100}
