#!/usr/bin/env node
// Every check, cheap ones first, and one line of counts at the end. A step that fails stops what comes after its stage
// (--keep-going goes on). A part that is missing is a failure; nothing is skipped.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const keepGoing = process.argv.includes('--keep-going');
const report = path.join(root, 'end2end/test-results/report.json');
const browserLint = ['--package', 'app', '--lib', '--target', 'wasm32-unknown-unknown', '--no-default-features', '--features', 'hydrate'];
const withPostgres = path.join(root, 'tests/with-postgres.sh');
const withLocalstripe = path.join(root, 'tools/with-localstripe.sh');
const hasNextest = spawnSync('cargo', ['nextest', '--version'], { stdio: 'ignore' }).status === 0;

/** What each runner counted; `checks` are the steps that pass or fail as a whole. */
const counts = { checks: [0, 0], rust: [0, 0], e2e: [0, 0] };
const failures = [];

const rustTests = hasNextest
  ? ['cargo', 'nextest', 'run', '--workspace', '--no-fail-fast', '--status-level', 'fail', '--final-status-level', 'fail', '--failure-output', 'final']
  : ['cargo', 'test', '--workspace', '--no-fail-fast', '--lib', '--bins', '--tests'];

const STAGES = [
  [
    { name: 'format', why: 'every Rust file is as rustfmt writes it', run: ['cargo', 'fmt', '--all', '--check'] },
    { name: 'texts', why: 'markup, catalogues and tests hold nothing that they must not', run: ['node', 'tools/check-texts.mjs'] },
    { name: 'arrows', why: 'crates depend on each other one way', run: ['node', 'tools/check-arrows.mjs'] },
  ],
  [
    { name: 'need', why: 'install what the tests need and this machine lacks', run: ['tools/need.sh', 'wasm-target', 'wasm-bindgen', 'wasm-split', 'npm-end2end', 'postgres', 'chromium'] },
    { name: 'end2end types', why: 'the browser tests type-check', run: ['npm', '--prefix', 'end2end', '--silent', 'run', 'typecheck'] },
  ],
  [
    { name: 'clippy', why: 'no warning in any target', run: ['cargo', 'clippy', '--workspace', '--all-targets', '--', '-D', 'warnings'] },
    { name: 'clippy, browser', why: "no warning in the browser's half", run: ['cargo', 'clippy', ...browserLint, '--', '-D', 'warnings'] },
  ],
  [
    { name: 'rust', why: 'unit, property, store (both engines) and HTTP tests', run: [withPostgres, withLocalstripe, ...rustTests], count: countRust },
    { name: 'rust, examples', why: 'code in documentation compiles and holds', run: ['cargo', 'test', '--workspace', '--doc'], count: countRust },
  ],
  [
    { name: 'site', why: 'the WebAssembly, optimised, and everything else that is served', run: ['node', 'tools/build-site.mjs'] },
    { name: 'weight', why: 'first loads are within their budgets', run: ['node', 'tools/check-weight.mjs'] },
    { name: 'server', why: 'the server that the browser drives', run: ['cargo', 'build', '--workspace', '--tests'] },
  ],
  [
    { name: 'e2e', why: 'the real server, both databases, in Chromium', run: [withPostgres, 'npm', '--prefix', 'end2end', '--silent', 'test'], count: countBrowser, before: () => fs.rmSync(report, { force: true }) },
    { name: 'routes', why: 'a test visits every route', run: ['node', 'tools/check-routes.mjs'] },
  ],
];

/** Runs a step, its output shown and kept. */
function start([program, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, CARGO_TERM_COLOR: process.stdout.isTTY ? 'always' : 'never' } });
    let output = '';
    const keep = (stream) => (chunk) => {
      stream.write(chunk);
      output += chunk;
    };
    child.stdout.on('data', keep(process.stdout));
    child.stderr.on('data', keep(process.stderr));
    child.on('error', (error) => resolve({ ok: false, output: `${program}: ${error.message}` }));
    child.on('close', (code) => resolve({ ok: code === 0, output }));
  });
}

// eslint-disable-next-line no-control-regex
const plain = (text) => text.replace(/\x1b\[[0-9;]*m/g, '');

/** nextest: "Summary [ 1.2s] 12 tests run: 11 passed, 1 failed, 0 skipped"; cargo test: "test result: ok. 5 passed; 0 failed". A test that is left out counts as failed. */
function countRust(output) {
  const text = plain(output);
  let [passed, failed] = [0, 0];
  for (const [, line] of text.matchAll(/^\s*Summary \[.*?\].*? tests? run: (.*)$/gm)) {
    const of = (pattern) => [...line.matchAll(pattern)].reduce((sum, found) => sum + Number(found[1]), 0);
    passed += of(/(\d+) passed/g);
    failed += of(/(\d+) (?:failed|timed out|exec failed|skipped)/g);
  }
  for (const [, p, f] of text.matchAll(/^test result: \S+ (\d+) passed; (\d+) failed/gm)) {
    passed += Number(p);
    failed += Number(f);
  }
  add('rust', passed, failed);
  return failed === 0;
}

/** Playwright's own report; a skipped or flaky test is a failure. */
function countBrowser() {
  if (!fs.existsSync(report)) return false;
  const { stats, errors } = JSON.parse(fs.readFileSync(report, 'utf8'));
  const failed = stats.unexpected + stats.flaky + stats.skipped + errors.length;
  add('e2e', stats.expected, failed);
  return failed === 0 && stats.expected > 0;
}

function add(runner, passed, failed) {
  counts[runner][0] += passed;
  counts[runner][1] += failed;
}

/** Runs and counts one step; true when it passed. */
async function step({ name, why, run, count, before }) {
  console.log(`\ntest: ${name}: ${why}`);
  const started = Date.now();
  before?.();
  const { ok, output } = await start(run);
  const failedBefore = Object.values(counts).reduce((sum, [, failed]) => sum + failed, 0);
  const counted = count ? count(output) : ok;
  if (!count) add('checks', ok ? 1 : 0, ok ? 0 : 1);
  // A runner that died without a failed test (it didn't compile, it couldn't start) is a failure all the same.
  else if ((!ok || !counted) && Object.values(counts).reduce((sum, [, failed]) => sum + failed, 0) === failedBefore) add('checks', 0, 1);
  const passed = ok && counted;
  if (!passed) failures.push(name);
  console.log(`test: ${name} ${passed ? 'passed' : 'FAILED'} after ${((Date.now() - started) / 1000).toFixed(0)} s`);
  return passed;
}

function close(left) {
  if (counts.rust[0] + counts.rust[1] === 0 && !left.includes('rust')) counts.checks[1] += 1;
  if (failures.length) console.log(`\ntest: failed: ${failures.join(', ')}`);
  if (left.length) console.log(`test: not run, since something before it failed: ${left.join(', ')}`);
  const [passed, failed] = Object.values(counts).reduce(([p, f], [a, b]) => [p + a, f + b], [0, 0]);
  console.log(`\n${Object.entries(counts).map(([name, [p, f]]) => `${name}: ${p} passed, ${f} failed`).join(' · ')}`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed > 0 || failures.length > 0 || left.length > 0 ? 1 : 0);
}

let stopped = false;
const left = [];
for (const stage of STAGES) {
  for (const one of stage) {
    if (stopped && !keepGoing) left.push(one.name);
    else await step(one);
  }
  stopped = failures.length > 0;
}
close(left);
