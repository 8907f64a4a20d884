# setup.sh: installs what a Debian machine lacks. Sourced by server/run and spec/run, which say what they need:
#   need command cmake cmake; need module libuv libuv1-dev; need file /usr/share/llhttp/llhttp.c node-llhttp
#   install_needed
# A thing that is there by other means is not installed again.
needed=()

need() {
    case "$1" in
    command) command -v "$2" >/dev/null ;;
    module) command -v pkg-config >/dev/null && pkg-config --exists "$2" ;;
    file) [ -e "$2" ] ;;
    esac || needed+=("$3")
}

install_needed() {
    if [ ${#needed[@]} -eq 0 ]; then
        return 0
    fi
    if ! command -v apt-get >/dev/null; then
        echo "setup: needed, and there is no apt-get to install it: ${needed[*]}" >&2
        return 1
    fi
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300
        -o Acquire::Retries=3 -o Dpkg::Use-Pty=0)
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { echo "setup: neither root nor sudo; needed: ${needed[*]}" >&2; return 1; }
        apt=(sudo "${apt[@]}")
    fi
    local log; log=$(mktemp)
    echo "setup: installing ${needed[*]}" >&2
    if ! { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${needed[@]}"; } >"$log" 2>&1 </dev/null; then
        tail -n 15 "$log" >&2
        rm -f "$log"
        echo "setup: could not install ${needed[*]}" >&2
        return 1
    fi
    rm -f "$log"
    needed=()
}

# What the build needs, and with it the executable.
need_for_build() {
    need command gcc gcc
    need file /usr/include/stdlib.h libc6-dev
    need command cmake cmake
    need command make make
    need command pkg-config pkg-config
    need command lua5.4 lua5.4
    need module lua5.4 liblua5.4-dev
    need module libuv libuv1-dev
    need module libcjson libcjson-dev
    need module sqlite3 libsqlite3-dev
    need module libcrypto libssl-dev
    need module libxxhash libxxhash-dev
    need file /usr/share/llhttp/llhttp.c node-llhttp
}

# npm brings the pages under /docs. Debian's npm cannot be installed beside another vendor's nodejs; without it
# everything else works, so a failure is only told.
fetch_docs() {
    if ! command -v npm >/dev/null; then
        needed=(npm ca-certificates)
        install_needed || { needed=(); true; }
    fi
    "$1/server/docs/fetch" "$1/build/docs" || true
}
