"""Why a job waits although its turn came: something of the site is away. Words for its student, without internal addresses."""

from app.core.i18n import N_

# By what `Job.held_by` says; each ends with what happens next.
HELD_BY = {
    "disk": N_("The site's disk is full. Your training waits and goes on by itself as soon as there is room."),
    "store": N_("The site's file store does not answer. Your training waits and goes on by itself as soon as it does."),
    "database": N_("The site's database was away for a moment. Your training goes on by itself from its last finished epoch."),
    "part": N_("A part of the site was away for a moment. Your training goes on by itself from its last finished epoch."),
    "data": N_("The site's copy of this training's data cannot be read at the moment. Your training waits and goes on by itself."),
    "recipe": N_("No worker has this training's recipe as it is now. Your training waits and goes on by itself as soon as one has."),
}  # fmt: skip
