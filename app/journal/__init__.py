"""The journal of acts: who changed what belongs to others."""
