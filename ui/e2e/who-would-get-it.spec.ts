// "Before I start it: who gets it, who does not, and why?"
import { accessible, expect, person, test, until } from './world';

test.use({ file: 'who-would-get-it' });

interface Run { run: number; balance: { sent: number; left: number; refusals: Record<string, number> } }

const clock = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
/** Where it is day while it is night for the shop. */
const far = { timezone: 'Pacific/Auckland' };

test.beforeAll(async ({ world }) => {
  await world.api('POST', '/v1/definitions/apply', {
    definitions: {
      policy: { policy: { 'default-zone': 'UTC', 'consent-required': true, 'frequency-caps': [{ messages: 1, window: '7d' }], 'quiet-hours': { from: clock(-1), to: clock(2) } } },
      segments: { early: { rule: 'early = true' } },
      templates: { offer: { topic: 'news', subject: 'For {{ profile.first_name | default: "you" }}', text: 'In {{ profile.city }} now. {{ links.unsubscribe }}' } },
      campaigns: { before: { audience: ['early'], template: 'offer' }, offer: { audience: ['everybody'], template: 'offer' } },
    },
  });
  await world.report([
    ...person('ana', { attributes: { ...far, city: 'Lugo' } }), ...person('luis', { attributes: { ...far, city: 'Vigo' } }), ...person('nowhere', { attributes: far }),
    ...person('silent', { consent: false, attributes: far }), ...person('blocked', { attributes: far }),
    ...person('night', { attributes: { timezone: 'UTC', city: 'London' } }), ...person('capped', { attributes: { ...far, early: true, city: 'Ourense' } }),
  ], true);
  await world.api('POST', '/v1/suppressions', { address: 'blocked@example.com', reason: 'asked on the phone' });
  const { run } = await world.api<Run>('POST', '/v1/campaigns/before/start');
  await until(() => world.api<Run>('GET', `/v1/campaigns/runs/${run}`), (now) => now.balance.sent === 1);
});

test('each cause is counted, with somebody of whom it is so, and that is what happens', async ({ page, world }) => {
  await page.goto('/campaigns/offer');
  const outlook = page.getByTestId('outlook');
  await expect(outlook).toContainText('7 in the audience');
  await expect(outlook).toContainText('everybody was asked');
  const row = (name: RegExp) => outlook.getByRole('row', { name });
  await expect(row(/^get it at once/)).toContainText('3');
  await expect(row(/^get it later: quiet hours/)).toContainText('until');
  for (const why of ['no consent', 'suppressed address', 'had enough messages']) await expect(row(new RegExp(`do not get it: ${why}`))).toHaveCount(1);
  // A hole in a message that leaves is said as well.
  await expect(row(/profile\.city/)).toContainText('1');
  const silent = row(/no consent/);
  await silent.getByText('For example').click();
  await expect(silent).toContainText('silent: no consent for news was ever given');
  await accessible(page);
  await silent.getByRole('link', { name: 'silent' }).click();
  await expect(page.locator('main h1')).toHaveText('silent');

  await page.goto('/campaigns/offer');
  await page.getByRole('button', { name: 'Start' }).click();
  const dialog = page.getByRole('dialog');
  for (const line of ['3 of 7 people get it at once.', '1 get it later: quiet hours.', '1 do not get it: no consent.', '1 do not get it: suppressed address.', '1 do not get it: had enough messages.', '1 get it with a hole: profile.city has no value.']) {
    await expect(dialog).toContainText(line);
  }
  await accessible(page);
  await dialog.getByRole('button', { name: 'Start' }).click();
  const runs = () => world.api<{ runs: Run[] }>('GET', '/v1/campaigns?campaign=offer');
  const { runs: [run] } = await until(runs, (now) => now.runs[0]?.balance.left === 1);
  expect(run!.balance.sent).toBe(3);
  expect(run!.balance.refusals).toEqual({ 'no-consent': 1, suppressed: 1, 'frequency-capped': 1 });
});

test('the same while it is written, in the language of who writes', async ({ page }) => {
  await page.goto('/campaigns/new');
  const outlook = page.getByTestId('outlook');
  await expect(outlook).toContainText('Choose an audience');
  await page.getByRole('combobox', { name: 'Audience' }).fill('everybody');
  await page.keyboard.press('Enter');
  await expect(outlook).toContainText('7 in the audience');
  await expect(outlook).toContainText('Choose a template');
  await page.getByRole('combobox', { name: 'Template' }).fill('offer');
  await page.keyboard.press('Escape');
  await expect(outlook.getByRole('row', { name: /do not get it: no consent/ })).toHaveCount(1);
  await accessible(page);
  await page.evaluate(() => localStorage.setItem('cauce.language', 'es'));
  await page.goto('/campaigns/offer');
  const silent = page.getByTestId('outlook').getByRole('row', { name: /no lo reciben: sin consentimiento/ });
  await silent.getByText('Por ejemplo').click();
  await expect(silent).toContainText('nunca se dio consentimiento para news');
  await accessible(page);
});
