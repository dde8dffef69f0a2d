import importlib.machinery
import importlib.util
import os
import sys

from ._block import MARK
from ._errors import BlockError

STANDARD = getattr(sys, "stdlib_module_names", frozenset(sys.builtin_module_names))


class Modules:
    """Loads blocks from their folders. A folder never changes, so what was loaded from it is used again."""

    def __init__(self):
        self._loaded = {}

    def load(self, folder, entry):
        """The block's function; what it imports stays importable until `unload`."""
        finder = LocalFinder(folder, entry)
        sys.meta_path.insert(0, finder)
        # Behind all else: folders without `__init__.py`, and processes that a block spawns.
        sys.path.extend(finder.path)
        sys.argv = [finder.entry]

        kept = self._loaded.get(finder.entry)
        if kept:
            sys.modules.update(kept["modules"])
            return kept["function"]

        module = execute(finder.entry, module_name(entry))
        function = find_block(module, entry)
        self._loaded[finder.entry] = {"function": function, "modules": modules_below(folder)}
        return function

    def unload(self, folder, entry):
        """Takes the block's own modules out of sight, so that another block's may have the same names."""
        modules = modules_below(folder)
        kept = self._loaded.get(os.path.join(folder, entry))
        if kept:
            kept["modules"] = modules
        for name in modules:
            del sys.modules[name]
        sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, LocalFinder)]


class LocalFinder:
    """Finds the block's own modules before installed packages, but never in place of the standard library."""

    def __init__(self, folder, entry):
        self.entry = os.path.join(folder, entry)
        self.path = ancestors(folder, entry)

    def find_spec(self, name, path=None, target=None):
        if path is not None or name in STANDARD:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, self.path)
        # A block in `requests.py` that imports requests means the package.
        return spec if spec and spec.loader and spec.origin != self.entry else None


def ancestors(folder, entry):
    """The entry's folder and those above it, up to the one that stands for the project."""
    parts = entry.split("/")[:-1]
    return [os.path.join(folder, *parts[:depth]) for depth in range(len(parts), -1, -1)]


def execute(file, name):
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def module_name(entry):
    parts = os.path.splitext(entry)[0].split("/")
    return ".".join(part.replace(".", "_") for part in parts)


def find_block(module, entry):
    found = {
        id(value): value
        for value in vars(module).values()
        if getattr(value, MARK, False) and value.__module__ == module.__name__
    }
    if not found:
        advice = "add `from highwater import block` and put @block above its function"
        raise BlockError("block.invalid", f"{entry} has no function under @block: {advice}")
    if len(found) > 1:
        names = ", ".join(function.__name__ for function in found.values())
        raise BlockError("block.invalid", f"{entry} has more than one function under @block ({names}): keep one")
    return next(iter(found.values()))


def modules_below(folder):
    start = folder.rstrip(os.sep) + os.sep
    return {name: module for name, module in list(sys.modules.items()) if is_below(module, start)}


def is_below(module, start):
    spec = getattr(module, "__spec__", None)
    if spec is None:
        return False
    if spec.origin and spec.has_location:
        return spec.origin.startswith(start)
    return any(place.startswith(start) for place in spec.submodule_search_locations or ())
