#!/usr/bin/env bash
# npm ci, with sqlite3's compiled binding kept between runs (N-API: one file serves Node 20 to 26).
set -euo pipefail
keep="${SQLITE3_PREBUILDS:-$HOME/.cache/sqlite3-prebuilds}"
mkdir -p "$keep"
export npm_config_sqlite3_local_prebuilds="$keep" JOBS="${JOBS:-2}"
npm ci
[ -f node_modules/sqlite3/package.json ] || exit 0
version=$(sed -n 's/^[ \t]*"version": "\(.*\)",$/\1/p' node_modules/sqlite3/package.json | head -1)
arch=$(PATH="$PWD/node_modules/.bin:$PATH" node -p 'process.platform + "-" + process.arch')
kept="$keep/sqlite3-v$version-napi-v6-$arch.tar.gz"
if [ ! -f "$kept" ] && [ -f node_modules/sqlite3/build/Release/node_sqlite3.node ]; then
  tar -C node_modules/sqlite3 -czf "$kept.tmp" build/Release/node_sqlite3.node
  mv "$kept.tmp" "$kept"
fi
