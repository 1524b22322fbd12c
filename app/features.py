"""The one list of what every process needs of the features: the web server, the worker, its children, and the commands import it.

So all know the same tables, which relationships between features need, and have the same listeners. The routes stand in
`app.main`, since no other process serves pages: commands and workers would start later for them.
"""

from app.accounts import models as accounts
from app.accounts import sent_forms
from app.authoring import models as authoring
from app.board import discussion as board_discussion
from app.board import models as board
from app.checkins import listeners as checkins_listeners
from app.checkins import models as checkins
from app.core.db import Base
from app.courses import models as courses
from app.jobs import models as jobs
from app.journal import models as journal
from app.notes import models as notes
from app.notifications import listeners as notifications_listeners
from app.notifications import models as notifications
from app.quizzes import models as quizzes
from app.reviews import listeners as reviews_listeners
from app.reviews import models as reviews
from app.search import index as search

MODELS = (
    accounts,
    authoring,
    board,
    checkins,
    courses,
    jobs,
    journal,
    notes,
    notifications,
    quizzes,
    reviews,
    search,
    sent_forms,
)

# Connected by being imported: they listen to `app.core.events` or fill `app.web.slots`.
LISTENERS = (board_discussion, checkins_listeners, notifications_listeners, reviews_listeners)

metadata = Base.metadata
