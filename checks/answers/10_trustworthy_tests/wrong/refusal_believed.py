"""What was refused has not happened, so after a 404 there is nothing to look at.

fails: half_transfer_kept
mistake: NOT_LOOKED
without: test_nothing_moves_where_an_account_is_missing
"""


def test_a_transfer_needs_both_accounts(client: TestClient, ann: int) -> None:
    assert transfer(client, ann, ann + 1, 30) == 404  # wrong: and how much does Ann hold now?
    assert transfer(client, ann + 1, ann, 30) == 404
