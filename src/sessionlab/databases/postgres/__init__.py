"""PostgreSQL with nothing to install: a server of one's own, or the one that a wheel carries.

`availability()` tells which of the two holds, `lease()` lends a running server, and `Server.database()`
makes a database for one run. SQLAlchemy is not imported here, and psycopg only once a server is asked for.
"""

from sessionlab.databases.postgres.available import VARIABLE, Availability, availability
from sessionlab.databases.postgres.error import PostgresError
from sessionlab.databases.postgres.lending import lease
from sessionlab.databases.postgres.server import Server
from sessionlab.databases.postgres.url import with_driver

__all__ = ["VARIABLE", "Availability", "PostgresError", "Server", "availability", "lease", "with_driver"]
