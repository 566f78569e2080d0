// Puts built files into the site folder. The manifest is written last and names everything by content, so that a build
// that is cut short leaves the site as it was, and a running server keeps the files that its pages name.
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { promisify } from 'node:util';
import { sha, walk, writeWhole } from './common.mjs';

const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);
const COMPRESSIBLE = /\.(css|js|mjs|wasm|svg|json|txt|xml|html|ico|webmanifest|ttf|otf)$/;
const SMALLEST_WORTH_IT = 200;

/** `app.js` with this content is served as `assets/app.<hash>.js`. */
export function assetName(name, content) {
  const { name: stem, ext } = path.parse(name);
  return `assets/${stem}.${sha(content).slice(0, 16)}${ext}`;
}

/** Writes a file with its compressed twins; does nothing when the same content is there already. */
export async function put(site, name, content, { quick = false } = {}) {
  const file = path.join(site, name);
  const twins = COMPRESSIBLE.test(name) && content.length >= SMALLEST_WORTH_IT ? ['.br', '.gz'] : [];
  const all = [...twins.map((end) => file + end), file];
  if (all.every((f) => fs.existsSync(f)) && fs.readFileSync(file).equals(content)) return;
  if (twins.length) {
    const quality = quick ? 4 : 11;
    const [br, gz] = await Promise.all([
      brotli(content, { params: {
        [zlib.constants.BROTLI_PARAM_QUALITY]: quality,
        [zlib.constants.BROTLI_PARAM_LGWIN]: 24,
        [zlib.constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      } }),
      gzip(content, { level: quick ? 4 : 9 }),
    ]);
    // The old twins go first: at no moment does one stand beside a file that it isn't a twin of.
    for (const end of twins) fs.rmSync(file + end, { force: true });
    writeWhole(file, content);
    writeWhole(`${file}.br`, br);
    writeWhole(`${file}.gz`, gz);
  } else {
    writeWhole(file, content);
  }
}

/** The manifest of the last build, or nothing. */
export function readManifest(site) {
  try {
    return JSON.parse(fs.readFileSync(path.join(site, 'manifest.json'), 'utf8'));
  } catch {
    return {};
  }
}

/** The commit: from here on a server that starts uses the new files. */
export function writeManifest(site, manifest) {
  const sorted = Object.fromEntries(Object.entries(manifest).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeWhole(path.join(site, 'manifest.json'), `${JSON.stringify(sorted, null, 2)}\n`);
}

/** Removes what neither this manifest nor the one before it names (a server may still run on that one). */
export function sweep(site, plain, ...manifests) {
  const kept = new Set(['manifest.json', '.build.json', ...plain]);
  for (const manifest of manifests) for (const address of Object.values(manifest)) kept.add(address.replace(/^\//, ''));
  for (const name of walk(site)) {
    if (name.startsWith(`pkg${path.sep}`)) continue;
    if (!kept.has(name) && !kept.has(name.replace(/\.(br|gz)$/, ''))) fs.rmSync(path.join(site, name), { force: true });
  }
}
