import inspect

from ._errors import BlockError

CONTEXT = ("params", "watermark", "log", "run")
NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def arguments(function, inputs, context):
    """The arguments for a block's function: inputs by alias, and of the context what it asks for.

    `inputs` gives for each alias a function of the parameter's annotation, which reads the input.
    """
    positional, named = [], {}
    waiting = dict(inputs)
    for parameter in inspect.signature(function).parameters.values():
        name, kind = parameter.name, parameter.kind
        if kind is inspect.Parameter.VAR_KEYWORD:
            named.update({alias: read(None) for alias, read in waiting.items()})
        elif kind is inspect.Parameter.VAR_POSITIONAL:
            raise invalid(function, f"'*{name}' is not supported: name its inputs ({listed(inputs)})")
        elif name in waiting:
            value = waiting.pop(name)(annotation(function, parameter))
            if kind in NAMED:
                named[name] = value
            else:
                positional.append(value)
        elif name in CONTEXT and kind in NAMED:
            named[name] = context[name]
        elif parameter.default is inspect.Parameter.empty:
            raise invalid(function, f"it asks for '{name}', which is not an input: its inputs are {listed(inputs)}")
    return positional, named


def annotation(function, parameter):
    if not isinstance(parameter.annotation, str):
        return parameter.annotation
    try:
        return eval(parameter.annotation, function.__globals__)  # `from __future__ import annotations`
    except Exception:
        return None


def listed(inputs):
    return ", ".join(inputs) if inputs else "none"


def invalid(function, problem):
    return BlockError("block.invalid", f"The block's function {function.__name__} cannot be called: {problem}")
