from app.authoring import publication
from app.core.config import get_settings
from app.core.tasks import periodic


@periodic("publish_due", every=lambda: get_settings().job_sweep_seconds)
def publish_due() -> None:
    """Publish the drafts that are due."""
    publication.publish_due()
