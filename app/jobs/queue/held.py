"""Why a job waits although its turn has come: a service is unavailable. Messages for its student, without internal addresses."""

from app.core.i18n import N_

# By the values of `Job.held_by`; each ends with what happens next.
HELD_BY = {
    "disk": N_("The site's disk is full. Your training is waiting and will continue by itself as soon as there is room."),
    "store": N_("The site's file store does not answer. Your training is waiting and will continue by itself as soon as it does."),
    "database": N_("The site's database was unavailable for a moment. Your training continues by itself from its last finished epoch."),
    "part": N_("A part of the site was unavailable for a moment. Your training continues by itself from its last finished epoch."),
    "data": N_("The site's copy of this training's data cannot be read at the moment. Your training is waiting and will continue by itself."),
    "recipe": N_("No worker has the current version of this training's recipe. Your training is waiting and will continue by itself as soon as one does."),
}  # fmt: skip
