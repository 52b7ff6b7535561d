"""What `import sessionlab` costs, and what it offers."""

import subprocess
import sys

import pytest

import sessionlab

LIBRARIES = {"IPython", "fastapi", "jupyter_client", "matplotlib", "pytest", "sqlalchemy", "starlette"}


def test_importing_the_package_imports_no_library():
    """The command line answers at once: what `record` and `predict` need comes with their first use."""
    code = "import sys, sessionlab; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert LIBRARIES & set(loaded.split()) == set()


def test_every_name_that_is_offered_is_there():
    """`from sessionlab import *` works, and another name is an AttributeError that says so."""
    assert all(callable(getattr(sessionlab, name)) for name in sessionlab.__all__)
    with pytest.raises(AttributeError, match="no attribute 'recrod'"):
        _ = sessionlab.recrod
