// "What will these text messages cost?"
import { accessible, expect, test } from './world';

test.use({ file: 'what-a-campaign-costs' });

const buyer = (id: string, phone: string) => ({ id: `${id}-in`, name: 'signed_up', user_id: id, attributes: { first_name: id, phone }, consents: [{ topic: 'news', state: 'granted', source: 'form' }] });

test('parts times price, before anything leaves', async ({ page, world }) => {
  await world.api('POST', '/v1/definitions/apply', {
    definitions: { templates: { short: { channel: 'sms', topic: 'news', text: 'Hello {{ profile.first_name | default: "you" }}' } }, campaigns: { texts: { audience: ['everybody'], template: 'short', channel: 'sms' } } },
  });
  await world.report([buyer('ana', '+34600123456'), buyer('luis', '+34600123457'), buyer('tom', '+447400123456'), { name: 'signed_up', user_id: 'nophone' }], true);
  await page.goto('/campaigns/texts');
  const cost = page.getByTestId('cost');
  // Two to Spain at 0.045 and one to Britain at 0.035, of the shop's own prices.
  await expect(cost).toContainText('€0.125');
  await expect(cost.locator('.stat', { hasText: 'Messages' })).toContainText('of 4 people');
  await expect(page.getByTestId('outlook').getByRole('row', { name: /no address/ })).toContainText('1');
  await accessible(page);
  // A letter has no price for each, and so no panel.
  await page.goto('/campaigns/monthly');
  await expect(page.getByTestId('outlook')).toBeVisible();
  await expect(page.getByTestId('cost')).toHaveCount(0);
});
