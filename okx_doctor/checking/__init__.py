"""A check from end to end: settle what is asked, measure, mask, judge; and the same on an embedded exchange."""
