// "Add a sender and send a test."
import { accessible, expect, test } from './world';

test.use({ file: 'add-a-sender' });

// With two senders every template says which of them it wants.
test.beforeAll(async ({ world }) => {
  const all = await world.api<{ definitions: { templates: Record<string, { definition: object }> } }>('GET', '/v1/definitions');
  const templates = Object.entries(all.definitions.templates).map(([name, { definition }]) => [name, { ...definition, sender: 'shop' }]);
  await world.api('POST', '/v1/definitions/apply', { definitions: { templates: Object.fromEntries(templates) } });
});

test('a sender, a fault at its field, and a test that arrives', async ({ page, world }) => {
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Add a sender' }).click();
  await page.getByLabel('Name').fill('care');
  await page.getByLabel('Shown as', { exact: true }).fill('The Kettle Shop, care');
  const address = page.getByRole('textbox', { name: 'Address', exact: true });
  await address.fill('not an address');
  await expect(page.locator('.half', { has: address })).toContainText('address');
  await accessible(page);
  await page.getByRole('button', { name: 'Review and publish' }).click();
  // While it is worked out, nothing can be published either.
  await expect(page.getByRole('dialog').locator('.consequences')).toContainText('address');
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Publish' })).toBeDisabled();
  await page.keyboard.press('Escape');
  await address.fill('care@shop.example');
  await page.getByRole('button', { name: 'Review and publish' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
  await expect(page.getByRole('row', { name: /care@shop\.example/ })).toBeVisible();

  await page.getByRole('link', { name: 'Providers' }).click();
  const provider = page.locator('section').filter({ hasText: /^inbox/ });
  await provider.getByLabel('As the sender').selectOption('care');
  await provider.getByLabel('Send a test to').fill('me@example.com');
  await provider.getByRole('button', { name: 'Send a test' }).click();
  await expect(provider.getByTestId('outcome')).toContainText('accepted by the provider');
  await accessible(page);
  // A text message has no such sender: none is asked for.
  await expect(page.locator('section').filter({ hasText: /^texts/ }).getByLabel('Send a test to')).toBeVisible();
  await expect(page.locator('section').filter({ hasText: /^texts/ }).getByLabel('As the sender')).toHaveCount(0);

  const inbox = await world.api<{ items: { to: string; from: string }[] }>('GET', '/v1/inbox?to=me@example.com');
  expect(inbox.items[0]?.from).toContain('care@shop.example');
});

test('a key is shown once, a member is invited and joins', async ({ page, anew }) => {
  await page.goto('/settings?tab=keys');
  await page.getByRole('button', { name: 'Make a key' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('web shop');
  await dialog.getByRole('button', { name: 'Make a key' }).click();
  const secret = await dialog.getByTestId('secret').innerText();
  expect(secret).toMatch(/^c\w_/);
  await accessible(page);
  // It is shown once: neither a key nor a click beside it takes it away.
  await page.keyboard.press('Escape');
  await page.mouse.click(5, 5);
  await expect(dialog.getByTestId('secret')).toHaveText(secret);
  // Where the browser lends no clipboard it is selected, to be copied by hand.
  await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await dialog.getByRole('button', { name: /^Copy/ }).click();
  await expect(dialog.getByRole('status')).toContainText('copy it with Ctrl C');
  expect(await page.evaluate(() => String(getSelection()))).toBe(secret);
  await accessible(page);
  await dialog.getByRole('button', { name: 'I have kept it' }).click();
  await expect(page.getByRole('row', { name: /web shop/ })).toBeVisible();
  await expect(page.locator('body')).not.toContainText(secret);

  await page.getByRole('link', { name: 'Members' }).click();
  await page.getByRole('button', { name: 'Invite' }).click();
  await page.getByRole('dialog').getByLabel('E-mail').fill('vera@example.com');
  await page.getByRole('dialog').getByLabel('Name').fill('Vera');
  await page.getByRole('dialog').getByLabel('Role').selectOption('viewer');
  await page.getByRole('dialog').getByRole('button', { name: 'Invite' }).click();
  const link = await page.getByTestId('invitation').innerText();
  await page.getByRole('button', { name: 'Done' }).click();

  const other = await (await anew()).newPage();
  await other.goto(link);
  await expect(other.getByText('At least 12 characters')).toBeVisible();
  await other.getByLabel('New password').fill('a long enough passphrase');
  await accessible(other);
  await other.getByRole('button', { name: 'Join' }).click();
  await expect(other.getByRole('heading', { name: 'Overview' })).toBeVisible();
  // A viewer reads: nothing offers to change.
  await other.goto('/campaigns/monthly');
  await expect(other.getByRole('heading', { name: 'monthly' })).toBeVisible();
  await expect(other.getByRole('button', { name: 'Start' })).toHaveCount(0);
  await other.goto('/segments/buyers/edit?view=builder');
  await expect(other.getByText('Owners and editors change it.')).toBeVisible();
  await expect(other.getByRole('textbox', { name: 'Rule' })).toContainText('count(order_completed)');
  await expect(other.getByRole('textbox', { name: 'Rule' })).not.toBeEditable();
  await expect(other.getByRole('button', { name: 'Review and publish' })).toHaveCount(0);
  await accessible(other);
  await other.getByRole('button', { name: /Vera/ }).click();
  await other.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(other.getByRole('heading', { name: 'Sign in to Cauce' })).toBeVisible();
  await expect(other.getByText(/An owner makes you a new invitation/)).toBeVisible();
  await accessible(other);
  await other.getByRole('button', { name: 'Español' }).click();
  await expect(other.getByRole('button', { name: 'Español' })).toHaveAttribute('aria-pressed', 'true');
  await expect(other.getByText(/Un propietario le hace una invitación nueva/)).toBeVisible();
  await other.getByRole('button', { name: 'English' }).click();
  await other.getByLabel('E-mail').fill('vera@example.com');
  await other.locator('input[autocomplete=current-password]').fill('wrong');
  await other.getByRole('button', { name: 'Sign in' }).click();
  await expect(other.getByRole('alert')).toBeVisible();
  await other.locator('input[autocomplete=current-password]').fill('a long enough passphrase');
  await other.getByRole('button', { name: 'Sign in' }).click();
  await expect(other.getByRole('heading', { name: 'Overview' })).toBeVisible();
});

test('a key that is revoked is refused from then on', async ({ page, world }) => {
  const { key } = await world.api<{ key: string }>('POST', '/v1/keys', { name: 'old till', scope: 'write' });
  const report = async () => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' };
    return (await fetch(`${world.address}/v1/events`, { method: 'POST', headers, body: '{"name":"page","user_id":"till"}\n' })).status;
  };
  expect(await report()).toBe(202);
  await page.goto('/settings?tab=keys');
  const row = page.getByRole('row', { name: /old till/ });
  await row.getByRole('button', { name: 'Revoke' }).click();
  const dialog = page.getByRole('dialog', { name: 'Revoke old till' });
  await expect(dialog).toContainText('Programs that use it are refused from now on.');
  await accessible(page);
  expect(await report()).toBe(202);
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await expect(row).toHaveCount(0);
  expect(await report()).toBe(401);
  await page.goto('/settings?tab=audit&what=key.revoke');
  await expect(page.getByRole('row', { name: /Key revoked/ })).toHaveCount(1);
});

test('a member gets a new invitation, another role, and is disabled, each after a question', async ({ page, world }) => {
  await world.api('POST', '/v1/members', { email: 'nora@example.com', name: 'Nora', role: 'viewer' });
  await page.goto('/settings?tab=members');
  const act = async (item: string) => {
    await page.getByRole('button', { name: 'Actions for Nora' }).click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  const member = async () => (await world.api<{ items: { email: string; role: string; state: string }[] }>('GET', '/v1/members')).items.find((one) => one.email === 'nora@example.com')!;
  const dialog = page.getByRole('dialog');
  await act('Make editor');
  await expect(dialog).toContainText('Every session of this member ends at once.');
  expect((await member()).role).toBe('viewer');
  await accessible(page);
  await dialog.getByRole('button', { name: 'Make editor' }).click();
  await expect(page.getByRole('row', { name: /Nora/ })).toContainText('Editor');
  await act('New invitation or password…');
  await dialog.getByRole('button', { name: 'New invitation or password…' }).click();
  expect(await page.getByTestId('invitation').innerText()).toContain('/join/');
  await page.getByRole('button', { name: 'Done' }).click();
  await act('Disable');
  expect((await member()).state).not.toBe('disabled');
  await dialog.getByRole('button', { name: 'Disable' }).click();
  await expect(page.getByRole('row', { name: /Nora/ })).toContainText('disabled');
});
