"""Where the three values live, what they look like, and how a loader may have altered them.

Reads files and the environment it is handed; never the network.
"""
