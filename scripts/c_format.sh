#!/bin/sh
# Checks the layout of the runtime's C files against .clang-format; --fix rewrites them. Goldens are generated C.
# Version 14 decides (Debian 12's, and that of the dev extra): others lay a few things out differently.
set -eu
cd "$(dirname "$0")/.."
if [ -x .venv/bin/clang-format ]; then
    formatter=.venv/bin/clang-format
elif command -v clang-format >/dev/null; then
    formatter=clang-format
else
    echo "clang-format is not installed: the layout of the C files is not checked"
    exit 0
fi
case $($formatter --version) in
    *"version 14."*) ;;
    *)
        echo "$($formatter --version) is not version 14: the layout of the C files is not checked"
        exit 0
        ;;
esac
[ "${1:-}" = --fix ] && action=-i || action="--dry-run -Werror"
# shellcheck disable=SC2086 # action is two words
find runtime boards tests examples \( -path tests/golden -o -path 'examples/*/out' \) -prune -o \( -name '*.c' -o -name '*.h' \) -exec $formatter $action {} +
