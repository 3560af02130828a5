import { expect, test } from 'vitest';
import { appOf, byAge, sumOf, toneOf } from './model';
import type { Queue } from './queries';

const queue = (path: string, waiting: number, age_seconds: number, expires: string | null = null, at_least = false) => ({ path, waiting, age_seconds, expires, at_least }) as Queue;

test('queues add up: the oldest and the first to expire are found', () => {
  const queues = [queue('a', 3, 10, '2026-12-02T00:00:00Z'), queue('b', 256, 90, '2026-12-01T00:00:00Z', true), queue('c', 1, 5)];
  expect(sumOf(queues)).toEqual({ waiting: 260, atLeast: true, oldest: 90, expires: '2026-12-01T00:00:00Z' });
  expect(sumOf([])).toEqual({ waiting: 0, atLeast: false, oldest: 0, expires: null });
  expect(byAge(queues).map((one) => one.path)).toEqual(['b', 'a', 'c']);
});

test('only a closed breaker is good, and what is not known is not', () => {
  expect(['closed', 'half-open', 'ramping', 'open', 'without a way out'].map(toneOf)).toEqual(['good', 'warn', 'going', 'bad', 'bad']);
});

test('a keeper is a service and an app', () => {
  expect(appOf('fcm:com.shop')).toEqual({ service: 'fcm', app: 'com.shop' });
  expect(appOf('apns:a:b')).toEqual({ service: 'apns', app: 'a:b' });
  expect(appOf('web:')).toEqual({ service: 'web', app: '' });
});
