// What the site's build steps share: where things are, hashing, files, words to the person who waits.
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const targetDir = path.resolve(root, process.env.CARGO_TARGET_DIR || 'target');
/** Built pieces by the hash of what they were made of; shared by every checkout that shares the target folder. */
export const cacheDir = path.join(targetDir, 'site-cache');

export const say = (text) => console.log(`site: ${text}`);

/** A failure that a person can act on: printed without a stack. */
export class Failure extends Error {}

export const sha = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
};

export const bytes = (n) =>
  n < 1024 ? `${n} B` : n < 1 << 20 ? `${(n / 1024).toFixed(1)} KB` : `${(n / (1 << 20)).toFixed(2)} MB`;

/** All files below `dir`, sorted, as paths relative to it. */
export function walk(dir, keep = () => true) {
  if (!fs.existsSync(dir)) return [];
  return fs
    .readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath ?? entry.path, entry.name)))
    .filter((name) => !name.split(path.sep).some((part) => part.startsWith('.')) && keep(name))
    .sort();
}

/** One hash over files and folders (names and contents), so that a checkout's age says nothing. */
export function hashOf(paths, salt = '') {
  const hash = createHash('sha256').update(salt);
  for (const name of paths) {
    const full = path.join(root, name);
    if (!fs.existsSync(full)) continue;
    const files = fs.statSync(full).isDirectory() ? walk(full).map((f) => path.join(name, f)) : [name];
    for (const file of files) hash.update(`${file}\0`).update(fs.readFileSync(path.join(root, file))).update('\0');
  }
  return hash.digest('hex');
}

/** Writes beside the place and renames, so that a reader sees the old file or the new one. */
export function writeWhole(file, content) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const half = `${file}.${process.pid}.half`;
  fs.writeFileSync(half, content);
  fs.renameSync(half, file);
}

/** Runs a program, its output shown; fails with its name. */
export function run(program, args, options = {}) {
  const done = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options });
  if (done.error) throw new Failure(`${program} can't be started: ${done.error.message}`);
  if (done.status !== 0) throw new Failure(`${program} ended with ${done.status ?? done.signal}`);
}

/** What a program prints. */
export function ask(program, args) {
  const done = spawnSync(program, args, { cwd: root, encoding: 'utf8' });
  if (done.error || done.status !== 0) throw new Failure(`${program} ${args.join(' ')} failed: ${done.error?.message ?? done.stderr}`);
  return done.stdout.trim();
}

/** The version of a crate that Cargo.lock pins. */
export function lockedVersion(crate) {
  const lock = fs.readFileSync(path.join(root, 'Cargo.lock'), 'utf8');
  const found = lock.match(new RegExp(`name = "${crate}"\\nversion = "([^"]+)"`));
  if (!found) throw new Failure(`Cargo.lock doesn't name ${crate}`);
  return found[1];
}
