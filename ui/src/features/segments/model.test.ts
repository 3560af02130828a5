import { describe, expect, test } from 'vitest';
import { begin, reduce, ruleAt, simplified, type Action, type Doc, type Rule } from './model';

const a: Rule = { segment: 'a' };
const b: Rule = { segment: 'b' };
const c: Rule = { segment: 'c' };
const play = (rule: Rule | null, ...actions: Action[]): Doc => actions.reduce(reduce, begin(rule));

describe('the document', () => {
  test('begins as a group', () => {
    expect(begin(null).rule).toEqual({ and: [] });
    expect(begin(a).rule).toEqual({ and: [a] });
    expect(begin({ or: [a, b] }).rule).toEqual({ or: [a, b] });
  });

  test('adds, sets, negates and removes at a place', () => {
    const made = play({ and: [a, { or: [b] }] }, { do: 'add', at: [1], rule: c }, { do: 'negate', at: [0] });
    expect(made.rule).toEqual({ and: [{ not: a }, { or: [b, c] }] });
    expect(play(made.rule, { do: 'set', at: [0, 0], rule: b }).rule).toEqual({ and: [{ not: b }, { or: [b, c] }] });
    expect(play(made.rule, { do: 'remove', at: [0, 0] }).rule).toEqual({ and: [{ or: [b, c] }] });
    expect(play(made.rule, { do: 'negate', at: [0] }).rule).toEqual({ and: [a, { or: [b, c] }] });
  });

  test('a place that is gone changes nothing', () => {
    expect(play({ and: [a] }, { do: 'remove', at: [4, 1] }).past).toEqual([]);
  });

  test('joins by the other word', () => {
    expect(play({ and: [a, b] }, { do: 'join', at: [], by: 'or' }).rule).toEqual({ or: [a, b] });
  });

  test('everything is taken back and made again', () => {
    const done = play(null, { do: 'add', at: [], rule: a }, { do: 'add', at: [], rule: b }, { do: 'undo' });
    expect(done.rule).toEqual({ and: [a] });
    expect(reduce(done, { do: 'redo' }).rule).toEqual({ and: [a, b] });
    expect(reduce(reduce(done, { do: 'add', at: [], rule: c }), { do: 'redo' }).rule).toEqual({ and: [a, c] });
    expect(play(null, { do: 'undo' }).rule).toEqual({ and: [] });
  });
});

test('what is sent has no groups of one', () => {
  expect(simplified({ and: [{ or: [a] }] })).toEqual(a);
  expect(simplified({ and: [] })).toBeNull();
  expect(simplified({ and: [a, { not: { or: [] } }] })).toEqual(a);
  expect(simplified({ or: [a, { and: [b, c] }] })).toEqual({ or: [a, { and: [b, c] }] });
});

test('rules are found by their place', () => {
  expect(ruleAt({ and: [a, { not: { or: [b, c] } }] }, [1, 0, 1])).toEqual(c);
  expect(ruleAt({ and: [a] }, [3])).toBeUndefined();
});
