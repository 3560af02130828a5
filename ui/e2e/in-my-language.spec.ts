// "What the server says, in Spanish": reasons, and what needs a person.
import { accessible, expect, person, test, until, type World } from './world';

test.use({ file: 'in-my-language' });

interface Run { run: number; balance: { done: boolean } }
const attention = async (world: World) => (await world.api<{ attention: { code: string }[] }>('GET', '/v1/overview')).attention;

test.beforeAll(async ({ world }) => {
  await world.report([...person('ana', { orders: [3] }), ...person('silent', { consent: false, orders: [3] }), ...person('blocked', { orders: [3] })], true);
  await world.api('POST', '/v1/suppressions', { address: 'blocked@example.com', reason: 'manual' });
});

test('a reason with its numbers, wherever it is shown', async ({ page, world }) => {
  const { run } = await world.api<Run>('POST', '/v1/campaigns/monthly/start');
  await until(() => world.api<Run>('GET', `/v1/campaigns/runs/${run}`), (now) => now.balance.done);
  await page.goto('/');
  await page.evaluate(() => localStorage.setItem('cauce.language', 'es'));
  await page.goto(`/profiles/user_id/silent?tab=explain&kind=campaigns&name=${run}`);
  const verdict = page.getByTestId('verdict');
  await expect(verdict.locator('.state.bad').first()).toHaveText('nunca se dio consentimiento para news');
  // What is left of the server's own words says in which language it is.
  await expect(verdict.locator('[lang=en]').filter({ hasText: 'was ever given' })).toHaveCount(1);
  await expect(verdict.getByText('was ever given')).toHaveCount(1);
  await page.goto('/messages?tab=ledger&state=refused');
  await expect(page.getByRole('row', { name: /la dirección está suprimida para todo desde el/ })).toHaveCount(1);
  await expect(page.getByRole('row', { name: /nunca se dio consentimiento/ })).toHaveCount(1);
  await accessible(page);
});

test('what needs a person, and what to do about it', async ({ page, world }) => {
  await world.api('POST', '/v1/sending', { paused: 'miramos algo' });
  await until(() => attention(world), (now) => now.some((one) => one.code === 'sending-paused'));
  await page.goto('/');
  await page.evaluate(() => localStorage.setItem('cauce.language', 'es'));
  await page.goto('/');
  const main = page.locator('main');
  await expect(main).toContainText('El envío está en pausa en todas partes: miramos algo. Reanúdelo cuando el motivo haya pasado.');
  await expect(main).toContainText('Todas las entradas se han podido decidir.');
  // Nothing of the health is left in the server's English.
  await expect(main.locator('.cells [lang=en]')).toHaveCount(0);
  await accessible(page);
});

test('what the server says within a sentence of ours is marked as English', async ({ page, world }) => {
  const { definitions } = await world.api<{ definitions: { senders: Record<string, { definition: object }> } }>('GET', '/v1/definitions');
  await world.api('POST', '/v1/definitions/apply', { definitions: { senders: { shop: { ...definitions.senders.shop!.definition, dkim: [{ selector: 's1', domain: 'shop.example', algorithm: 'ed25519', key: 'file:no-key' }] } } } });
  await until(() => attention(world), (now) => now.some((one) => one.code === 'sender-key'));
  await page.goto('/');
  await page.evaluate(() => localStorage.setItem('cauce.language', 'es'));
  await page.goto('/');
  const item = page.getByRole('listitem').filter({ hasText: 'No puede firmar:' }).first();
  await expect(item.locator('[lang=en]')).toContainText('no-key');
  await expect(item.locator('[lang=en]')).not.toContainText('Ponga');
  // Faults before something is published, and what a provider answered.
  await page.goto('/campaigns/monthly/edit');
  await page.getByLabel('Mensajes por minuto como mucho').fill('0');
  await page.getByRole('button', { name: 'Revisar y publicar' }).click();
  const fault = page.getByRole('dialog').locator('.consequences').getByText('Con ese ritmo no sale nada');
  await expect(fault.locator('[lang=en]')).toContainText('nothing is ever sent');
  await expect(fault.locator('[lang=en]')).not.toContainText('ritmo');
  await accessible(page);
  // A rule, beside where it is written.
  await page.goto('/segments/new?view=text');
  await page.getByRole('textbox', { name: 'Regla' }).fill('in segment "nobody"');
  await expect(page.getByTestId('estimate')).toContainText('Ese segmento no existe: there is no segment');
});
