#!/bin/sh
# Finds the programs that the tests start. What is missing is installed when
# we may (root on Debian or Ubuntu); otherwise the line to run is printed.
set -eu

missing=
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need gcc gcc
need redis-server redis-server
[ "$(uname -s)" = Linux ] && need strace strace
# Debian keeps the server's programs off the PATH.
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || need postgres postgresql
[ -n "$missing" ] || exit 0

if [ "$(uname -s)" = Darwin ]; then
	echo "the tests need:$missing; run: xcode-select --install; brew install redis postgresql" >&2
	exit 1
fi
install="apt-get update && apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo "installing for the tests:$missing"
	export DEBIAN_FRONTEND=noninteractive
	# Debian starts packaged servers by itself; the tests start their own.
	sh -c "$install" >/dev/null || { echo "cannot install; run: $install" >&2; exit 1; }
else
	echo "the tests need:$missing; run: sudo sh -c '$install'" >&2
	exit 1
fi
