import asyncio
import inspect
import os

from ._call import arguments
from ._cancellation import Cancellation, Cancelled
from ._channel import Channel
from ._errors import describe
from ._inputs import Inputs
from ._log import Log, capture
from ._modules import Modules
from ._output import write_result
from ._surroundings import Surroundings
from ._usage import Usage


def main():
    """Takes one request after another until the worker closes the channel or ends this process."""
    cancellation = Cancellation()
    cancellation.install()
    channel = Channel(cancellation)
    surroundings = Surroundings()
    modules = Modules()
    channel.send({"type": "ready", "pid": os.getpid()})
    while True:
        request = channel.next_request()
        usage = Usage()
        try:
            answer = attempt(request, channel, cancellation, modules)
        except Cancelled as cancelled:
            answer = {"type": "error", "error": describe(cancelled, request["work"]["folder"])}
        modules.unload(request["work"]["folder"], request["work"]["entry"])
        surroundings.restore(request["id"])
        end = {"id": request["id"], "usage": usage.read(), "spent": surroundings.is_spent()}
        channel.send({**answer, **end})
        if cancellation.happened:
            os._exit(0)


def attempt(request, channel, cancellation, modules):
    try:
        cancellation.begin()
        result = run(request, channel, modules)
        cancellation.end()
        return {"type": "result", "result": result}
    except BaseException as error:
        cancellation.end()
        return {"type": "error", "error": describe(error, request["work"]["folder"])}


def run(request, channel, modules):
    work, identity = request["work"], request["id"]
    log = Log(channel, identity)
    capture(log, work["folder"])
    os.chdir(request["projectDir"])
    function = modules.load(work["folder"], work["entry"])
    inputs = Inputs(request["inputs"])
    context = {"params": request["params"], "watermark": request["watermark"], "log": log, "run": request["run"]}
    positional, named = arguments(function, inputs.readers(), context)
    returned = function(*positional, **named)
    if inspect.iscoroutine(returned):
        returned = asyncio.run(returned)

    def progress(rows):
        channel.send({"type": "progress", "id": identity, "rows": rows})

    return write_result(returned, request["output"], inputs.known_types(), progress)
