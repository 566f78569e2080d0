#!/bin/sh
# Runs a command that needs localstripe, a fake of Stripe's API from PyPI: tools/with-localstripe.sh CMD…
#
# CMD finds in PAYDECK_LOCALSTRIPE_PYTHON a Python that has the fake, for tools/serve-localstripe.py. What is missing is installed below
# the target folder, once for each version: into an environment of its own, or where Python can make none (it needs Debian's package
# python3-venv), into a folder.
set -eu

version=1.15.10

[ $# -gt 0 ] || { echo "usage: $0 CMD…" >&2; exit 64; }

tools=$(cd "$(dirname "$0")" && pwd)
target=${CARGO_TARGET_DIR:-"$tools/../target"}
mkdir -p "$target/localstripe"
home=$(cd "$target/localstripe" && pwd)/$version

if ! command -v python3 >/dev/null; then
    echo "The tests of Stripe's connector need Python 3. On Debian or Ubuntu: apt-get install python3-venv" >&2
    exit 69
fi

# Made elsewhere and moved when it is whole: what was interrupted is not taken for installed.
if [ ! -d "$home" ]; then
    part=$home.part.$$
    trap 'rm -rf "$part"' EXIT
    mkdir "$part"
    echo "with-localstripe: installing localstripe $version (once)" >&2
    if ! { python3 -m venv "$part/venv" && "$part/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        "localstripe==$version"; } >"$part/log" 2>&1; then
        rm -rf "$part/venv"
        if ! python3 -m pip install --quiet --disable-pip-version-check --target "$part/site" "localstripe==$version" \
            >>"$part/log" 2>&1; then
            cat "$part/log" >&2
            echo "localstripe can't be installed from PyPI. On Debian or Ubuntu: apt-get install python3-venv" >&2
            exit 69
        fi
    fi
    # Somebody else may have been faster.
    [ -d "$home" ] || mv "$part" "$home"
    rm -rf "$part"
    trap - EXIT
fi

if [ -d "$home/venv" ]; then
    PAYDECK_LOCALSTRIPE_PYTHON=$home/venv/bin/python
else
    PAYDECK_LOCALSTRIPE_PYTHON=$(command -v python3)
    PYTHONPATH=$home/site${PYTHONPATH:+:$PYTHONPATH}
    export PYTHONPATH
fi
export PAYDECK_LOCALSTRIPE_PYTHON

exec "$@"
