// "Change how fast a provider sends, and lose nothing of what it is."
import { accessible, expect, test } from './world';

test.use({ file: 'keep-a-provider' });

const PRICES = { currency: 'EUR', 'per-part': { ES: 0.045 }, elsewhere: 0.09 };
const TWILIO = { account: `AC${'0'.repeat(32)}`, token: 'env:CAUCE_TWILIO' };
type All = { definitions: { providers: Record<string, { definition: Record<string, unknown> }> } };

test('prices are no way to be reached, and nothing of them is lost', async ({ page, world }) => {
  // `prices` comes before `twilio`, as it does in every answer of the server.
  await world.api('POST', '/v1/definitions/apply', { definitions: { providers: { texts: { channel: 'sms', prices: PRICES, twilio: TWILIO } } } });
  await page.goto('/definitions/providers/texts');
  const way = page.getByLabel('How it is reached');
  await expect(way).toHaveValue('twilio');
  for (const other of ['prices', 'limits', 'warm-up']) await expect(way.locator(`option[value="${other}"]`)).toHaveCount(0);
  // Who looks at another way comes back to what was there.
  await way.selectOption('vonage');
  await way.selectOption('twilio');
  await page.getByLabel('Messages a second').fill('5');
  await expect(page.getByText('prices', { exact: true })).toBeVisible();
  await accessible(page);
  await page.getByRole('button', { name: 'Review and publish' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
  await expect(page.getByText('texts is published.')).toBeVisible();
  const { definitions } = await world.api<All>('GET', '/v1/definitions');
  const { definition } = definitions.providers.texts!;
  expect(definition['per-second']).toBe(5);
  expect(definition.prices).toMatchObject({ currency: 'EUR' });
  expect(definition.twilio).toMatchObject(TWILIO);
});

test('a new provider is offered ways, and only ways', async ({ page }) => {
  await page.goto('/definitions/providers/new');
  const way = page.getByLabel('How it is reached');
  await expect(way.locator('option')).toHaveText(['choose…', /SMTP/, /Directly/, /Amazon/, 'SendGrid', 'Mailgun', 'Postmark', /Kept here/]);
});
