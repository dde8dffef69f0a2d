"""The process that runs Python blocks: see hosts/protocol.ts for what it speaks."""

import sys

sys.dont_write_bytecode = True

from highwater._host import main  # noqa: E402

if __name__ == "__main__":
    main()
