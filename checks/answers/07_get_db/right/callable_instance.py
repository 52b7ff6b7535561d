"""Unlike the solution: get_db is an object. FastAPI calls its __call__, which is the generator."""


class SessionOfRequest:
    """Yields a session that belongs to this request alone, and closes it whatever happens."""

    def __call__(self, request: Request) -> Iterator[Session]:
        session = request.app.state.sessions()
        try:
            yield session
        finally:
            session.close()


get_db = SessionOfRequest()
