#!/bin/sh
# Removes from the installed packages what no running portal reads: it is more than half of their
# size, and size is start-up time where a node unpacks images.
set -eu
cd /app
find . -type f \( \
    -name '*.map' -o -name '*.ts' ! -name 'config.d.ts' -o -name '*.mts' -o -name '*.cts' \
    -o -name '*.c' -o -name '*.cc' -o -name '*.h' -o -name '*.bare' \
    -o -name '*.md' -o -name '*.markdown' -o -name '*.flow' -o -name '*.tsbuildinfo' \
    -o -name '.eslintrc*' -o -name '.npmignore' -o -name '.editorconfig' \
    \) -delete
find node_modules -depth -type d \( -name __tests__ -o -name __mocks__ -o -name .github \) -exec rm -rf {} +
rm -rf .yarn yarn.lock .yarnrc.yml
find . -depth -type d -empty -delete
