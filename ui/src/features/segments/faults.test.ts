import { expect, test } from 'vitest';
import { sentence } from '@/kit/Fault';
import { foreign } from '@/kit/Words';
import { marksOf, unitAt } from './faults';

test('bytes of the server are places of the editor', () => {
  const text = 'ciudad = "málaga 😀" xx';
  const bytes = (part: string) => new TextEncoder().encode(text.slice(0, text.indexOf(part))).length;
  for (const part of ['ciudad', 'laga', '😀', 'xx']) expect(unitAt(text, bytes(part))).toBe(text.indexOf(part));
});

test('a fault without an end marks its word', () => {
  expect(marksOf('cuont(x) >= 1', [{ at: 0, message: 'unknown', hint: 'did you mean `count`?' }], {})).toEqual([
    { from: 0, to: 5, severity: 'error', message: foreign('unknown · did you mean `count`?') },
  ]);
});

test('a fault with an end marks what is up to there', () => {
  expect(marksOf('a = "é" and', [{ at: 9, end: 12, message: 'x', severity: 'warning' }], {})[0]).toMatchObject({ from: 8, to: 11, severity: 'warning' });
});

test('a fault is called by its name where the page does not speak English, and said by the server', () => {
  expect(sentence({ code: 'x', message: 'm', hint: null }, {})).toBe(foreign('m'));
  expect(sentence({ code: 'x', message: 'm', hint: 'h' }, { x: 'Falta' })).toBe(`Falta: ${foreign('m · h')}`);
});
