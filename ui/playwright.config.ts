import { defineConfig } from '@playwright/test';

// Debian's Chromium is driven, without its own windows: to draw those costs more than the pages.
// Nothing is downloaded.
export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  timeout: 120_000,
  expect: { timeout: 20_000 },
  workers: 2,
  fullyParallel: false,
  forbidOnly: true,
  // The machine is shared. What needed its second try is listed as flaky, and is a defect to mend.
  retries: 1,
  reporter: [['list']],
  use: {
    locale: 'en-GB',
    timezoneId: 'Europe/Madrid',
    viewport: { width: 1280, height: 860 },
    // What moves is drawn again and again, by the processor.
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell', args: ['--no-sandbox'] },
    screenshot: 'only-on-failure',
    // What came before is kept of the first try, which is the one that nobody can repeat. Without the page itself: to keep that, a
    // script is put into every frame, also into those that may run none.
    trace: { mode: 'retain-on-first-failure', snapshots: false, screenshots: false, sources: false },
    // What cannot be clicked is said before the test's own time is over. A machine that is shared takes its time.
    actionTimeout: 30_000,
  },
});
