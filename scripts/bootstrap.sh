#!/bin/sh
# Installs what is missing to run tinyc from this checkout: the Debian packages of the C toolchains and QEMU,
# and a virtual environment .venv with tinyc in it.
#
#   scripts/bootstrap.sh [demo|dev]     demo: what `make demo` needs; dev: also what `make test` needs
#
# Packages are installed only as root or with a sudo that asks no password. Without, the script prints the one
# apt line that is needed and exits 5. PYTHON=… chooses the interpreter of a new environment.
set -eu

cd "$(dirname "$0")/.."
purpose=${1:-demo}
case $purpose in
    demo) extra=litert ;;
    dev) extra=dev ;;
    *)
        echo "usage: scripts/bootstrap.sh [demo|dev]" >&2
        exit 64
        ;;
esac

missing=""
need() { missing="$missing $1"; }
has() { command -v "$1" >/dev/null 2>&1; }

# A compiler without its C library prints the bare name of a file it cannot find.
has_libc() {
    case $("$1" -print-file-name=libc.a 2>/dev/null) in
        /*) return 0 ;;
        *) return 1 ;;
    esac
}

has_picolibc() {
    case $(riscv64-unknown-elf-gcc -print-file-name=picolibc.specs 2>/dev/null) in
        /*) return 0 ;;
        *) return 1 ;;
    esac
}

# Debian's versions have names of their own.
has_clang() {
    for candidate in clang clang-14 clang-15 clang-16 clang-17 clang-18 clang-19; do
        has "$candidate" && return 0
    done
    return 1
}

find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if has "$candidate" &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
}

list_missing() {
    missing=""
    has make || need make
    { has gcc && has_libc gcc; } || need "gcc libc6-dev"
    has arm-none-eabi-gcc || need gcc-arm-none-eabi
    { has arm-none-eabi-gcc && has_libc arm-none-eabi-gcc; } || need libnewlib-arm-none-eabi
    has qemu-system-arm || need qemu-system-arm
    if [ "$purpose" = dev ]; then
        has riscv64-unknown-elf-gcc || need gcc-riscv64-unknown-elf
        has_picolibc || need picolibc-riscv64-unknown-elf
        has qemu-system-riscv32 || need qemu-system-misc
        has_clang || need clang
    fi
    if [ ! -x .venv/bin/python ]; then
        python=$(find_python)
        if [ -z "$python" ]; then
            need "python3 python3-venv"
        elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            need python3-venv
        fi
    fi
    missing=${missing# }
}

install_packages() {
    if ! has apt-get; then
        echo "Missing, by their Debian names: $missing" >&2
        echo "Install what your system calls them, then try again." >&2
        exit 5
    fi
    if [ "$(id -u)" = 0 ]; then
        as_root=""
    elif has sudo && sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        echo "Some packages are missing, and installing them needs root. Run this, then try again:" >&2
        echo "    sudo apt-get install -y $missing" >&2
        exit 5
    fi
    echo "Installing $missing"
    mkdir -p out
    # shellcheck disable=SC2086 # both are lists of words
    {
        $as_root apt-get update -q || true
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
    } >out/bootstrap.log 2>&1 || {
        tail -n 20 out/bootstrap.log >&2
        echo "apt-get failed; its whole output is in out/bootstrap.log. What is needed:" >&2
        echo "    sudo apt-get install -y $missing" >&2
        exit 5
    }
    rm -f out/bootstrap.log
    list_missing
    if [ -n "$missing" ]; then
        echo "Still missing after the installation: $missing" >&2
        exit 5
    fi
}

install_tinyc() {
    stamp=".venv/.tinyc-$purpose"
    if [ -f "$stamp" ] && [ -z "$(find pyproject.toml -newer "$stamp")" ]; then
        return
    fi
    echo "Installing tinyc[$extra] into .venv"
    [ -x .venv/bin/python ] || "$python" -m venv .venv
    pip=".venv/bin/python -m pip --disable-pip-version-check -qq"
    if ! $pip install -e ".[$extra]"; then
        # the judge has no wheel for every Python and machine; our numpy reference judges without it
        [ "$purpose" = demo ] || exit 5
        echo "ai-edge-litert cannot be installed here: tinyc's own numpy reference will judge" >&2
        $pip install -e . || exit 5
    fi
    touch "$stamp"
}

list_missing
[ -z "$missing" ] || install_packages
install_tinyc
