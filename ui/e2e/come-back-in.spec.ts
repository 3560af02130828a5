// "My session ended while I was writing."
import { accessible, expect, test, type World } from './world';
import type { Browser, BrowserContext, Page } from '@playwright/test';

test.use({ file: 'come-back-in' });

const PASSWORD = 'a long enough passphrase';

/** A member who has joined, in a window of their own. */
async function joined(browser: Browser, world: World, name: string, role = 'editor'): Promise<BrowserContext> {
  const email = `${name}@example.com`;
  const { invitation } = await world.api<{ invitation: string }>('POST', '/v1/members', { email, name, role });
  const context = await browser.newContext({ baseURL: world.address, storageState: { cookies: [], origins: [] } });
  const page = await context.newPage();
  await page.goto(invitation);
  await page.getByLabel('New password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Join' }).click();
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
  await page.close();
  return context;
}

/** Until the server has been asked about what was typed: else that is what is refused. */
const settled = (page: Page) => expect(page.getByTestId('check')).toHaveAttribute('data-settled', '');

test('an ended session is noticed at once, and what was written is there after signing in', async ({ browser, world }) => {
  const context = await joined(browser, world, 'ana');
  const page = await context.newPage();
  await page.goto('/templates/welcome');
  await page.getByLabel('Subject').fill('Half written');
  await settled(page);
  await context.clearCookies();
  // The next thing that is asked is refused.
  await page.getByLabel('Subject').fill('Half written, and more');
  await expect(page.getByRole('heading', { name: 'Sign in to Cauce' })).toBeVisible();
  await expect(page.getByRole('status')).toContainText('Your session is over');
  await expect(page.getByLabel('E-mail')).toHaveValue('ana@example.com');
  await expect(page.getByLabel('Subject')).toBeHidden();
  await accessible(page);
  await page.locator('input[autocomplete=current-password]').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/templates\/welcome/);
  await expect(page.getByLabel('Subject')).toHaveValue('Half written, and more');
  // And it can be published: the new session's word against forged requests is used.
  await page.getByRole('button', { name: 'Review and publish' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
  await expect(page.getByText('welcome is published.')).toBeVisible();
  await context.close();
});

test('who is removed reads nothing more, on a page that only listens', async ({ browser, world }) => {
  const context = await joined(browser, world, 'bea', 'viewer');
  const page = await context.newPage();
  await page.goto('/events');
  await expect(page.getByText('live', { exact: true })).toBeVisible();
  await world.api('DELETE', '/v1/members/bea@example.com');
  await expect(page.getByRole('heading', { name: 'Sign in to Cauce' })).toBeVisible();
  await world.report([{ name: 'secret_thing', user_id: 'x1' }]);
  await page.waitForTimeout(1_500);
  await expect(page.locator('body')).not.toContainText('secret_thing');
  await context.close();
});

test('somebody else who signs in begins with a page of their own', async ({ browser, world }) => {
  const other = await joined(browser, world, 'dea');
  await other.close();
  const context = await joined(browser, world, 'carl');
  const page = await context.newPage();
  await page.goto('/templates/welcome');
  await page.getByLabel('Subject').fill('Of Carl');
  await settled(page);
  await context.clearCookies();
  await page.getByLabel('Subject').fill('Of Carl alone');
  await expect(page.getByRole('heading', { name: 'Sign in to Cauce' })).toBeVisible();
  await page.getByLabel('E-mail').fill('dea@example.com');
  await page.locator('input[autocomplete=current-password]').fill(PASSWORD);
  page.on('dialog', (dialog) => void dialog.accept().catch(() => undefined));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('button', { name: /dea/ })).toBeVisible();
  await expect(page.getByLabel('Subject')).not.toHaveValue(/Carl/);
  await context.close();
});
