MARK = "__highwater_block__"


def block(function=None):
    """Marks the one function of a file that Highwater calls.

    Its parameters are the aliases of the block's inputs. `params`, `watermark`, `log` and `run` are passed
    when they are asked for:

        @block
        def rate(delays, *, params, log): ...
    """
    if function is None:
        return block
    if not callable(function):
        raise TypeError("@block goes above a function")
    setattr(function, MARK, True)
    return function
