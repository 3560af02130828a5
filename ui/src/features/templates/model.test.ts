import { expect, test } from 'vitest';
import { foreign } from '@/kit/Words';
import { marksOf, personOf } from './model';

test('a person is named by an address, an id or a whole alias', () => {
  expect(personOf('ana@example.com')).toEqual({ namespace: 'email', value: 'ana@example.com' });
  expect(personOf(' p7 ')).toEqual({ namespace: 'user_id', value: 'p7' });
  expect(personOf('phone:+34600000000')).toEqual({ namespace: 'phone', value: '+34600000000' });
  expect(personOf('')).toBeUndefined();
});

test('faults are marked at their letters, those without a place are not', () => {
  const html = 'ñ {{ event.x }}';
  const faults = [
    { part: 'html', code: 'c', message: 'm', hint: 'h', severity: 'warning', start: 6, end: 13 },
    { part: 'html', code: 'c', message: 'm', severity: 'warning' },
  ];
  expect(marksOf(html, faults, {})).toEqual([{ from: 5, to: 12, severity: 'warning', message: foreign('m · h') }]);
});
