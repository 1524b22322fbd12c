from app.authoring import publication
from app.authoring.outline import deleted
from app.core.config import get_settings
from app.core.tasks import periodic


@periodic("publish_due", every=lambda: get_settings().job_sweep_seconds)
def publish_due() -> None:
    """Publish the drafts that are due."""
    publication.publish_due()


@periodic("forget_deleted_lessons", every=86_400)
def forget_deleted_lessons() -> None:
    """Let go of the text of lessons that nobody has brought back."""
    deleted.forget()
