"""Nobody sends −1, and nobody pays what he has not got: the form on the web page doesn't let him.

fails: negative_amount, overdraft
mistake: NOT_SENT
without: test_what_is_no_fair_amount_is_refused
"""


@pytest.mark.parametrize("amount", [1, 50, 99])  # wrong: all of these are fair
def test_fair_amounts_are_transferred(
    client: TestClient, session: Session, ann: int, bob: int, amount: int
) -> None:
    assert transfer(client, ann, bob, amount) == 201
    assert balances(session) == {"ann": 100 - amount, "bob": 20 + amount}
