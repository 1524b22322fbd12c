"""Names of periodic tasks, for whoever schedules them: their code need not be imported for that."""

TIDY_BOARD = "sophora.tidy_board"
TIDY_NOTIFICATIONS = "sophora.tidy_notifications"
DELIVER_MAIL = "sophora.deliver_mail"
TIDY_JOBS = "sophora.tidy_jobs"
