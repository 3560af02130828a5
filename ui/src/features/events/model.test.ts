import { expect, test } from 'vitest';
import type { Step } from '@/api/shapes';
import { aliasOf, changesOf, KEPT_MAX, linksIn, merged, taken, written } from './model';
import type { Accepted } from './queries';

const at = (second: number) => new Date(Date.UTC(2026, 10, 24) + second * 1_000).toISOString();
const event = (number: number, id = `e${number}`, second = number) => ({ number, id, received_at: at(second) }) as Accepted;

test('a stream brings each event once, newest first', () => {
  expect(taken([event(2), event(1)], [event(3), event(2)]).kept.map((one) => one.number)).toEqual([3, 2, 1]);
});

test('no more than are kept, and the newest that made room is known', () => {
  const many = Array.from({ length: KEPT_MAX + 20 }, (_, place) => event(place));
  const { kept, gap } = taken([], many);
  expect(kept).toHaveLength(KEPT_MAX);
  expect(kept[0]?.number).toBe(KEPT_MAX + 19);
  expect(gap).toBe(19);
  expect(taken([], [event(1)]).gap).toBe(0);
});

test('a server that began anew counts from one: its events are the newer ones, and none is taken for an old one', () => {
  const before = [event(9, 'old-9', 9), event(2, 'old-2', 2)];
  const after = [event(2, 'new-2', 20), event(1, 'new-1', 19)];
  expect(merged(after, before).map((one) => one.id)).toEqual(['new-2', 'new-1', 'old-9', 'old-2']);
  // An instant may be written without its fraction.
  const even = { ...event(3, 'even'), received_at: '2026-11-24T00:00:00Z' };
  const odd = { ...event(1, 'odd'), received_at: '2026-11-24T00:00:00.5Z' };
  expect(merged([even], [odd]).map((one) => one.id)).toEqual(['odd', 'even']);
});

test('pages grow as long as somebody asks for more, whatever came meanwhile', () => {
  const pages = Array.from({ length: KEPT_MAX + 50 }, (_, place) => event(place));
  expect(merged([event(KEPT_MAX + 50)], pages)).toHaveLength(KEPT_MAX + 51);
});

test('nothing new changes nothing', () => {
  const kept = [event(1)];
  expect(merged(kept, [])).toBe(kept);
});

test('names are read in both forms', () => {
  expect(aliasOf('email:a@b.example')).toEqual({ namespace: 'email', value: 'a@b.example' });
  expect(aliasOf({ namespace: 'user_id', value: '7' })).toEqual({ namespace: 'user_id', value: '7' });
});

test('what the server names can be followed', () => {
  expect(linksIn('pro_0abc entered good-buyers')).toEqual([{ text: 'pro_0abc', to: '/profiles/id/pro_0abc' }, { text: ' entered ' }, { text: 'good-buyers', to: '/segments/good-buyers' }]);
  expect(linksIn('msg_1 handed over to mail')).toEqual([{ text: 'msg_1', to: '/messages/msg_1' }, { text: ' handed over to mail' }]);
  expect(linksIn('looks again at noon')).toEqual([{ text: 'looks again at noon' }]);
});

test('changes are told by person, and of each by what they are about', () => {
  const run = { id: 'run_1', journey: 'welcome', revision: 1 };
  const step = (caused: Step['caused'], more = false) => ({ at: '', partition: 0, offset: 0, input: '', effects: [], caused, more }) as Step;
  const steps = [
    step([{ profile: 'pro_b', change: { kind: 'run-started', run } }, { profile: 'pro_a', change: { kind: 'created' } }]),
    step([{ profile: 'pro_b', change: { kind: 'attribute', name: 'city', before: null, after: 'Lima' } }, { profile: 'pro_b', change: { kind: 'segment', name: 'all', inside: true } }, { profile: 'pro_b', change: { kind: 'message-planned', message: 'msg_1', template: 'hi' } }]),
  ];
  const { people, more } = changesOf(steps);
  expect(people.map(({ profile, groups }) => [profile, groups.map(([group, changes]) => [group, changes.length])])).toEqual([
    ['pro_b', [['profile', 1], ['segments', 1], ['journeys', 1], ['messages', 1]]],
    ['pro_a', [['profile', 1]]],
  ]);
  expect(more).toBe(false);
  expect(changesOf([step([], true)])).toEqual({ people: [], more: true });
});

test('what is written of a property is one line', () => {
  expect(written('number')).toBe('number');
  expect(written(['string', 'null'])).toBe('string, null');
  expect(written({ type: 'number', required: true, cast: false, was: 'sum' })).toBe('number · required · was sum');
  expect(written(null)).toBe('');
});
