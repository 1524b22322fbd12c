"""The journal of acts: who changed what of other people's."""
