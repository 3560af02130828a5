// The server's grammar, read from its source: a condition that it learns and the blocks lack fails here.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { en } from '@/text/en';
import { es } from '@/text/es';
import {
  ANNIVERSARIES, CHANNELS, DATES, dayOf, FILTERS, IGNORED, instantOf, LEAVES, literalOf, literalsOf, MESSAGE_FILTERS, MOMENTS, OFFERED, OPS, readSpan, STATES, TESTS, typedAll, typedOf, UNITS, WINDOWS, writeSpan,
} from './shapes';

const source = (file: string) => readFileSync(new URL(`../../../../crates/cauce-core/src/segment/definition${file}.rs`, import.meta.url), 'utf8');
const kebab = (name: string) => name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

/** The variants of an enum, as JSON has them. */
function variants(text: string, name: string): string[] {
  const at = text.indexOf(`pub enum ${name} {`);
  expect(at, `the source has no enum ${name} any more: this test reads nothing`).toBeGreaterThanOrEqual(0);
  const found = [...text.slice(at, text.indexOf('\n}', at)).matchAll(/^ {4}([A-Z]\w*)[ ,({]/gm)].map((one) => kebab(one[1] ?? ''));
  expect(found.length, name).toBeGreaterThan(1);
  return found.sort();
}

const sorted = (names: readonly string[]) => [...names].sort();

test('every condition has a block', () => {
  const groups = ['and', 'or', 'not'];
  expect(sorted([...Object.keys(LEAVES), ...groups])).toEqual(variants(source(''), 'Rule'));
  // And can be begun with, but for the one of journeys.
  expect(sorted([...OFFERED.flatMap(([, kinds]) => kinds), 'event'])).toEqual(sorted(Object.keys(LEAVES)));
});

test('so has every part of one', () => {
  expect(sorted(Object.keys(TESTS))).toEqual(variants(source('/test'), 'Test'));
  expect(sorted(Object.keys(DATES))).toEqual(variants(source('/test'), 'DateTest'));
  expect(sorted(Object.keys(MOMENTS))).toEqual(variants(source('/test'), 'Moment'));
  expect(sorted(Object.keys(ANNIVERSARIES))).toEqual(variants(source('/test'), 'Anniversary'));
  expect(sorted(IGNORED)).toEqual(variants(source('/test'), 'Ignore'));
  expect(sorted(Object.keys(WINDOWS))).toEqual(variants(source(''), 'Window'));
  expect(sorted(Object.keys(FILTERS))).toEqual(variants(source(''), 'Filter'));
  expect(sorted(OPS)).toEqual(variants(source(''), 'Op'));
  expect(sorted(UNITS)).toEqual(variants(source(''), 'Unit'));
  expect(sorted(STATES)).toEqual(variants(source('/messages'), 'MessageState'));
  expect(sorted(MESSAGE_FILTERS)).toEqual(variants(source('/messages'), 'MessageFilter'));
  expect(CHANNELS.length).toBe(4);
});

test('each begins as what it is called', () => {
  for (const [kind, rule] of Object.entries(LEAVES)) expect(Object.keys(rule)).toEqual([kind]);
  for (const table of [TESTS, DATES, MOMENTS, WINDOWS, FILTERS, ANNIVERSARIES]) {
    for (const [kind, begin] of Object.entries(table)) {
      const value = begin();
      expect(typeof value === 'string' ? value : Object.keys(value)[0]).toBe(kind);
    }
  }
});

test('and has words in every language', () => {
  for (const { segments } of [en, es]) {
    const words = segments.builder;
    const lacks = (names: readonly string[], of: Record<string, string>) => names.filter((name) => !(name in of));
    expect(lacks(OFFERED.flatMap(([, kinds]) => kinds), words.starters)).toEqual([]);
    expect(lacks(Object.keys(TESTS).filter((kind) => kind !== 'compare' && kind !== 'date' && kind !== 'ignoring'), words.tests)).toEqual([]);
    expect(lacks(Object.keys(DATES).filter((kind) => !kind.endsWith('-units')), words.tests)).toEqual([]);
    expect(lacks(Object.keys(MOMENTS).filter((kind) => !kind.endsWith('-units')), words.moments)).toEqual([]);
    expect(lacks(Object.keys(WINDOWS).filter((kind) => kind !== 'this'), words.windows)).toEqual([]);
    expect(lacks(UNITS, words.units)).toEqual([]);
    expect(lacks(UNITS, words.unitNames)).toEqual([]);
    expect(lacks(STATES, words.states)).toEqual([]);
    expect(lacks(MESSAGE_FILTERS, words.filters)).toEqual([]);
    expect(lacks(Object.keys(ANNIVERSARIES), words.anniversaries)).toEqual([]);
    expect(lacks(IGNORED, words.ignored)).toEqual([]);
    expect(lacks(OPS, words.ops)).toEqual([]);
  }
});

test('values are read and written back', () => {
  for (const [typed, literal] of [['42', 42], ['-0.5', -0.5], ['true', true], ['"42"', '42'], ['Málaga', 'Málaga'], ['"true"', 'true'], ['', ''], ['08001', '08001'], ['12345678901234567890', '12345678901234567890'], ['999999999999999', 999999999999999]] as const) {
    expect(literalOf(typed)).toBe(literal);
    expect(typedOf(literal)).toBe(typed);
  }
  for (const [typed, literals] of [['a, b', ['a', 'b']], ['1, "2", true', [1, '2', true]], ['"a, b", c', ['a, b', 'c']], ['a', ['a']]] as const) {
    expect(literalsOf(typed)).toEqual(literals);
    expect(typedAll([...literals])).toBe(typed);
  }
  expect(dayOf(instantOf('2026-01-01'))).toBe('2026-01-01');
  expect(dayOf('2026-01-01T09:30:00Z')).toBe('2026-01-01T09:30:00Z');
});

test('spans are written in the words of the page, and read in those of rules as well', () => {
  const [english, spanish] = [en, es].map((text) => text.segments.builder.unitWords);
  expect(readSpan('2 months', spanish!)).toEqual({ count: 2, unit: 'month' });
  expect(readSpan('2 meses', spanish!)).toEqual({ count: 2, unit: 'month' });
  expect(readSpan('2 meses', english!)).toBe('2 meses');
  expect(writeSpan({ count: 1, unit: 'month' }, spanish!)).toBe('1 mes');
  expect(writeSpan({ count: 2, unit: 'day' }, english!)).toBe('2 days');
  expect(writeSpan('30d', spanish!)).toBe('30d');
});
