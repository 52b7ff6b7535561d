"""Asynchronous tests: httpx sends to the app on the test's own event loop. ASGITransport runs no start-up, so
the fixture does, and anyio's plugin for pytest runs the tests.
"""

from collections.abc import AsyncIterator

from httpx import ASGITransport, AsyncClient

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """Which event loop anyio is to use."""
    return "asyncio"


@pytest.fixture
async def client(engine: Engine) -> AsyncIterator[AsyncClient]:
    """A client of a bank that runs on this test's database, from its start-up to its shutdown."""
    app = create_app(engine.url.render_as_string(hide_password=False))
    transport = ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=transport, base_url="http://bank.test") as client,
    ):
        yield client


async def transfer(client: AsyncClient, source: int, target: int, amount: int) -> int:
    """Ask for a transfer and return the status of the answer."""
    body = {"source_id": source, "target_id": target, "amount": amount}
    answer = await client.post("/transfers", json=body)
    return answer.status_code


async def test_a_new_account_is_answered_and_stored(client: AsyncClient, session: Session) -> None:
    answer = await client.post("/accounts", json={"owner": "cem", "balance": 500})
    assert answer.status_code == 201
    account = answer.json()
    assert account == {"id": account["id"], "owner": "cem", "balance": 500}
    stored = session.execute(select(Account.owner, Account.balance).where(Account.id == account["id"])).all()
    assert stored == [("cem", 500)]


async def test_an_owner_has_one_account(client: AsyncClient, session: Session, ann: int) -> None:
    answer = await client.post("/accounts", json={"owner": "ann", "balance": 7})
    assert answer.status_code == 409
    assert balances(session) == {"ann": 100}


async def test_an_account_can_be_read(client: AsyncClient, ann: int) -> None:
    answer = await client.get(f"/accounts/{ann}")
    assert (answer.status_code, answer.json()) == (200, {"id": ann, "owner": "ann", "balance": 100})


async def test_an_account_that_is_not_there_is_not_found(client: AsyncClient, ann: int) -> None:
    answer = await client.get(f"/accounts/{ann + 1}")
    assert answer.status_code == 404


async def test_a_transfer_moves_the_amount(client: AsyncClient, session: Session, ann: int, bob: int) -> None:
    assert await transfer(client, ann, bob, 30) == 201
    assert balances(session) == {"ann": 70, "bob": 50}


async def test_all_of_it_can_be_transferred(
    client: AsyncClient, session: Session, ann: int, bob: int
) -> None:
    assert await transfer(client, ann, bob, 100) == 201
    assert balances(session) == {"ann": 0, "bob": 120}


@pytest.mark.parametrize(("amount", "status"), [(101, 409), (0, 422), (-1, 422)])
async def test_what_is_no_fair_amount_is_refused(
    client: AsyncClient, session: Session, ann: int, bob: int, amount: int, status: int
) -> None:
    assert await transfer(client, ann, bob, amount) == status
    assert balances(session) == {"ann": 100, "bob": 20}


async def test_nothing_moves_where_an_account_is_missing(
    client: AsyncClient, session: Session, ann: int
) -> None:
    assert await transfer(client, ann, ann + 1, 30) == 404
    assert await transfer(client, ann + 1, ann, 30) == 404
    assert balances(session) == {"ann": 100}
