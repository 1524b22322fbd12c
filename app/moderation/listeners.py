"""What moderation tells staff in the header of every page."""

from app.accounts.duties import count_for_staff
from app.moderation.lists import waiting_count

count_for_staff(waiting_count())
