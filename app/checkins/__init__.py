"""Check-ins (打卡): one a day, streaks derived from them, and the wall where a class sees the day's."""
