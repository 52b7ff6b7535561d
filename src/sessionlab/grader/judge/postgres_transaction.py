"""The judge's second transaction on PostgreSQL, which waits in line, in a thread of its own."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, Protocol

import psycopg
from psycopg.pq import TransactionStatus

from .placeholders import placed
from .transaction import Ran

_GLANCE = 0.002  # seconds that a statement gets before somebody asks whether it waits
PATIENCE = 4.0  # seconds


class _Looks(Protocol):
    def waits_for(self, pid: int) -> list[int]: ...

    def waiting_for(self, pid: int) -> list[int]: ...


class PostgresTransaction:
    """A connection at READ COMMITTED; `pid` is its backend's process id on the server."""

    def __init__(self, connection: psycopg.Connection, look: _Looks) -> None:
        connection.autocommit = False
        connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        self._connection = connection
        self._look = look
        self._worker = ThreadPoolExecutor(1, "sessionlab transaction")
        self._job: Future[Ran] | None = None
        self.pid = connection.info.backend_pid

    @property
    def ran(self) -> Ran | None:
        """What the last statement came to, None while it waits."""
        return self._job.result() if self._job is not None and self._job.done() else None

    @property
    def open(self) -> bool:
        """Whether a transaction is open."""
        waiting = self._job is not None and not self._job.done()
        return waiting or self._connection.info.transaction_status != TransactionStatus.IDLE

    def run(self, sql: str, *parameters: Any, commit: bool = False) -> bool:
        """Run a statement, and commit after it if asked to. Return False where it waits for a lock."""
        self.finish()
        self._job = self._worker.submit(self._run, sql, parameters, commit)
        return self.settle()

    def _run(self, sql: str, parameters: tuple[Any, ...], commit: bool) -> Ran:
        try:
            cursor = self._connection.execute(placed(sql), parameters)
            ran = Ran(tuple(cursor.fetchall())) if cursor.description else Ran(changed=cursor.rowcount)
            if commit:
                self._connection.commit()
            return ran
        except psycopg.Error as error:
            self._connection.rollback()
            return Ran(error=f"{type(error).__name__}: {str(error).splitlines()[0]}")

    def settle(self) -> bool:
        """Wait until the last statement is done or waits for a lock; say whether it is done."""
        while self._job is not None and not wait([self._job], _GLANCE).done:
            if self._look.waits_for(self.pid):
                return False
        return True

    def finish(self) -> Ran:
        """Return what the last statement came to, once nobody is in its way any more.

        Raises:
            TimeoutError: somebody still is, after PATIENCE seconds.
        """
        try:
            return self._job.result(PATIENCE) if self._job is not None else Ran()
        except TimeoutError:
            raise TimeoutError(f"it waits for a lock, for more than {PATIENCE:g} s") from None

    def commit(self) -> None:
        """Commit."""
        self.finish()
        self._connection.commit()

    def rollback(self) -> None:
        """Roll back, also where the last statement still waits: it is cancelled."""
        while self._job is not None and not wait([self._job], 0).done:
            self._connection.cancel_safe(timeout=PATIENCE)
            wait([self._job], _GLANCE)
        self._connection.rollback()
        self._job = None

    def blocks(self) -> bool:
        """Say whether somebody waits for this transaction now."""
        return bool(self._look.waiting_for(self.pid))

    def close(self) -> None:
        """End the thread; the connection is its owner's."""
        self.rollback()
        self._worker.shutdown()
