#!/usr/bin/env node
// Fails for every route that no browser test has visited. `paydeck routes` prints the routes, one a line as
// "GET /m/{acct}/{mode}/payments/{id}"; the browser tests leave what they visited in end2end/test-results/visited/.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const server = path.resolve(root, process.env.CARGO_TARGET_DIR || 'target', 'debug/paydeck');
const folder = path.join(root, 'end2end/test-results/visited');

function routes() {
  const asked = spawnSync(server, ['routes'], { cwd: root, encoding: 'utf8' });
  if (asked.status !== 0) {
    console.error(`routes: '${server} routes' failed: ${asked.error?.message ?? asked.stderr}`);
    process.exit(1);
  }
  return asked.stdout.split('\n').map((line) => line.trim()).filter(Boolean).map((line) => {
    const [method, pattern] = line.split(/\s+/);
    return { line, method, pattern: matcher(pattern) };
  });
}

/** `{id}` is one segment, `{*rest}` is any number of them. */
function matcher(pattern) {
  const source = pattern
    .split(/(\{[^}]*\})/)
    .map((part) => (part.startsWith('{*') ? '.+' : part.startsWith('{') ? '[^/]+' : part.replace(/[.*+?^$()|[\]\\]/g, '\\$&')))
    .join('');
  return { source: new RegExp(`^${source}/?$`), fixed: pattern.replace(/\{[^}]*\}/g, '').length };
}

function visited() {
  if (!fs.existsSync(folder)) return [];
  const lines = fs.readdirSync(folder).flatMap((name) => fs.readFileSync(path.join(folder, name), 'utf8').split('\n'));
  return [...new Set(lines.filter(Boolean))].map((line) => line.split(' '));
}

const all = routes();
const seen = new Set();
for (const [method, address] of visited()) {
  // A visit counts for the most exact route: /payments/new is not a visit of /payments/{id}.
  const hits = all.filter((route) => (route.method === method || route.method === 'ANY') && route.pattern.source.test(address));
  hits.sort((a, b) => b.pattern.fixed - a.pattern.fixed);
  if (hits.length) seen.add(hits[0].line);
}
const missed = all.filter((route) => !seen.has(route.line));
for (const { line } of missed) console.error(`routes: no test visits ${line}`);
if (!all.length) console.error('routes: the server names no route');
if (missed.length || !all.length) process.exit(1);
console.log(`routes: all ${all.length} are visited`);
