#!/usr/bin/env node
// `make dev`: builds quickly, serves the demo at the usual address, and on every change builds what the change asks for,
// restarts the server and reloads the pages that are open.
//
//   style/, public/, app/hosted-js/                  site pages only, under a second
//   app/, crates/domain/                             WebAssembly and server
//   src/, other crates, migrations/, Cargo.*         server only
//
// A small proxy stands at PAYDECK_LISTEN: while the server restarts it holds requests back instead of refusing them, and it
// adds a script (with the page's own nonce) that waits for the word to reload. When a build fails, its output stands in this
// terminal and the old server goes on. The demo's data is in ./data, as with `make run`.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const targetDir = path.resolve(root, process.env.CARGO_TARGET_DIR || 'target');
const [host, port] = (process.env.PAYDECK_LISTEN || '127.0.0.1:3000').split(':');
const site = path.join(root, 'target/site-dev');
const WATCHED = ['app', 'crates', 'src', 'style', 'public', 'migrations', 'Cargo.toml', 'Cargo.lock'];
const RELOAD = '/__dev/reload';
const SETTLE_MS = 150;

const say = (text) => console.log(`dev: ${text}`);
let backend; // { child, port }
const listeners = new Set();
const children = new Set();

/** Which builds a changed file asks for. */
function buildsFor(file) {
  if (/(^|\/)(target|node_modules|\.git|tests|benches)(\/|$)|(~|\.swp|\.half)$|^\./.test(file)) return [];
  if (/^(style|public|app\/hosted-js)\//.test(file)) return ['pages'];
  if (/^(app|crates\/domain)\//.test(file) || /^Cargo\./.test(file)) return ['wasm', 'server'];
  return ['server'];
}

function build(program, ...args) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit' });
    children.add(child);
    child.on('close', (code) => {
      children.delete(child);
      resolve(code === 0);
    });
    child.on('error', () => resolve(false));
  });
}

async function buildAll(wanted) {
  const started = Date.now();
  let ok = true;
  if (wanted.has('server')) ok = await build('cargo', 'build', '--workspace', '--bin', 'paydeck');
  if (ok && wanted.has('wasm')) ok = await build('node', 'tools/build-site.mjs', '--dev');
  else if (ok && wanted.has('pages')) ok = await build('node', 'tools/build-site.mjs', '--dev', '--pages');
  say(ok ? `built in ${((Date.now() - started) / 1000).toFixed(1)} s` : 'the build failed; the server before it goes on');
  return ok;
}

async function freePort() {
  const probe = net.createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const found = probe.address().port;
  await new Promise((resolve) => probe.close(resolve));
  return found;
}

async function restart() {
  if (backend) await stopBackend();
  const at = await freePort();
  const child = spawn(path.join(targetDir, 'debug/paydeck'), ['serve', '--demo'], {
    cwd: root, stdio: 'inherit', env: { ...process.env, PAYDECK_LISTEN: `127.0.0.1:${at}`, PAYDECK_SITE_DIR: site },
  });
  child.on('exit', (code) => {
    if (backend?.child === child) {
      say(`the server ended with ${code}; it starts again after the next change`);
      backend = undefined;
    }
  });
  backend = { child, port: at };
  while (backend?.child === child && !(await answers(at))) await new Promise((resolve) => setTimeout(resolve, 100));
  if (backend?.child === child) say(`ready at ${process.env.PAYDECK_PUBLIC_URL || `http://${host}:${port}`}`);
}

function stopBackend() {
  const { child } = backend;
  backend = undefined;
  return new Promise((resolve) => {
    const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
    child.on('exit', () => {
      clearTimeout(late);
      resolve();
    });
    child.kill('SIGTERM');
  });
}

async function answers(at) {
  try {
    return (await fetch(`http://127.0.0.1:${at}/readyz`, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
}

const snippet = (nonce) =>
  `<script nonce="${nonce}">new EventSource("${RELOAD}").onmessage=()=>location.reload()</script>`;

/** One request passed on to the server; pages get the script that reloads them. */
async function pass(request, response) {
  if (request.url === RELOAD) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': waiting\n\n');
    listeners.add(response);
    request.on('close', () => listeners.delete(response));
    return;
  }
  for (let tries = 0; tries < 300 && !(backend && (await answers(backend.port))); tries += 1) await new Promise((resolve) => setTimeout(resolve, 100));
  if (!backend) {
    response.writeHead(503, { 'content-type': 'text/plain', 'retry-after': '2' });
    response.end('The server is not running; see the terminal of `make dev`.');
    return;
  }
  const headers = { ...request.headers, 'accept-encoding': 'identity' };
  const onward = http.request({ host: '127.0.0.1', port: backend.port, method: request.method, path: request.url, headers }, (answer) => {
    const isPage = /text\/html/.test(answer.headers['content-type'] ?? '');
    const nonce = /'nonce-([^']+)'/.exec(answer.headers['content-security-policy'] ?? '')?.[1];
    if (!isPage || !nonce) {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
      return;
    }
    const { 'content-length': _, ...rest } = answer.headers;
    response.writeHead(answer.statusCode, { ...rest, 'cache-control': 'no-store' });
    answer.on('data', (chunk) => response.write(chunk));
    answer.on('end', () => response.end(request.method === 'HEAD' ? undefined : snippet(nonce)));
  });
  onward.on('error', (error) => {
    if (!response.headersSent) response.writeHead(502, { 'content-type': 'text/plain' });
    response.end(`The server did not answer: ${error.message}`);
  });
  request.pipe(onward);
}

/** Collects changes until they settle, builds, and begins again with what came meanwhile. */
function watch() {
  const wanted = new Set();
  let timer;
  let busy = false;
  const settle = () => {
    clearTimeout(timer);
    timer = setTimeout(work, SETTLE_MS);
  };
  async function work() {
    if (busy || !wanted.size) return;
    busy = true;
    const now = new Set(wanted);
    wanted.clear();
    if (await buildAll(now)) {
      await restart();
      for (const listener of listeners) listener.write('data: reload\n\n');
    }
    busy = false;
    if (wanted.size) settle();
  }
  const changed = (file) => {
    const builds = buildsFor(file.split(path.sep).join('/'));
    if (!builds.length) return;
    if (!wanted.size) say(`${file} changed`);
    builds.forEach((one) => wanted.add(one));
    settle();
  };
  for (const name of WATCHED) {
    const full = path.join(root, name);
    if (!fs.existsSync(full)) continue;
    const isFolder = fs.statSync(full).isDirectory();
    fs.watch(full, { recursive: isFolder }, (_, file) => changed(isFolder && file ? path.join(name, file) : name));
  }
}

process.on('exit', () => {
  backend?.child.kill('SIGTERM');
  for (const child of children) child.kill('SIGTERM');
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));

const proxy = http.createServer((request, response) => void pass(request, response));
proxy.on('error', (error) => {
  say(error.code === 'EADDRINUSE' ? `${host}:${port} is taken; set PORT=…` : error.message);
  process.exit(1);
});
proxy.listen(Number(port), host, async () => {
  watch();
  if (await buildAll(new Set(['server', 'wasm']))) await restart();
  else say('waiting for a change');
});
