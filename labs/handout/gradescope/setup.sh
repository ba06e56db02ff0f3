#!/bin/bash
# Prepares the image in which Gradescope grades one lab. It is run once, as root, when the zip has
# been uploaded; all that takes long is done here.
#
# AUTOGRADER=DIR: where Gradescope's directories are, for a trial on another machine.
set -eu
root=${AUTOGRADER:-/autograder}
cd "$root/source"
# shellcheck source=/dev/null
. ./lab.sh

if command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        gcc libc6-dev make check pkg-config strace patch procps
fi
tar xzf "$handout.tar.gz"
cd "$handout"
make doctor || echo "setup: the image can be built, but see above what will not do for grading"

# The server's other files, and the grader, are compiled once for all students.
make -j"$(nproc)" lab
rm -rf "labs/$lab/work"
