"""Burns CPU time while it is imported and again when it is called, and tells both."""

from probe import burn

_init = burn(1.5)


def handler(event, context):
    return {"init": _init, "invoke": burn(1.5)}
