"""What Python blocks import: `from highwater import block`."""

from ._block import block
from ._cancellation import Cancelled
from ._errors import PermanentError

__all__ = ["Cancelled", "PermanentError", "block"]
