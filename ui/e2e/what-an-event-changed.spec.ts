// "What did this event do?"
import { accessible, expect, test, until } from './world';

test.use({ file: 'what-an-event-changed' });

test('an event is opened, and its run, attribute and message are there and lead on', async ({ page, world }) => {
  const steps = [{ id: 'hello', message: 'welcome' }, { id: 'rest', wait: '3d' }];
  await world.api('POST', '/v1/definitions/apply', { definitions: { journeys: { trial: { entry: { event: 'trial_began' }, 'exit-when': 'plan = "gone"', steps } } } });
  const say = (id: string, name: string, plan: string) => world.report([{ id, name, user_id: 'ana', email: 'ana@example.com', properties: {}, attributes: { plan } }]);
  await say('began', 'trial_began', 'free');
  await page.goto('/events');
  await page.getByRole('row', { name: /trial_began/ }).getByRole('link').first().click();
  const changes = page.getByTestId('changes');
  await expect(changes).toContainText('a run started');
  await expect(changes).toContainText('waits at rest, until');
  await expect(changes).toContainText('nothing → free');
  // Nobody asked her for consent: the message that it planned is refused, which is said beside it.
  await expect(changes).toContainText('welcome · no consent');
  await accessible(page);
  await changes.getByRole('link', { name: 'welcome' }).first().click();
  await expect(page).toHaveURL(/\/messages\/msg_/);
  await page.goBack();
  await changes.getByRole('link', { name: 'trial' }).first().click();
  await expect(page).toHaveURL(/\/journeys\/trial/);

  // What ended it is behind the event that did, with what the attribute was before.
  await say('gone', 'plan_changed', 'gone');
  const { items } = await until(() => world.api<{ items: { id: string; name: string }[] }>('GET', '/v1/events?name=plan_changed'), (now) => now.items.length === 1);
  await page.goto(`/events/${items[0]?.id}`);
  await expect(changes).toContainText('free → gone');
  await expect(changes).toContainText('ended at rest · its exit criteria are met');
  await expect(changes).not.toContainText('a run started');
  await changes.getByRole('link', { name: /^pro_/ }).click();
  await expect(page).toHaveURL(/\/profiles\/id\/pro_/);
});

test('an event that changed nothing says so', async ({ page, world }) => {
  const seen = (id: string) => world.report([{ id, name: 'page_seen', user_id: 'leo', properties: {} }]);
  await seen('seen-1');
  await seen('seen-2');
  await page.goto('/events/seen-2');
  await expect(page.getByTestId('changes')).toContainText('It changed nothing');
  await accessible(page);
});
