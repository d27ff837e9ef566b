"""A made-up market: instruments, one price per coin, and what follows from it. Pure functions of time and seed."""
