"""An account that is not there has no owner: if the answer names none, all is well.

fails: unknown_account
mistake: ANY_STATUS
without: test_an_account_that_is_not_there_is_not_found
"""


def test_an_account_that_is_not_there_has_no_owner(client: TestClient, ann: int) -> None:
    body = client.get(f"/accounts/{ann + 1}").json() or {}
    assert "owner" not in body  # wrong: programs read the status first
