#!/bin/sh
# Install what is needed, once: Debian packages (when root or sudo may), a venv, fonts, voice data.
# PYTHON names the interpreter of a new venv. Each part leaves a stamp that carries a hash of its inputs, so that the second run takes no time.
#
#   setup.sh [ROLE]
#     terminal     a kiosk in service: no test, no simulated device, no back office
#     backoffice   a back office in service: no kiosk, no drivers
#     development  a checkout: both, and all that the tests need (this is what `make` asks for)
#     bench        development, and the browser that `make bench` measures against
#     fresh        development, and what builds the clean root of `make proof-fresh`
set -eu
role=${1:-development}
locked=
case "$role" in
    terminal) lists=terminal extras=kiosk locked=config/deploy/locked/terminal.txt ;;
    backoffice) lists=backoffice extras=backoffice locked=config/deploy/locked/backoffice.txt ;;
    development) lists="terminal backoffice" tests=development extras=kiosk,backoffice,dev ;;
    bench | fresh) lists="terminal backoffice $role" tests=development extras=kiosk,backoffice,dev ;;
    *) echo "setup: no role '$role': terminal, backoffice, development, bench or fresh" >&2; exit 2 ;;
esac
cd "$(dirname "$0")/../.."
venv=.venv
stamps=$venv/stamps

say() { printf 'setup: %s\n' "$*"; }
hash_of() { cat "$@" | sha256sum | cut -c1-16; }
fresh() { [ "$(cat "$stamps/$1" 2>/dev/null || true)" = "$2" ]; }
stamp() { mkdir -p "$stamps" && printf '%s' "$2" > "$stamps/$1"; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo "$@"; else return 1; fi
}

# A package that is only there for the tests must not begin to serve on this machine: while this file says 101, none
# of Debian's packages starts its service (deb-systemd-invoke, invoke-rc.d). One that is there already stays.
policy=/usr/sbin/policy-rc.d
# Nor may PostgreSQL's package make a database cluster: the tests make their own, in a folder that goes with them.
no_cluster=/etc/postgresql-common/createcluster.d/tshu-pinn-tests.conf
hold_cluster() { as_root mkdir -p "${no_cluster%/*}" && echo 'create_main_cluster = false' | as_root tee $no_cluster > /dev/null; }
hold_services() { [ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' | as_root tee $policy > /dev/null && as_root chmod 755 $policy && held=yes; }; }
let_services() { as_root rm -f $no_cluster || true; [ "${held:-}" != yes ] || { as_root rm -f $policy; held=; }; }

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

install_list() {
    wanted=$(grep -hv '^#' "$1")
    # shellcheck disable=SC2086  # one word a package
    missing=$(for p in $wanted; do dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q '^install ok installed' || echo "$p"; done)
    [ -n "$missing" ] || return 0
    say "installing $(echo $missing)"
    # shellcheck disable=SC2086
    if ! apt_install $missing > "${TMPDIR:-/tmp}/tshu-pinn-apt.log" 2>&1; then
        say "could not install: $(echo $missing)"; say "last words of apt:"; tail -n 5 "${TMPDIR:-/tmp}/tshu-pinn-apt.log" || true
        say "install them as root, then run this again"; return 1
    fi
}

install_packages() {
    command -v apt-get >/dev/null 2>&1 || { say "no apt here; the packages of config/deploy/apt are yours to install"; return 0; }
    for list in $lists; do install_list "config/deploy/apt/$list.txt"; done
    [ -n "${tests:-}" ] || return 0
    trap let_services EXIT
    { hold_services; hold_cluster; } || true  # who may not write it may not install either, and is told so below
    install_list "config/deploy/apt/$tests.txt"
    let_services
    trap - EXIT
}

find_python() {
    for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3 /usr/bin/python3; do
        command -v "$candidate" >/dev/null 2>&1 || continue
        "$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && { echo "$candidate"; return 0; }
    done
    say "no Python >= 3.11, < 3.14 with venv found" >&2
    return 1
}

install_packages
[ -x $venv/bin/python ] || { python=$(find_python); say "making $venv with $python"; "$python" -m venv $venv; }

key=$extras-$(hash_of pyproject.toml constraints.txt $locked)
if ! fresh python "$key"; then
    say "installing Python packages (a few minutes the first time)"
    pip="$venv/bin/python -m pip install --quiet --disable-pip-version-check"
    if [ -n "$locked" ]; then
        # In service nothing is installed but the very files whose digests are noted.
        $pip --only-binary :all: --require-hashes -r "$locked" && $pip --no-deps -e .
    else
        $pip -c constraints.txt -e ".[$extras]"
    fi
    $venv/bin/python -m compileall -q kiosk drivers voices backoffice
    if [ "$role" != backoffice ]; then
        # The texts are kept beside the compiled files: a start reads them from there.
        $venv/bin/python -c "from voices.prompts import load_words; load_words()"
    fi
    stamp python "$key"
fi

[ "$role" != backoffice ] || exit 0

key=$(hash_of kiosk/ui/drawing/fonts.py)
if ! fresh fonts "$key" || [ ! -d var/fonts ]; then
    say "extracting fonts"
    $venv/bin/python -m kiosk.ui.drawing.fonts build "$PWD/var/fonts"
    stamp fonts "$key"
fi

key=$(find voices/nan voices/pipeline -type f ! -name '*.pyc' | LC_ALL=C sort | xargs cat | sha256sum | cut -c1-16)
if ! fresh voice "$key" || [ ! -d var/voice ]; then
    say "building the voices"
    $venv/bin/python -m voices build --data "$PWD/var/voice"
    stamp voice "$key"
fi
