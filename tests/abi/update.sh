#!/bin/sh
# SPDX-License-Identifier: MIT
# After a change of include/pixazo: writes the version script and the goldens anew. Read the difference before committing it.
exec python3 "$(dirname "$0")/abi.py" update "$@"
