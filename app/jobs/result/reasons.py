"""Why a training can fail: msgids that the worker stores, with values, and the job's page explains."""

from app.core.i18n import N_

OUT_OF_MEMORY = N_(
    "The training needed more memory than is available. Try a smaller batch size, or a smaller network."
)
TOO_LONG = N_(
    "The training took longer than its recipe allows ({minutes} minutes). Fewer epochs or less data will fit."
)
INTERRUPTED_TOO_OFTEN = N_(
    "The training was interrupted {count} times, so we stopped trying. Please start it again; if it is large, make it smaller."
)
FAULTY = N_("The training stopped with an error: {error}. The log below has the details.")
START_GONE = N_(
    "The training that this one continues from was deleted before this one began. Please continue from another one."
)
START_OTHER = N_(
    "The weights of the training that this one continues from do not fit its network: the recipe has changed since."
)
