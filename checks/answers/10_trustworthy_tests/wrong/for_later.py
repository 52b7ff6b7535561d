"""A test that is marked for later is better than none: it reminds me.

fails: good_app_passes, negative_amount
mistake: SKIPPED
without: test_what_is_no_fair_amount_is_refused
"""


def test_more_than_the_balance_is_refused(client: TestClient, session: Session, ann: int, bob: int) -> None:
    assert transfer(client, ann, bob, 101) == 409
    assert balances(session) == {"ann": 100, "bob": 20}


@pytest.mark.skip(reason="think about negative amounts")  # wrong: until then nothing guards them
def test_an_amount_below_1_is_refused(client: TestClient, ann: int, bob: int) -> None:
    assert transfer(client, ann, bob, -1) == 422
