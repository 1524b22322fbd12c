"""What happens in a lesson, said aloud: features above listen and need not be known below (blinker).

Every signal is sent inside the transaction of what happened, as `signal.send(session, ...)`; a listener writes into the same
session and never commits. Listeners are connected where `app.features` imports them.
"""

from blinker import Signal

# user_id, lesson_id: a reader came to the end of a lesson for the first time.
lesson_finished = Signal()
# columns: a lesson was rendered, maybe for a transaction to come; those of LessonRevision that its texts make. No session.
lesson_rendered = Signal()
# user_id, lesson_id, question_key, score (0 to 1): an answer was graded and kept.
question_answered = Signal()
# job: a training was sent by its owner.
job_submitted = Signal()
# job: it has succeeded, failed or was cancelled; sent by the worker or the web, once.
job_ended = Signal()
# comment: it can be seen by others for the first time (posted, or released by a moderator); and its place where that is at hand.
comment_shown = Signal()
# comment, before: others see a text that they have not seen; `before` is the HTML of the one they knew, "" where it was away for a while.
comment_edited = Signal()
# comment, by_id: somebody else likes it; with on=False, no longer.
comment_liked = Signal()
# comment, by_id: it was featured.
comment_featured = Signal()
# comment, act, reason: a moderator, or a rule, has decided.
comment_moderated = Signal()
# user_id, count: cards of today's review were answered.
review_done = Signal()
# user_id, before, after: somebody's days will be those of another zone; both are Calendars.
zone_chosen = Signal()
# check_in, by_id: somebody else cheers at a check-in; with on=False, no longer.
cheered = Signal()
# comment, is_new: what waits for moderators has changed; `is_new`: this comment now waits, or was reported once more.
moderation_waits = Signal()
# lesson, user_id, faults: what this user (None: nobody any more) had scheduled was not published.
publication_failed = Signal()
# name_key: somebody says that they have lost the password of this account, which may not exist.
password_lost = Signal()
# user_id: an account has another password.
password_changed = Signal()
