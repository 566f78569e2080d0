#!/usr/bin/env node
// Plants the faults of tests/mutants/, one after the other, in a copy of HEAD, and expects the test that each names to go red.
// A fault that no test notices, or that does not compile, fails. Names of patches as arguments choose some of them.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const folder = path.join(root, 'tests/mutants');
const target = path.join(path.resolve(root, process.env.CARGO_TARGET_DIR || 'target'), 'mutants');
const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'paydeck-mutants-'));

const run = (program, args, options = {}) =>
  spawnSync(program, args, { cwd: copy, encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, CARGO_TARGET_DIR: target }, ...options });

function must(program, args, options) {
  const done = run(program, args, options);
  if (done.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${done.stderr || done.error?.message}`);
  return done.stdout;
}

/** `Test: <package> <test binary> <name>` and `Why: …` stand above the diff. */
function read(name) {
  const text = fs.readFileSync(path.join(folder, name), 'utf8');
  const [, pack, binary, test] = text.match(/^Test: (\S+) (\S+) (\S+)$/m) ?? [];
  const [, why] = text.match(/^Why: (.+)$/m) ?? [];
  if (!test || !why) throw new Error(`${name}: "Test: package binary name" and "Why: …" must stand at its top`);
  return { name, pack, binary, test, why };
}

/** `passed`, `failed`, or what the compiler said. */
function outcome({ pack, binary, test }) {
  const done = run('cargo', ['test', '--package', pack, '--test', binary, '--', '--exact', test]);
  const said = `${done.stdout}\n${done.stderr}`;
  if (/^test result: ok\. 1 passed/m.test(said)) return 'passed';
  if (said.includes(`test ${test} ... FAILED`)) return 'failed';
  return said.slice(-3000);
}

let broken = 0;
try {
  fs.rmdirSync(copy);
  must('git', ['worktree', 'add', '--detach', '--quiet', copy, 'HEAD'], { cwd: root });
  if (must('git', ['status', '--porcelain', '--untracked-files=no'], { cwd: root }).trim()) {
    console.log('mutants: what is not committed is left out');
  }
  const asked = process.argv.slice(2);
  const mutants = fs.readdirSync(folder).filter((name) => name.endsWith('.patch')).sort().map(read)
    .filter(({ name }) => !asked.length || asked.some((some) => name.startsWith(some)));
  for (const mutant of mutants) {
    const before = outcome(mutant);
    if (before !== 'passed') {
      broken += 1;
      console.error(`mutants: ${mutant.test} does not pass without any fault:\n${before}`);
    }
  }
  for (const mutant of mutants) {
    must('git', ['apply', path.join(folder, mutant.name)]);
    const after = outcome(mutant);
    must('git', ['checkout', '--quiet', '.']);
    if (after === 'failed') {
      console.log(`mutants: ${mutant.name}: ${mutant.test} goes red`);
    } else {
      broken += 1;
      console.error(`mutants: ${mutant.name}: ${after === 'passed' ? `${mutant.test} does not notice: ${mutant.why}` : after}`);
    }
  }
  console.log(`mutants: ${mutants.length - broken} of ${mutants.length} planted faults are noticed`);
} finally {
  run('git', ['worktree', 'remove', '--force', copy], { cwd: root });
}
process.exit(broken ? 1 : 0);
