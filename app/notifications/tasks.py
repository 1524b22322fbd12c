import threading

from app.core.tasks import periodic
from app.notifications import delivery
from app.notifications.cleanup import tell_of_reviews, tidy_up

mailing = threading.Lock()


@periodic("deliver_mail", every=60)
def deliver_mail() -> None:
    """Mail that is due. One thread at a time: a slow server holds up no more than mail."""
    if mailing.acquire(blocking=False):
        try:
            delivery.deliver_mail()
        finally:
            mailing.release()


@periodic("tidy_notifications", every=900)
def tidy_notifications() -> None:
    """Say that there is something to review; let old notifications go."""
    tell_of_reviews()
    tidy_up()
