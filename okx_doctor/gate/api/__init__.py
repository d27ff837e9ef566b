"""What endpoints and channels answer once a request is past authentication, and staged faults."""
