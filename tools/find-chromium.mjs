#!/usr/bin/env node
// Prints the browser that the end-to-end tests drive: PAYDECK_CHROMIUM, or the first Chromium or Chrome found.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const PLACES = [
  '/snap/bin/chromium',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

export function findChromium() {
  const named = process.env.PAYDECK_CHROMIUM;
  if (named) return fs.existsSync(named) ? named : undefined;
  const onPath = (process.env.PATH ?? '').split(path.delimiter).flatMap((dir) => NAMES.map((name) => path.join(dir, name)));
  return [...onPath, ...PLACES].find((file) => fs.existsSync(file));
}

if (process.argv[1] && import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href) {
  const found = findChromium();
  if (!found) {
    console.error('no Chromium or Chrome found; PAYDECK_CHROMIUM may name one');
    process.exit(1);
  }
  console.log(found);
}
