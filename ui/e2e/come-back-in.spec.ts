// "My session ended while I was writing."
import { accessible, BY_ITSELF, expect, test, until, type World } from './world';
import type { BrowserContext, Page } from '@playwright/test';

test.use({ file: 'come-back-in' });

type Anew = () => Promise<BrowserContext>;

const PASSWORD = 'a long enough passphrase';

/** A member who has joined, in a window of their own. */
async function joined(anew: Anew, world: World, name: string, role = 'editor'): Promise<BrowserContext> {
  const email = `${name}@example.com`;
  const { invitation } = await world.api<{ invitation: string }>('POST', '/v1/members', { email, name, role });
  const context = await anew();
  const page = await context.newPage();
  await page.goto(invitation);
  await page.getByLabel('New password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Join' }).click();
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
  await page.close();
  return context;
}

/**
 * Its session ends, and it hears of that. Whatever it asks next is refused, which may be soon: so
 * what is to be typed before is typed before.
 */
async function ended(context: BrowserContext, page: Page): Promise<void> {
  await context.clearCookies();
  // Coming back to a window asks the server who is here.
  await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')));
  await expect(page.getByRole('heading', { name: 'Sign in to Cauce' })).toBeVisible();
}

/** Until the server has been asked about what was typed: else that is what is refused. */
const settled = (page: Page) => expect(page.getByTestId('check')).toHaveAttribute('data-settled', '');

test('an ended session is noticed at once, and what was written is there after signing in', async ({ anew, world }) => {
  const context = await joined(anew, world, 'ana');
  const page = await context.newPage();
  await page.goto('/templates/welcome');
  await page.getByLabel('Subject').fill('Half written');
  await settled(page);
  await page.getByLabel('Subject').fill('Half written, and more');
  await ended(context, page);
  await expect(page.getByRole('alert')).toContainText('Your session is over');
  await expect(page.getByLabel('E-mail')).toHaveValue('ana@example.com');
  await expect(page.getByLabel('Subject')).toBeHidden();
  await expect(page.locator('input[autocomplete=current-password]')).toBeFocused();
  await accessible(page);
  // The page behind the door hears no key.
  await page.getByRole('heading', { name: 'Sign in to Cauce' }).click();
  for (const key of ['g', 's', '?', 'Control+k']) await page.keyboard.press(key);
  await page.locator('input[autocomplete=current-password]').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/templates\/welcome/);
  await expect(page.getByLabel('Subject')).toHaveValue('Half written, and more');
  await expect(page.getByLabel('Subject')).toBeFocused();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  // And it can be published: the new session's word against forged requests is used.
  await page.getByRole('button', { name: 'Review and publish' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
  await expect(page.getByText('welcome is published.')).toBeVisible();
});

test('who is removed reads nothing more, on a page that only listens', async ({ anew, world, page: other }) => {
  const context = await joined(anew, world, 'bea', 'viewer');
  const page = await context.newPage();
  await page.goto('/events');
  await expect(page.getByText('live', { exact: true })).toBeVisible();
  await world.api('DELETE', '/v1/members/bea@example.com');
  await expect(page.getByRole('heading', { name: 'Sign in to Cauce' })).toBeVisible(BY_ITSELF);
  await other.goto('/events');
  await expect(other.getByText('live', { exact: true })).toBeVisible();
  await world.report([{ name: 'secret_thing', user_id: 'x1' }]);
  // It is there, and has come to who may read it: by then it would have come to her as well.
  await until(() => world.api<{ items: unknown[] }>('GET', '/v1/events?name=secret_thing'), ({ items }) => items.length > 0);
  await expect(other.getByRole('row', { name: /secret_thing/ })).toHaveCount(1);
  await expect(page.locator('body')).not.toContainText('secret_thing');
});

test('somebody else who signs in begins with a page of their own', async ({ anew, world }) => {
  const other = await joined(anew, world, 'dea');
  await other.close();
  const context = await joined(anew, world, 'carl');
  const page = await context.newPage();
  await page.goto('/templates/welcome');
  await page.getByLabel('Subject').fill('Of Carl');
  await settled(page);
  await page.getByLabel('Subject').fill('Of Carl alone');
  await ended(context, page);
  await page.getByLabel('E-mail').fill('dea@example.com');
  await page.locator('input[autocomplete=current-password]').fill(PASSWORD);
  page.on('dialog', (dialog) => void dialog.accept().catch(() => undefined));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('button', { name: /dea/ })).toBeVisible();
  await expect(page.getByLabel('Subject')).not.toHaveValue(/Carl/);
});

test('who signs in as somebody else in another window leaves nothing of theirs in this one', async ({ anew, world }) => {
  const gus = await joined(anew, world, 'gus');
  await gus.close();
  const context = await joined(anew, world, 'eva');
  const page = await context.newPage();
  page.on('dialog', (dialog) => void dialog.accept().catch(() => undefined));
  await page.goto('/templates/welcome');
  await page.getByLabel('Subject').fill('Of Eva');
  await settled(page);
  // What another window would do: the cookie is shared by all of them.
  const answer = await context.request.post('/v1/session', { data: { email: 'gus@example.com', password: PASSWORD }, headers: { origin: world.address } });
  expect(answer.status()).toBe(200);
  // Coming back to this window asks the server who is here.
  await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')));
  await expect(page.getByRole('button', { name: /gus/ })).toBeVisible();
  await expect(page.getByLabel('Subject')).not.toHaveValue(/Eva/);
});
