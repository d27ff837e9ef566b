"""Answers of endpoints and channels to a request that is past authentication, and staged faults."""
