"""A bound is tested at the bound: if all that Ann has can be transferred, the check is in the right place.

fails: overdraft
mistake: NOT_SENT
without: test_what_is_no_fair_amount_is_refused
"""


@pytest.mark.parametrize("amount", [0, -1])  # wrong: and 101, of a balance of 100?
def test_an_amount_below_1_is_refused(
    client: TestClient, session: Session, ann: int, bob: int, amount: int
) -> None:
    assert transfer(client, ann, bob, amount) == 422
    assert balances(session) == {"ann": 100, "bob": 20}
