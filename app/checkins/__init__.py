"""Check-ins (打卡): one a day, streaks derived from them, and the wall with the class's check-ins of a day."""
