import { createContext, useContext, useMemo } from 'react';

/** How numbers and times are written for this person. */
export interface Format {
  locale: string;
  number: (value: number) => string;
  compact: (value: number) => string;
  percent: (share: number) => string;
  /** So many in a thousand. */
  perMille: (share: number) => string;
  /** A size in bytes, in the largest unit that it has one of. */
  bytes: (value: number) => string;
  /** An amount in a currency. */
  money: (value: number, currency: string) => string;
  dateTime: (at: string | number | Date) => string;
  date: (at: string | number | Date) => string;
  /** A day of the calendar, `2026-11-30`: the same one wherever it is read. */
  day: (day: string) => string;
  time: (at: string | number | Date) => string;
  ago: (at: string | number | Date, now: number) => string;
  duration: (seconds: number) => string;
  list: (items: string[]) => string;
}

/** The language of the console with the formats of the person's own region. */
export function localeFor(language: string, preferred: readonly string[]): string {
  return preferred.find((tag) => tag.toLowerCase().split('-')[0] === language) ?? language;
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000], ['month', 2_592_000], ['day', 86_400], ['hour', 3_600], ['minute', 60], ['second', 1],
];

const SIZES: [string, number][] = [['gigabyte', 1e9], ['megabyte', 1e6], ['kilobyte', 1e3]];

/** The largest whole unit of a span, with its sign. */
export function largestUnit(seconds: number): [number, Intl.RelativeTimeFormatUnit] {
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return [Math.trunc(seconds / size), unit];
  }
  return [0, 'second'];
}

export function makeFormat(locale: string): Format {
  const number = new Intl.NumberFormat(locale);
  const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });
  const calendar = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
  const list = new Intl.ListFormat(locale);
  const on = (at: string | number | Date) => new Date(at);
  return {
    locale,
    number: (value) => number.format(value),
    compact: (value) => (Math.abs(value) < 10_000 ? number.format(value) : compact.format(value)),
    percent: (share) => percent.format(share),
    perMille: (share) => `${new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }).format(share)} ‰`,
    bytes: (value) => {
      const size = SIZES.find(([, bytes]) => value >= bytes) ?? ['byte', 1];
      return new Intl.NumberFormat(locale, { style: 'unit', unit: size[0], unitDisplay: 'short', maximumFractionDigits: 1 }).format(value / size[1]);
    },
    money: (value, currency) => new Intl.NumberFormat(locale, { style: 'currency', currency, maximumFractionDigits: Math.abs(value) < 1 ? 4 : 2 }).format(value),
    dateTime: (at) => dateTime.format(on(at)),
    date: (at) => date.format(on(at)),
    day: (day) => calendar.format(on(day)),
    time: (at) => time.format(on(at)),
    ago: (at, now) => relative.format(...largestUnit((on(at).getTime() - now) / 1000)),
    duration: (seconds) => {
      const [value, unit] = largestUnit(seconds);
      return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'narrow' }).format(value);
    },
    list: (items) => list.format(items),
  };
}

export const FormatContext = createContext<Format>(makeFormat('en'));

export function useFormat(): Format {
  return useContext(FormatContext);
}

/** The formats of a language, for this browser. */
export function useFormatOf(language: string): Format {
  return useMemo(() => makeFormat(localeFor(language, navigator.languages)), [language]);
}
