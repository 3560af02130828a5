// "A rule of any kind, by blocks": whatever the language can say is shown as fields, and what the
// fields say is what the text says. The list of what there is comes from the server's own source.
import { readFileSync } from 'node:fs';
import { LEAVES, OFFERED } from '../src/features/segments/shapes';
import { en } from '../src/text/en';
import { accessible, expect, person, test, travel } from './world';

test.use({ file: 'every-condition' });

/** One rule and more for every kind of condition, and for every part that one can have. */
const RULES = [
  'plan = "pro" and age >= 18 and vip != true', 'city = "málaga" ignoring case', 'city in ("Lugo", "Vigo") ignoring accents', 'city starts with "San" ignoring case and accents',
  'name ends with "ez" or name contains "an"', 'email exists and not phone exists', 'nickname not exists', 'country not in ("ES", "PT")', 'level in (1, 2.5)', 'tags contains "vip"',
  'any items (sku = "x" and qty > 2)', 'all items (qty > 0 or gift = true)', 'no items (not sku = "x")', 'size(items) >= 3',
  'app_version >= version "2.10.0"', 'total > money "50 EUR"', 'renews_at before "2026-11-24"', 'renews_at after now', 'renews_at before now - 30d', 'renews_at after now + 7d',
  'renews_at within last 30d', 'renews_at within next 7d', 'renews_at after now - 1 month', 'renews_at before now + 2 weeks', 'renews_at within next 2 weeks', 'renews_at within last 1 year',
  'anniversary of birth_date is today', 'anniversary of birth_date within next 7d', 'anniversary of birth_date within last 3d', 'computed.spend > 100',
  'count(order_completed where total > 50 and category in ("books", "music"), last 90d) >= 3', 'count(order_completed where not (total > 5 or gift = true)) < 2',
  'sum(order_completed.total, this week) > 500', 'average(order_completed.total, today) >= 40', 'min(order_completed.total, yesterday) < 5', 'max(order_completed.total, last month) != 5', 'distinct(order_completed.item, last 3 calendar quarters) <= 3',
  'most frequent(order_completed.item, since "2026-01-01") = "Kettle"', 'first value(order_completed.item, between "2026-01-01" and "2026-02-01") contains "Ke"', 'last value(order_completed.total) > 5',
  'first(signed_up) within last 7d', 'last(order_completed where total > 5) before now - 60d',
  'sequence(viewed where category = "books", then added within 1h, then not ordered within 2d, last 30d)', 'sequence(viewed, then not left, then ordered, this year)',
  'in segment "buyers"', 'in list "fair"', 'list "fair".tier = "gold"', 'reachable by sms for topic "news"', 'reachable by push', 'bucket("spring-test", 100) < 10',
  'messages(opened, campaign "monthly", last 30d) >= 1', 'messages(answered, last 30d) >= 1', 'consent("profiling")', 'messages(refused, reason "quiet-hours", last week) = 0',
  'messages(sent, template "welcome", journey "welcome", channel email) > 2', 'messages(delivered) >= 1 or messages(clicked) >= 1 or messages(failed) >= 1 or messages(bounced) >= 1 or messages(complained) >= 1',
];

const source = (file: string) => readFileSync(new URL(`../../crates/cauce-core/src/segment/definition${file}.rs`, import.meta.url), 'utf8');
const kebab = (name: string) => name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

