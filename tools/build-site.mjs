#!/usr/bin/env node
// Builds the site folder that the server serves: the WebAssembly app, style sheets, scripts, fonts and icons, each with a
// brotli and a gzip twin, and manifest.json, which tells the server their hashed addresses.
//
//   node tools/build-site.mjs                 optimised, into ./site
//   node tools/build-site.mjs --dev           quick to build, into ./target/site-dev
//   node tools/build-site.mjs --pages         only sheets, scripts and public/; the WebAssembly stays as it was built last
//   node tools/build-site.mjs --cargo-leptos  pages for `cargo leptos watch`, which builds the WebAssembly itself
//   --out DIR  another folder        --force  don't look at what was built before
//
// It does nothing when nothing has changed. The manifest is written last, so that a build that stops half-way changes nothing.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Failure, bytes, hashOf, root, say, writeWhole } from './site/common.mjs';
import { PAGE_INPUTS, buildPages } from './site/pages.mjs';
import { assetName, put, readManifest, sweep, writeManifest } from './site/publish.mjs';
import { buildWasm, wasmInputs } from './site/wasm.mjs';

const { values: flags } = parseArgs({
  options: {
    dev: { type: 'boolean' }, pages: { type: 'boolean' }, 'cargo-leptos': { type: 'boolean' },
    out: { type: 'string' }, force: { type: 'boolean' },
  },
});

/** cargo-leptos copies this folder over its site root, and writes its own output there under /pkg. */
const LEPTOS = { out: 'target/site-leptos', manifest: { 'app.js': '/pkg/app.js', 'app.wasm': '/pkg/app.wasm' } };

function settings() {
  const dev = Boolean(flags.dev || flags['cargo-leptos']);
  const byDefault = flags['cargo-leptos'] ? LEPTOS.out : dev ? 'target/site-dev' : 'site';
  return { dev, site: path.resolve(root, flags.out ?? byDefault), wasm: !flags.pages && !flags['cargo-leptos'] };
}

const readStamp = (site) => {
  try {
    return JSON.parse(fs.readFileSync(path.join(site, '.build.json'), 'utf8'));
  } catch {
    return {};
  }
};

const complete = (site, manifest) =>
  Object.values(manifest).every((address) => address.startsWith('/pkg/') || fs.existsSync(path.join(site, address)));

/** The app's entries of the manifest, freshly built: script, WebAssembly, and the parts of each group of pages, `<group>.<n>.wasm`. */
async function publishWasm(site, dev, inputs) {
  const folder = await buildWasm({ dev, inputs });
  const read = (name) => fs.readFileSync(path.join(folder, name));
  const add = async (name, content) => {
    const asset = assetName(name, content);
    await put(site, asset, content, { quick: dev });
    return `/${asset}`;
  };
  const wasm = await add('app.wasm', read('app.wasm'));
  // The glue's own idea of where its WebAssembly lies, and where it fetches the parts: beside itself.
  let glue = read('app.js').toString().replaceAll('app_bg.wasm', path.basename(wasm));
  const entries = {};
  const groups = JSON.parse(read('parts.json'));
  for (const part of new Set(Object.values(groups).flat())) {
    entries[part] = await add(part, read(part));
    glue = glue.replaceAll(part, path.basename(entries[part]));
  }
  const js = await add('app.js', Buffer.from(glue));
  const parts = Object.entries(groups).flatMap(([group, files]) => files.map((file, i) => [`${group}.${i}.wasm`, entries[file]]));
  return { 'app.js': js, 'app.wasm': wasm, ...Object.fromEntries(parts) };
}

async function publishPages(site, dev) {
  const { hashed, plain } = await buildPages(dev);
  const entries = {};
  for (const file of hashed) {
    const asset = assetName(file.name, file.content);
    await put(site, asset, file.content);
    entries[file.name] = `/${asset}`;
  }
  for (const file of plain) await put(site, file.name, file.content);
  return { entries, plain: plain.map((file) => file.name) };
}

async function main() {
  const started = Date.now();
  const { dev, site, wasm } = settings();
  const before = readManifest(site);
  const stamp = flags.force ? {} : readStamp(site);
  const now = { pages: hashOf(PAGE_INPUTS, String(dev)), wasm: wasm ? wasmInputs(dev) : stamp.wasm };
  const shown = path.relative(process.cwd(), site) || '.';
  if (before['portal.css'] && stamp.pages === now.pages && stamp.wasm === now.wasm && complete(site, before)) {
    say(`${shown} is up to date`);
    return;
  }
  const appEntries = flags['cargo-leptos'] ? LEPTOS.manifest
    : wasm ? await publishWasm(site, dev, now.wasm)
    : Object.fromEntries(Object.entries(before).filter(([name]) => /^(app\.js|.*\.wasm)$/.test(name)));
  const { entries, plain } = await publishPages(site, dev);
  const manifest = { ...entries, ...appEntries };
  writeManifest(site, manifest);
  writeWhole(path.join(site, '.build.json'), `${JSON.stringify(now)}\n`);
  sweep(site, plain, manifest, before);
  report(site, manifest);
  say(`${shown} is ready after ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

function report(site, manifest) {
  for (const [name, address] of Object.entries(manifest).sort()) {
    const twin = path.join(site, `${address}.br`);
    if (fs.existsSync(twin)) say(`  ${name.padEnd(14)} ${bytes(fs.statSync(twin).size).padStart(9)} brotli`);
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(`site: ${error.message}`);
  process.exit(1);
}
