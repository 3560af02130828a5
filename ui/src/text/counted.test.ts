import { expect, test } from 'vitest';
import { en } from './en';
import { es } from './es';

test('one is one, and all else is many', () => {
  expect(en.events.quarantine.waits('1')).toBe('tried once, waits since');
  expect(en.events.quarantine.waits('2')).toBe('tried 2 times, waits since');
  expect(en.segments.exactly('1')).toBe('of 1 person, counted one by one');
  expect(es.segments.exactly('1')).toBe('de 1 persona, contada');
  expect(es.segments.exactly('1.000')).toBe('de 1.000 personas, contadas una a una');
});

/** Everything that is said of numbers: each sentence of one argument, and of two. */
function sentences(words: unknown, at = ''): [string, (...counts: string[]) => unknown][] {
  if (typeof words === 'function') return [[at, words as (...counts: string[]) => unknown]];
  if (typeof words !== 'object' || words === null) return [];
  return Object.entries(words).flatMap(([name, inner]) => sentences(inner, `${at}.${name}`));
}

test('no sentence says that there are 1 of many', () => {
  const rough = /(?<![\d.,])1 (people|messages|changes|times|events|readers|addresses|attributes|segments|journeys|members|personas|mensajes|cambios|veces|eventos|lectores|direcciones|atributos|segmentos|recorridos|miembros)\b/;
  for (const words of [en, es]) {
    // What is said of reasons takes the server's numbers, not words of this page.
    const all = Object.entries(words).filter(([room]) => room !== 'health' && room !== 'said').flatMap(([room, inner]) => sentences(inner, room));
    expect(all.length).toBeGreaterThan(200);
    expect(all.filter(([, say]) => rough.test(String(say('1', '1', '1')))).map(([at]) => at)).toEqual([]);
  }
});
