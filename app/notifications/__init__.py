"""Telling readers what concerns them: on the page, and by mail if they wish."""
