// Style sheets, the hosted pages' scripts, and the files of public/.
import fs from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { Failure, root, walk } from './common.mjs';

export const PAGE_INPUTS = ['style', 'public', 'app/hosted-js', 'tools/build-site.mjs', 'tools/site', 'tools/package-lock.json'];
const SHEETS = ['portal', 'hosted'];
/** Addresses that the server answers; the bundler leaves them as they are. */
const SERVED = ['/fonts/*', '/images/*', '/assets/*', '/icons.svg'];
/** Files of public/ that get a hashed name in the manifest (beside their plain one). */
const HASHED = ['icons.svg'];

/** One minified file for each entry sheet. Nothing is lowered: nesting, layers and light-dark() are what we write. */
async function sheets(dev) {
  return Promise.all(SHEETS.map(async (name) => {
    const entry = path.join(root, 'style', `${name}.css`);
    if (!fs.existsSync(entry)) throw new Failure(`style/${name}.css is missing`);
    return { name: `${name}.css`, content: await bundle(entry, { external: SERVED, target: 'esnext' }, dev) };
  }));
}

/** Each script of app/hosted-js that doesn't start with an underscore, for browsers that customers have. */
async function scripts(dev) {
  const folder = path.join(root, 'app/hosted-js');
  const entries = walk(folder, (f) => /^[^_/][^/]*\.(js|ts)$/.test(f) && !f.endsWith('.d.ts'));
  return Promise.all(entries.map(async (file) => ({
    name: file.replace(/\.ts$/, '.js'),
    content: await bundle(path.join(folder, file), { format: 'iife', target: 'es2020' }, dev),
  })));
}

async function bundle(entry, options, dev) {
  try {
    const built = await build({
      entryPoints: [entry], bundle: true, minify: !dev, write: false, legalComments: 'none',
      charset: 'utf8', logLevel: 'error', ...options,
    });
    return Buffer.from(built.outputFiles[0].contents);
  } catch (error) {
    if (error.errors) throw new Failure(`${path.relative(root, entry)} can't be bundled`);
    throw error;
  }
}

/** Everything but the WebAssembly: what gets a hashed name, and what keeps its own. */
export async function buildPages(dev) {
  const folder = path.join(root, 'public');
  const plain = walk(folder).map((name) => ({ name, content: fs.readFileSync(path.join(folder, name)) }));
  const hashed = [...(await sheets(dev)), ...(await scripts(dev)), ...plain.filter((file) => HASHED.includes(file.name))];
  return { hashed, plain };
}
