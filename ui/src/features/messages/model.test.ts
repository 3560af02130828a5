import { expect, test } from 'vitest';
import { outcomeTone, reportDetails, reportTone } from './model';

test('only an acceptance is good', () => {
  expect(['accepted', 'refused', 'unreachable', 'unknown', 'held'].map(outcomeTone)).toEqual(['good', 'bad', 'warn', 'warn', 'warn']);
});

test('a report is told in its parts', () => {
  expect(reportDetails({ kind: 'returned', cause: 'quota', hard: false, status: '4.2.2', text: 'mailbox full' })).toEqual(['quota', 'mailbox full']);
  expect(reportDetails({ kind: 'delivered' })).toEqual([]);
  expect(['delivered', 'returned', 'underway', 'fetched'].map(reportTone)).toEqual(['good', 'bad', '', 'good']);
});
