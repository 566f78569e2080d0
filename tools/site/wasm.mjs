// The browser's half: compile `app` to WebAssembly, split, bind, optimise, minify the glue.
import fs from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { Failure, ask, bytes, cacheDir, hashOf, lockedVersion, root, run, say, sha, targetDir } from './common.mjs';
import { split } from './split.mjs';

const TARGET = 'wasm32-unknown-unknown';
/** All that the compiled app can depend on. */
const INPUTS = ['Cargo.toml', 'Cargo.lock', '.cargo', 'rust-toolchain.toml', 'app', 'crates/domain'];
/** What rustc 1.82 and later use without being asked (baseline of every browser since 2023). */
const FEATURES = [
  'bulk-memory', 'bulk-memory-opt', 'call-indirect-overlong', 'extended-const', 'multivalue',
  'mutable-globals', 'nontrapping-float-to-int', 'reference-types', 'sign-ext',
].map((name) => `--enable-${name}`);
/** `--dev`: quick to compile, no debug information. It stands here so that no Cargo profile is needed for it. */
const DEV_PROFILE = ['inherits="dev"', 'opt-level=1', 'debug=false', 'strip="debuginfo"', 'panic="abort"']
  .flatMap((setting) => ['--config', `profile.wasm-dev.${setting}`]);
const KEEP = 6;

/** Where the pinned wasm-bindgen CLI lies (tools/need.sh wasm-bindgen puts it there). */
export const bindgenPath = () => path.join(targetDir, 'tools', `wasm-bindgen-${lockedVersion('wasm-bindgen')}`, 'bin', 'wasm-bindgen');

/** Hash of everything that decides what the app's WebAssembly is. The folder is part: server functions' addresses are made of it. */
export const wasmInputs = (dev) =>
  hashOf(INPUTS, sha(root, ask('rustc', ['-V']), dev ? 'dev' : 'release', process.env.RUSTFLAGS ?? '', recipe()));

const recipe = () => sha(...['wasm.mjs', 'split.mjs', '../wasm-split.version', '../package-lock.json'].map((f) => fs.readFileSync(path.join(root, 'tools/site', f))));

/** Builds what is not in the cache; answers with the folder that holds app.js, app.wasm, the parts, and parts.json. */
export async function buildWasm({ dev, inputs }) {
  const done = path.join(cacheDir, `wasm-${inputs.slice(0, 24)}`);
  if (fs.existsSync(path.join(done, 'app.wasm'))) return touch(done);
  const started = Date.now();
  const raw = compile(dev);
  // The same code out of other inputs (a comment, a server's dependency): skip what is slow after the compiler.
  const bound = path.join(cacheDir, `bound-${sha(fs.readFileSync(raw), recipe(), String(dev)).slice(0, 24)}`);
  if (!fs.existsSync(path.join(bound, 'app.wasm'))) await bind(raw, bound, dev);
  place(done, (half) => fs.cpSync(bound, half, { recursive: true }));
  prune();
  const size = fs.statSync(path.join(done, 'app.wasm')).size;
  say(`WebAssembly ready after ${((Date.now() - started) / 1000).toFixed(0)} s, ${bytes(size)} before compression`);
  return done;
}

function compile(dev) {
  const profile = dev ? 'wasm-dev' : 'wasm-release';
  say(`compiling app for ${TARGET} (${profile})`);
  run('cargo', [
    'build', '--package', 'app', '--lib', '--target', TARGET, '--no-default-features', '--features', 'hydrate',
    '--profile', profile, ...(dev ? DEV_PROFILE : []),
  ], { env: { ...process.env, CARGO_TARGET_DIR: targetDir } });
  return path.join(targetDir, TARGET, profile, 'app.wasm');
}

async function bind(raw, bound, dev) {
  const cli = bindgenPath();
  if (!fs.existsSync(cli)) throw new Failure(`${cli} is missing: run tools/need.sh wasm-bindgen`);
  const work = `${bound}.${process.pid}.work`;
  fs.rmSync(work, { recursive: true, force: true });
  fs.mkdirSync(work, { recursive: true });
  try {
    const groups = split(raw, work);
    say('binding with wasm-bindgen');
    // The parts find what they share with the main one by the linker's own names.
    run(cli, [
      path.join(work, 'app.wasm'), '--target', 'web', '--no-typescript', '--keep-lld-exports', '--no-demangle',
      '--out-dir', work, '--out-name', 'app',
    ]);
    const parts = [...new Set(Object.values(groups).flat())];
    if (!dev) say(`optimising ${parts.length + 1} parts with wasm-opt -Oz`);
    for (const part of ['app_bg.wasm', ...parts]) optimise(path.join(work, part), dev);
    // One file: the glue and the snippets that crates bring along.
    const glue = await build({
      entryPoints: [path.join(work, 'app.js')], bundle: true, minify: !dev, format: 'esm', target: 'es2022',
      write: false, legalComments: 'none', logLevel: 'warning',
    });
    place(bound, (half) => {
      fs.mkdirSync(half, { recursive: true });
      fs.copyFileSync(path.join(work, 'app_bg.wasm'), path.join(half, 'app.wasm'));
      for (const part of parts) fs.copyFileSync(path.join(work, part), path.join(half, part));
      fs.writeFileSync(path.join(half, 'app.js'), glue.outputFiles[0].contents);
      fs.writeFileSync(path.join(half, 'parts.json'), JSON.stringify(groups));
    });
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

/** Makes a file small in place; a build for development is only rid of what no browser reads. */
function optimise(file, dev) {
  const level = dev ? ['-O0'] : ['-Oz', '--converge'];
  run(path.join(root, 'tools/node_modules/.bin/wasm-opt'), [
    file, '-o', file, ...level, '--strip-debug', '--strip-producers', '--strip-target-features', ...FEATURES,
  ], { stdio: ['ignore', 'inherit', 'ignore'] });
}

/** Fills a folder under another name and renames it: it is whole or not there. */
function place(folder, fill) {
  const half = `${folder}.${process.pid}.half`;
  fs.rmSync(half, { recursive: true, force: true });
  fill(half);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.renameSync(half, folder);
}

function touch(folder) {
  fs.utimesSync(folder, new Date(), new Date());
  return folder;
}

/** Keeps the newest builds of each kind. */
function prune() {
  for (const kind of ['wasm-', 'bound-']) {
    fs.readdirSync(cacheDir)
      .filter((name) => name.startsWith(kind))
      .map((name) => ({ name, at: fs.statSync(path.join(cacheDir, name)).mtimeMs }))
      .sort((a, b) => b.at - a.at)
      .slice(KEEP)
      .forEach(({ name }) => fs.rmSync(path.join(cacheDir, name), { recursive: true, force: true }));
  }
}
