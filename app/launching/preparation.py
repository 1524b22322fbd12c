"""`python -m app.launching.preparation`: migrates the database to the newest schema and loads the bundled courses.

`sophora run` delegates this to a short-lived process, so that its imports do not stay in memory while the classroom runs. It
prints its findings; the last line is the token for setting up the admin, or empty.
"""

import sys
import traceback

import app.features  # noqa: F401 - relationships between features need all tables known
from app.accounts.service import make_setup_link
from app.core.config import get_settings
from app.core.db import session_scope
from app.core.logging import configure_logging
from app.core.migrating import migrate
from app.launching.wrong_state import explain
from app.publishing.folders import CourseRefused, bundled_courses, load_folders


def main() -> None:
    # To the log: stdout is the launcher's.
    configure_logging(get_settings())
    migrate()
    try:
        load_folders(bundled_courses(), lambda line: sys.stdout.write(f"{line}\n"))
    except CourseRefused as refused:
        sys.exit("\n".join([*map(str, refused.faults), str(refused)]))
    with session_scope() as session:
        token = make_setup_link(session)
    sys.stdout.write(f"{token or ''}\n")


if __name__ == "__main__":
    try:
        main()
    except Exception as error:
        traceback.print_exc()
        # The last line of its log, which the launcher prints.
        sys.exit(explain(error)[0])
