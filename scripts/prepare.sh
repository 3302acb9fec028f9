# For scripts/test and scripts/demo, which source it from the top of the repository: after it the tools are there,
# node_modules is that of package-lock.json, and dist/ is that of src/. All it prints goes to stderr.

step() { echo "== $*" >&2; }

need() { # need <tool> <Debian package> <Homebrew formula>
  command -v "$1" >/dev/null 2>&1 && return
  echo "$1 is missing: apt-get install $2 (Debian), brew install $3 (macOS)" >&2
  exit 1
}

need tmux tmux tmux
need git git git
if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null; then
  echo "node 20.19 or newer is missing: https://nodejs.org/en/download (Debian), brew install node (macOS)" >&2
  exit 1
fi
need npm npm node

# npm writes node_modules/.package-lock.json last, so an interrupted installation is not taken for a whole one.
if [ ! -e node_modules/.package-lock.json ] ||
  [ -n "$(find package-lock.json -newer node_modules/.package-lock.json)" ]; then
  step npm ci
  npm ci --no-update-notifier >&2 || exit 1
fi

step build
npm run --silent build >&2 || exit 1
