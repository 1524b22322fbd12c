import threading

from app.core.tasks import periodic
from app.notifications import delivery
from app.notifications.cleanup import tell_of_reviews, tidy_up

mailing = threading.Lock()


@periodic("deliver_mail", every=60)
def deliver_mail() -> None:
    """Send due mail. One thread at a time: a slow server delays only mail."""
    if mailing.acquire(blocking=False):
        try:
            delivery.deliver_mail()
        finally:
            mailing.release()


@periodic("tidy_notifications", every=900)
def tidy_notifications() -> None:
    """Remind readers of due reviews; delete old notifications."""
    tell_of_reviews()
    tidy_up()
