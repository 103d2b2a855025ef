#!/usr/bin/env bash
# Train with a Linear that fits whatever the images measure: the shell asks for the number, Python is told.
set -euo pipefail
for size in 28 32 64; do
  features=$(convshape linear-in "$1" -i "1,1,$size,$size")
  echo "images of $size x $size: --in-features $features"
done
