#!/usr/bin/env node
// Proves the arrows of docs/ARCHITECTURE.md: which crate may depend on which, what may not be reached from the browser's
// half or from the pure crates, and that only `store` knows the database driver.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** domain <- store, gateways <- services <- app[ssr] <- paydeck. Tests (dev-dependencies) may use test-support anywhere. */
const MAY_USE = {
  domain: [],
  store: ['domain'],
  gateways: ['domain'],
  services: ['domain', 'store', 'gateways'],
  app: ['domain', 'services'],
  paydeck: ['app', 'domain', 'gateways', 'services', 'store'],
  'test-support': ['domain', 'gateways', 'services', 'store', 'app', 'paydeck'],
};
const DRIVERS = /^(sqlx(-.*)?|rusqlite|libsqlite3-sys|tokio-postgres|postgres|diesel|sea-orm)$/;
// What a client of HTTP is made of is no web server: reqwest brings it to the gateways.
const PAGES = /^(leptos|leptos_.*|axum|axum-.*)$/;
const WEB = /^(leptos|leptos_.*|axum|axum-.*|tower-http|hyper-util)$/;
const IO = /^(tokio|mio|socket2|hyper|reqwest|axum|leptos|sqlx.*|async-std|smol|rand|getrandom|rustls|tracing-subscriber|tempfile|clap)$/;
const SERVER_ONLY = /^(sqlx.*|store|gateways|services|axum|hyper|tokio|mio|argon2|chacha20poly1305|lettre|rustls|secrecy)$/;

const broken = [];
const complain = (text) => broken.push(text);

function cargo(args) {
  const done = spawnSync('cargo', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (done.status !== 0) {
    console.error(done.stderr);
    console.error(`arrows: cargo ${args[0]} failed`);
    process.exit(1);
  }
  return done.stdout;
}

/** Names of all crates that a package is built from. */
function treeOf(name, ...more) {
  const lines = cargo(['tree', '-p', name, '-e', 'normal', '--prefix', 'none', '--format', '{p}', ...more]).split('\n');
  return [...new Set(lines.map((line) => line.split(' ')[0]).filter(Boolean))];
}

function nothingOf(pattern, names, words) {
  const found = names.filter((name) => pattern.test(name));
  if (found.length) complain(`${words}: ${found.join(', ')}`);
}

function checkManifests() {
  const { packages } = JSON.parse(cargo(['metadata', '--no-deps', '--format-version', '1']));
  const ours = new Set(packages.map((p) => p.name));
  for (const pack of packages) {
    const allowed = MAY_USE[pack.name];
    if (!allowed) {
      complain(`${pack.name} is a new crate: say in tools/check-arrows.mjs what it may use`);
      continue;
    }
    for (const dep of pack.dependencies) {
      if (ours.has(dep.name) && dep.kind !== 'dev' && !allowed.includes(dep.name)) complain(`${pack.name} may not use ${dep.name}`);
      if (DRIVERS.test(dep.name) && pack.name !== 'store') complain(`${pack.name} names ${dep.name}: only store may`);
    }
    if (pack.name === 'app') {
      const services = pack.dependencies.find((dep) => dep.name === 'services');
      if (services && !services.optional) complain('app must use services only when "ssr" switches it on');
    }
  }
}

function checkTrees() {
  const browser = treeOf('app', '--target', 'wasm32-unknown-unknown', '--no-default-features', '--features', 'hydrate');
  nothingOf(SERVER_ONLY, browser, "the browser's half of app reaches the server's crates");
  nothingOf(IO, treeOf('domain'), 'domain reaches crates that do I/O');
  for (const name of ['domain', 'store']) nothingOf(WEB, treeOf(name), `${name} reaches the web's crates`);
  for (const name of ['gateways', 'services']) nothingOf(PAGES, treeOf(name), `${name} reaches the web's crates`);
  for (const name of ['domain', 'gateways']) nothingOf(DRIVERS, treeOf(name), `${name} reaches a database driver`);
}

/** Each Rust file below the folders, line by line, without comments. */
function* rustLines(...folders) {
  for (const folder of folders) {
    const full = path.join(root, folder);
    if (!fs.existsSync(full)) continue;
    for (const name of fs.readdirSync(full, { recursive: true })) {
      if (!String(name).endsWith('.rs')) continue;
      const file = path.join(folder, String(name));
      const lines = fs.readFileSync(path.join(root, file), 'utf8').split('\n');
      for (const [at, line] of lines.entries()) yield { where: `${file}:${at + 1}`, code: line.replace(/(^|\s)\/\/.*$/, '') };
    }
  }
}

function checkSources() {
  for (const { where, code } of rustLines('crates/domain/src')) {
    const found = code.match(/\bstd::(fs|net|process|env)\b|\b(SystemTime|Instant)::now\b/);
    if (found) complain(`${where}: domain does no I/O and has no clock (${found[0]})`);
  }
  for (const { where, code } of rustLines('src', 'app/src', 'crates/services/src', 'crates/gateways/src', 'crates/domain/src')) {
    if (/\bsqlx::/.test(code)) complain(`${where}: only store names sqlx`);
  }
}

checkManifests();
checkTrees();
checkSources();
for (const text of broken) console.error(`arrows: ${text}`);
if (broken.length) process.exit(1);
console.log('arrows: every dependency points the right way');
