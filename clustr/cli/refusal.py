"""The one way a command declines to go on."""


class Refusal(Exception):
    """Cannot do it; the text is one sentence that names the remedy. Printed alone, exit code 1, no traceback."""
