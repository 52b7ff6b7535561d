"""sessionlab: an interactive course on FastAPI database sessions."""
