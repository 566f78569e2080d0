#!/usr/bin/env node
// Checks of sources that no compiler makes: style attributes in markup (the Content-Security-Policy refuses them), placeholder
// words in what people read, catalogue files that lost a key to its twin, sleeps in tests, addresses of other hosts in pages.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const broken = [];
const complain = (where, text) => broken.push(`${where}: ${text}`);

const SKIP = new Set(['node_modules', 'target', 'test-results', 'playwright-report']);

function* files(folder, ends) {
  const full = path.join(root, folder);
  if (!fs.existsSync(full)) return;
  for (const entry of fs.readdirSync(full, { withFileTypes: true })) {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!SKIP.has(entry.name)) yield* files(name, ends);
    } else if (ends.test(entry.name)) yield name;
  }
}

function* lines(folders, ends) {
  for (const folder of folders) {
    for (const file of files(folder, ends)) {
      for (const [at, line] of fs.readFileSync(path.join(root, file), 'utf8').split('\n').entries()) {
        if (/^#\[cfg\(test\)\]/.test(line) && /\.rs$/.test(file)) break; // tests stand last
        if (!/^\s*(\/\/|\*)/.test(line)) yield { where: `${file}:${at + 1}`, line };
      }
    }
  }
}

/** rustfmt puts spaces round an assignment, so that `style=` can only be an attribute. */
function checkMarkup() {
  for (const { where, line } of lines(['app/src', 'app/hosted-js', 'src'], /\.(rs|html|js|ts)$/)) {
    if (/(^|[\s<"'`\\])style(:[\w-]+)?=(?![=>])/.test(line)) complain(where, 'a style attribute; use a class');
    if (/\s(on[a-z]+)="/.test(line)) complain(where, 'an inline event handler; use a script of ours');
    if (/\b(src|action)=\\?"https?:\/\//.test(line)) complain(where, 'an address of another host in a page');
  }
}

function checkCatalogue() {
  const folder = path.join(root, 'app/locales');
  if (!fs.existsSync(folder)) return;
  const languages = fs.readdirSync(folder).filter((name) => fs.statSync(path.join(folder, name)).isDirectory());
  const areas = new Set(languages.flatMap((language) => fs.readdirSync(path.join(folder, language))));
  for (const language of languages) {
    for (const area of areas) {
      const file = path.join('app/locales', language, area);
      if (!fs.existsSync(path.join(root, file))) complain(file, 'missing; another language has it');
      else checkArea(file);
    }
  }
}

function checkArea(file) {
  const text = fs.readFileSync(path.join(root, file), 'utf8');
  let parsed;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    complain(file, `not JSON: ${error.message}`);
    return;
  }
  const keys = [...text.matchAll(/^ {0,2}"((?:[^"\\]|\\.)*)"\s*:/gm)].map((found) => found[1]);
  for (const key of keys.filter((key, at) => keys.indexOf(key) !== at)) complain(file, `"${key}" stands twice`);
  for (const [key, value] of Object.entries(parsed)) {
    const texts = typeof value === 'string' ? [value] : pluralTexts(value);
    if (!texts) complain(file, `"${key}" is neither a text nor plural forms with "other"`);
    else if (texts.some((text) => !text.trim())) complain(file, `"${key}" is empty`);
    else if (key.startsWith('mail.') && texts.some((text) => /[<&]/.test(text))) complain(file, `"${key}" holds markup; mails put it into HTML as it is`);
    else if (texts.some((text) => PLACEHOLDER.test(text))) complain(file, `"${key}" is a placeholder`);
  }
}

const PLACEHOLDER = /\b(TODO|FIXME|XXX|TBD|lorem ipsum|coming soon|not implemented)\b/i;
const PLURALS = new Set(['zero', 'one', 'two', 'few', 'many', 'other']);

/** {"one": "…", "other": "…"}: forms named as Unicode's plural rules name them. */
function pluralTexts(value) {
  if (value === null || typeof value !== 'object' || Array.isArray(value) || typeof value.other !== 'string') return undefined;
  const forms = Object.entries(value);
  return forms.every(([form, text]) => PLURALS.has(form) && typeof text === 'string') ? forms.map(([, text]) => text) : undefined;
}

/** A test that sleeps is slow when it passes and wrong when the machine is slow. */
function checkTests() {
  for (const { where, line } of lines(['tests', 'crates/store/tests', 'crates/services/tests', 'crates/gateways/tests', 'crates/domain/tests'], /\.rs$/)) {
    if (/\b(tokio::time|std::thread|thread|time)::sleep\(/.test(line)) complain(where, 'a sleep in a test: wait for the thing itself, or move the mock clock');
  }
  for (const { where, line } of lines(['end2end'], /\.ts$/)) {
    if (/\bwaitForTimeout\(|\btest\.(only|skip|fixme)\(/.test(line)) complain(where, 'a sleep, or a test that is left out');
  }
}

checkMarkup();
checkCatalogue();
checkTests();
for (const text of broken) console.error(`texts: ${text}`);
if (broken.length) process.exit(1);
console.log('texts: markup, catalogues and tests are clean');
