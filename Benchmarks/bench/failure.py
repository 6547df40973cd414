class Failure(Exception):
    """Why a measurement cannot go on or does not count, in one sentence."""
