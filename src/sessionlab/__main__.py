"""The command `sessionlab`, and `python -m sessionlab`."""

from __future__ import annotations

import sys

from .cli import head_start


def main() -> int:
    """Run the command that the arguments name, and return its exit code.

    That is 0 passed, 1 not passed, 2 wrong use, 3 the grader is broken, 130 interrupted.
    """
    try:
        head_start.start(sys.argv[1:])
        from .cli.app import run

        return run()
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        from .cli.ending import tell_unexpected

        return tell_unexpected(error)
    finally:
        head_start.close()


if __name__ == "__main__":
    sys.exit(main())
