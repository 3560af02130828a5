import { expect, test } from 'vitest';
import { filterOf, goesOn } from './ledger';

test('what the address asks is what the server is asked, and nothing else', () => {
  expect(filterOf({ tab: 'ledger', campaign: 'monthly', state: '', run: '7', page: '2' })).toEqual({ campaign: 'monthly', run: '7' });
});

test('it goes on by itself while too few fit, and not for ever', () => {
  expect(goesOn(0, 50, 1, 0)).toBe(true);
  expect(goesOn(50, 50, 1, 0)).toBe(false);
  expect(goesOn(0, 50, 8, 0)).toBe(false);
  expect(goesOn(0, 50, 8, 8)).toBe(true);
});
