"""TestClient(app) is the app: whoever has it can send requests.

fails: good_app_passes, forgotten_commit, half_transfer_kept, duplicate_500, unknown_account,
    error_answered_200, credit_missing, negative_amount, overdraft
mistake: NO_LIFESPAN
"""


@pytest.fixture
def client(engine: Engine) -> TestClient:
    """A client of a bank that runs on this test's database."""
    url = engine.url.render_as_string(hide_password=False)
    return TestClient(create_app(url))  # wrong: without `with` the start-up never runs
