"""A command in a place without a way out: no packet of it leaves, and it can ask nobody outside to send one.

``confine`` is the door. Standard library alone, and nothing else of this package, so that all of it can be read and
audited by itself; in the order of reading: ``confine``, ``seal``, ``filter``, ``sockets``, ``kernel``.
"""
