"""What readers report and moderators decide."""
