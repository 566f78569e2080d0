#!/usr/bin/env node
// First loads, as brotli sends them, against the budgets of docs/PERFORMANCE.md: the dashboard's WebAssembly and script, and
// the hosted pages' sheet, script and icons (their HTML and fonts are weighed in the browser tests).
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const site = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', process.env.PAYDECK_SITE_DIR || 'site');
const BUDGETS = [
  { what: 'dashboard: WebAssembly and script', files: ['app.wasm', 'app.js'], limit: 300 },
  { what: 'portal: style sheet', files: ['portal.css'], limit: 40 },
  { what: 'hosted pages: style sheet and script', files: ['hosted.css', 'checkout.js'], limit: 20 },
];

const manifest = JSON.parse(fs.readFileSync(path.join(site, 'manifest.json'), 'utf8'));

/** Bytes that a browser gets for one file of the manifest. */
function weight(name) {
  if (!manifest[name]) return undefined;
  const file = path.join(site, manifest[name]);
  return fs.statSync(fs.existsSync(`${file}.br`) ? `${file}.br` : file).size;
}

let failed = false;
for (const { what, files, limit } of BUDGETS) {
  const missing = files.filter((name) => weight(name) === undefined);
  const total = files.reduce((sum, name) => sum + (weight(name) ?? 0), 0) / 1024;
  const bad = missing.length > 0 || total > limit;
  failed ||= bad;
  const words = missing.length ? `${missing.join(', ')} missing from the manifest` : `${total.toFixed(1)} KB of ${limit} KB`;
  console[bad ? 'error' : 'log'](`weight: ${what}: ${words}`);
}
process.exit(failed ? 1 : 0);
