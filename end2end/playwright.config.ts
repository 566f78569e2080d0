import { defineConfig, devices } from '@playwright/test';
import { chromiumPath } from './fixtures/chromium.ts';
import type { WorkerOptions } from './fixtures/server.ts';

/**
 * Two projects, one for each database. `sqlite` runs every test; `postgres` runs those tagged `@engines`.
 * Each worker has a server and a database of its own (fixtures/server.ts).
 */
export default defineConfig<object, WorkerOptions>({
  testDir: './tests',
  outputDir: './test-results/artifacts',
  globalSetup: './fixtures/clean.ts',
  workers: 2,
  fullyParallel: true,
  retries: 0,
  forbidOnly: true,
  timeout: 180_000,
  expect: { timeout: 20_000 },
  reporter: [['list'], ['json', { outputFile: 'test-results/report.json' }]],
  use: {
    ...devices['Desktop Chrome'],
    channel: undefined,
    locale: 'en-GB',
    timezoneId: 'Europe/Stockholm',
    // Traces cost time, and writing one has failed a test that was fine: TRACE=1 asks for them.
    trace: process.env.TRACE ? 'retain-on-failure' : 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: chromiumPath(),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'sqlite', use: { engine: 'sqlite' } },
    { name: 'postgres', use: { engine: 'postgres' }, grep: /@engines/ },
  ],
});
