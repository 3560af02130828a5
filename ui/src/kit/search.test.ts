import { expect, test } from 'vitest';
import { searched } from './Search';

test('every word has to stand somewhere, in any order, whatever its accents and its case', () => {
  const rows = ['Málaga de noche', 'Malaga', 'noche'];
  const found = (wanted: string | undefined) => searched(rows, wanted, (row) => row);
  expect(found('noche MALAGA')).toEqual(['Málaga de noche']);
  expect(found(' málaga ')).toEqual(['Málaga de noche', 'Malaga']);
  expect(found('lugo')).toEqual([]);
  expect(found(undefined)).toEqual(rows);
});