function variants(text: string, name: string): string[] {
  const at = text.indexOf(`pub enum ${name} {`);
  if (at < 0) throw new Error(`there is no enum ${name} any more`);
  return [...text.slice(at, text.indexOf('\n}', at)).matchAll(/^ {4}([A-Z]\w*)[ ,({]/gm)].map((found) => kebab(found[1] ?? ''));
}

/** Every word that a tree says: the names of its fields, and its texts. */
function words(tree: unknown, found = new Set<string>()): Set<string> {
  if (typeof tree === 'string') found.add(tree);
  if (typeof tree !== 'object' || tree === null) return found;
  for (const [key, value] of Object.entries(tree)) words(value, found.add(key));
  return found;
}

/** The kinds of conditions in a rule. */
function conditions(rule: Record<string, unknown>, found: Set<string>): void {
  const [kind = '', part] = Object.entries(rule)[0] ?? [];
  found.add(kind);
  if (kind === 'and' || kind === 'or') (part as Record<string, unknown>[]).forEach((one) => conditions(one, found));
  if (kind === 'not') conditions(part as Record<string, unknown>, found);
}

interface Read { text: string; json: unknown; diagnostics: unknown[] }

test.beforeAll(async ({ world }) => {
  await world.report(person('ana', { orders: [3] }), true);
  await world.api('POST', '/v1/definitions/apply', {
    definitions: {
      lists: { fair: { namespace: 'email', payload: { tier: 'string' } } }, attributes: { spend: { value: 'sum(order_completed.total, last 90d)' } }, topics: { profiling: { title: 'Profiling', about: 'use' } },
      segments: Object.fromEntries(RULES.map((rule, place) => [`r${place}`, { rule }])),
    },
  });
});

test('the rules of this file say everything that the language can', async ({ world }) => {
  const said = new Set<string>();
  const kinds = new Set<string>();
  for (const text of RULES) {
    const read = await world.api<Read>('POST', '/v1/segments/estimate', { text });
    expect(read.json, `${text}: ${JSON.stringify(read.diagnostics)}`).not.toBeNull();
    words(read.json, said);
    conditions(read.json as Record<string, unknown>, kinds);
  }
  const all = [
    ...variants(source(''), 'Rule'), ...variants(source(''), 'Window'), ...variants(source(''), 'Unit'), ...variants(source(''), 'Filter'), ...variants(source(''), 'Op'),
    ...variants(source('/test'), 'Test'), ...variants(source('/test'), 'DateTest'), ...variants(source('/test'), 'Moment'), ...variants(source('/test'), 'Anniversary'), ...variants(source('/test'), 'Ignore'),
    ...variants(source('/messages'), 'MessageState'), ...variants(source('/messages'), 'MessageFilter'),
  ];
  expect(all.length).toBeGreaterThan(80);
  expect([...new Set(all)].filter((word) => !said.has(word))).toEqual([]);
  // A word may be a field's as well: conditions are looked for where they stand. `event` is for the
  // conditions of journeys: a segment with it is refused.
  expect(variants(source(''), 'Rule').filter((kind) => !kinds.has(kind))).toEqual(['event']);
});

test('each is shown as fields, every field can be written in, and nothing of it is lost', async ({ page, world }) => {
  test.setTimeout(600_000);
  await page.goto('/segments');
  for (const [place, rule] of RULES.entries()) {
    const { text } = await world.api<Read>('POST', '/v1/segments/estimate', { text: rule });
    await travel(page, `/segments/r${place}/edit?view=builder`);
    await expect(page.locator('main h1'), rule).toHaveText(`Edit r${place}`);
    const builder = page.locator('.builder');
    await expect(builder.locator('.leaf-fields').first(), rule).toBeVisible();
    await expect(builder.getByTestId('as-text'), rule).toHaveCount(0);
    const fields = builder.locator('input[type=text], input:not([type])');
    const count = await fields.count();
    expect(count, rule).toBeGreaterThan(0);
    for (let at = 0; at < count; at += 1) {
      const field = fields.nth(at);
      if (await field.evaluate((one) => (one as HTMLInputElement).type === 'radio' || (one as HTMLInputElement).type === 'hidden')) continue;
      const value = await field.inputValue();
      await field.fill(`${value}1`);
      await expect(field, `${rule}: ${value}`).toHaveValue(`${value}1`);
      await field.fill(value);
      await expect(field, `${rule}: ${value}`).toHaveValue(value);
    }
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('estimate'), rule).toContainText('of 1 person');
    await page.getByText('Text', { exact: true }).click();
    await expect.poll(async () => (await page.getByRole('textbox', { name: 'Rule' }).innerText()).replace(/\s+/g, ' ').trim(), rule).toBe(text);
  }
});

test('each can be begun by blocks', async ({ page }) => {
  test.setTimeout(120_000);
  await page.goto('/segments/new?view=builder');
  const builder = page.locator('.builder');
  const kinds = OFFERED.flatMap(([, all]) => all);
  expect(kinds.length).toBe(Object.keys(LEAVES).length - 1);
  for (const [place, kind] of kinds.entries()) {
    await builder.getByRole('button', { name: 'Add a condition' }).last().click();
    await page.getByRole('menuitem', { name: en.segments.builder.starters[kind]!, exact: true }).click();
    await expect(builder.locator('ol').first().locator('> li')).toHaveCount(place + 1);
  }
  await expect(builder.getByTestId('as-text')).toHaveCount(0);
  await accessible(page);
});

test('a rule with all of it is written by blocks alone', async ({ page, world }) => {
  await page.goto('/segments/new?view=builder');
  await page.getByLabel('Name').fill('by-blocks');
  const builder = page.locator('.builder');
  await builder.getByRole('button', { name: 'Add a condition' }).click();
  await page.getByRole('menuitem', { name: 'Did things one after the other' }).click();
  const events = builder.getByRole('combobox', { name: 'event' });
  await events.nth(0).fill('viewed');
  await events.nth(1).fill('added');
  await page.keyboard.press('Escape');
  await builder.getByRole('button', { name: 'Then…' }).click();
  await events.nth(2).fill('ordered');
  await page.keyboard.press('Escape');
  const step = builder.locator('.sequence > li').nth(2);
  await step.getByRole('button', { name: 'not' }).click();
  await step.getByLabel('any time later').fill('2d');
  await builder.locator('.sequence > li').nth(0).getByRole('button', { name: 'Only some of them…' }).click();
  await builder.getByRole('combobox', { name: 'property' }).fill('category');
  await page.keyboard.press('Escape');
  await builder.getByLabel('value').fill('books');
  await builder.getByLabel('when', { exact: true }).selectOption('this month');
  await page.getByText('Text', { exact: true }).click();
  await expect(page.getByRole('textbox', { name: 'Rule' })).toContainText('sequence(viewed where category = "books", then added within 1h, then not ordered within 2d, this month)');
  await page.getByRole('button', { name: 'Review and publish' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
  await expect(page.locator('main h1')).toHaveText('by-blocks');
  const { definitions } = await world.api<{ definitions: { segments: Record<string, { definition: { rule: string } }> } }>('GET', '/v1/definitions');
  expect(definitions.segments['by-blocks']?.definition.rule).toContain('then not ordered within 2d');
});
