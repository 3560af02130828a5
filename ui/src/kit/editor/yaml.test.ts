import { expect, test } from 'vitest';
import { rangeOf, readYaml, spotAt, writeYaml } from './yaml';

test('a definition is read and written', () => {
  const document = { audience: ['a'], at: '2026-01-01T09:00:00Z', monthly: true };
  expect(readYaml(writeYaml(document)).document).toEqual(document);
  expect(readYaml('').document).toEqual({});
  expect(writeYaml({})).toBe('');
  // Text with its own lines stays readable.
  expect(writeYaml({ html: '<p>\n  x\n</p>\n' })).toContain('html: |');
});

test('what cannot be read is a fault at its place', () => {
  const { fault } = readYaml('a: 1\nb: [1, 2\nc: 3');
  expect(fault?.from).toBeGreaterThan(4);
  expect(readYaml('- a').fault).not.toBeNull();
});

test('a path has its place in the text', () => {
  const text = 'quiet-hours:\n  from: "21:00"\nfrequency-caps:\n  - messages: 3\n    window: 7d\n';
  const at = (path: string) => text.slice(...rangeOf(text, path));
  expect(at('quiet-hours.from')).toBe('"21:00"');
  expect(at('frequency-caps.0.window')).toBe('7d');
  expect(at('frequency-caps.0.missing')).toContain('messages: 3');
});

test('the place where something is typed follows from what stands before it', () => {
  const spots: [string, string, (string | number)[]][] = [
    ['', 'field', []],
    ['channel: email\n', 'field', []],
    ['smtp:\n  ', 'field', ['smtp']],
    ['smtp:\n  host: x\n  ', 'field', ['smtp']],
    ['channel: ', 'value', ['channel']],
    ['smtp: { host: a, ', 'field', ['smtp']],
    ['smtp: { tls: ', 'value', ['smtp', 'tls']],
    ['frequency-caps:\n  - ', 'field', ['frequency-caps', 0]],
    ['frequency-caps:\n  - messages: 3\n    ', 'field', ['frequency-caps', 0]],
    ['frequency-caps:\n- messages: 3\n  channel: ', 'value', ['frequency-caps', 0, 'channel']],
    ['a:\n  b: 1\nquiet-hours:\n  # when\n  ', 'field', ['quiet-hours']],
  ];
  for (const [before, what, at] of spots) expect(spotAt(before), before).toEqual({ what, at });
});
