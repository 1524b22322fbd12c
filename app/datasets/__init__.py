"""The pages of the data sets that one can train on."""
