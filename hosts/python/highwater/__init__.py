"""What Python blocks import: `from highwater import block`."""

from ._block import block
from ._cancellation import Cancelled

__all__ = ["Cancelled", "block"]
