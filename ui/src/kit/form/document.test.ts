import { expect, test } from 'vitest';
import { byField, getAt, placeOf, said, setAt, typedOf, valueOf } from './document';

test('values are read and written by path', () => {
  const document = { a: 1, b: { c: 'x' }, rows: [{ d: 2 }] };
  expect(getAt(document, 'b.c')).toBe('x');
  expect(getAt(document, 'rows.0.d')).toBe(2);
  expect(getAt(document, 'b.c.e')).toBeUndefined();
  expect(setAt(document, 'b.e', true)).toEqual({ ...document, b: { c: 'x', e: true } });
  expect(setAt(document, 'new.deep', 1)).toEqual({ ...document, new: { deep: 1 } });
  expect(document).toEqual({ a: 1, b: { c: 'x' }, rows: [{ d: 2 }] });
});

test('what is taken out leaves no empty shell, and what was empty on purpose stays', () => {
  expect(setAt({ b: { c: 1 } }, 'b.c', undefined)).toEqual({});
  expect(setAt({ b: { c: 1 }, 'catch-all': {} }, 'b.c', undefined)).toEqual({ 'catch-all': {} });
  expect(setAt({ a: 1 }, 'catch-all', {})).toEqual({ a: 1, 'catch-all': {} });
});

test('faults are shown at the field that holds their place', () => {
  const fault = (path: string, message = 'm') => ({ path, code: 'c', message });
  const found = byField([fault('policy/policy.frequency-caps[0].window'), fault('policy/policy.quiet-hours'), fault('policy/policy'), fault('policy/policy', 'missing field `template`')], 'policy/policy', ['frequency-caps', 'quiet-hours.from', 'template']);
  expect(Object.fromEntries(Object.entries(found).map(([field, faults]) => [field, faults.length]))).toEqual({ 'frequency-caps': 1, 'quiet-hours.from': 1, '': 1, template: 1 });
  expect(placeOf(fault('campaign/a.rows[2].x'), 'campaign/a')).toBe('rows.2.x');
});

test('a fault of what has fields itself is shown at the field that it names', () => {
  const fields = ['smtp.host', 'smtp.username', 'smtp.password'];
  const found = byField([{ path: 'provider/a.smtp', code: 'c', message: '`username` and `password` belong together' }, { path: 'provider/a.smtp', code: 'd', message: 'm' }], 'provider/a', fields);
  expect(Object.keys(found)).toEqual(['smtp.username', 'smtp.host']);
});

test('what is missing is missing at the one field that is called so', () => {
  const found = (fields: string[]) => Object.keys(byField([{ path: 'provider/a', code: 'unreadable', message: 'missing field `url`' }], 'provider/a', fields));
  expect(found(['channel', 'webhook.url'])).toEqual(['webhook.url']);
  expect(found(['a.url', 'b.url'])).toEqual(['']);
});

test('a fault of another definition is nobody’s field', () => {
  expect(Object.keys(byField([{ path: 'journey/b.template', code: 'c', message: 'unknown field `template`' }], 'template/a', ['template']))).toEqual(['']);
});

test('values are typed and shown alike', () => {
  for (const [typed, value] of [['42', 42], ['true', true], ['"42"', '42'], ['+34 600', '+34 600'], ['007', '007'], ['x', 'x']] as const) {
    expect(valueOf(typed)).toBe(value);
    expect(typedOf(value)).toBe(typed);
  }
  expect(valueOf('')).toBeUndefined();
  expect(said('smtp.messages-per-connection')).toBe('Messages per connection');
});
