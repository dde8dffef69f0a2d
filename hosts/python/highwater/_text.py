LOG_LINE = 16 * 1024
ERROR = 64 * 1024


def cut(text, limit):
    """The text, or its start and a word on how much is missing."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text) - limit} more characters were dropped)"
