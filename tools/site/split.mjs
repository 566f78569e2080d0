// Cuts the compiled WebAssembly at its lazy functions: one part that every page needs, and the parts of each group of pages
// (app/src/lazy.rs), which the browser fetches when such a page is first visited.
import fs from 'node:fs';
import path from 'node:path';
import { Failure, root, run, targetDir } from './common.mjs';

const version = fs.readFileSync(path.join(root, 'tools/wasm-split.version'), 'utf8').trim();

/** Where the splitter lies (tools/need.sh wasm-split puts it there). */
export const splitterPath = () => path.join(targetDir, 'tools', `wasm-split-${version}`, 'bin', 'wasm-split-cli');

/**
 * Splits `raw` into `work`: app.wasm for wasm-bindgen, the parts beside it, and __wasm_split.js, which loads them. Answers with
 * the parts' file names by group: `{ load_money: ['chunk_5.wasm', 'split_load_money_….wasm'], … }`.
 */
export function split(raw, work) {
  const cli = splitterPath();
  if (!fs.existsSync(cli)) throw new Failure(`${cli} is missing: run tools/need.sh wasm-split`);
  run(cli, [raw, work, '--out-name', 'app']);
  return groupsOf(fs.readFileSync(path.join(work, '__wasm_split.js'), 'utf8'));
}

/** Reads the loaders: each names the file that it fetches and the chunks that it waits for. */
export function groupsOf(loader) {
  const chunks = {};
  for (const [, name, file] of loader.matchAll(/const (__chunk_\d+) = makeLoad\(\(\) => \{\s*const src = fetch\(new URL\("\.\/([^"]+)"/g)) {
    chunks[name] = file;
  }
  const groups = {};
  const lazy = /export const __wasm_split_load_(\w+?)_\d+ = wrapAsyncCb\(makeLoad\(\(\) => \{\s*const src = fetch\(new URL\("\.\/([^"]+)"[\s\S]*?, \[([^\]]*)\]\)\);/g;
  for (const [, group, file, needs] of loader.matchAll(lazy)) {
    groups[group] = [...needs.split(', ').filter(Boolean).map((name) => chunks[name]), file];
  }
  const named = Object.values(groups).flat();
  if (named.length === 0 || named.includes(undefined)) throw new Failure('the splitter wrote a loader of another shape');
  return groups;
}
