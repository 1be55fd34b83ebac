#!/bin/sh
# Makes a small repository in ./shop, whose last commit has a flaw.
set -e
mkdir shop
cd shop
git init -q
git config user.name "Shop"
git config user.email "shop@localhost"
printf 'export function vat(net) {\n  return net * 1.2;\n}\n' > vat.js
printf 'import { vat } from "./vat.js";\nexport const total = (price) => vat(price * 100) / 100;\n' > total.js
git add .
git commit -q -m "Count the tax"
printf 'export function vat(net) {\n  return Math.round(net * 1.2);\n}\n' > vat.js
git commit -q -a -m "Round the tax"
