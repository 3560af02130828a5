import type { Report } from '@/api/shapes';

/** How an outcome looks. */
export function outcomeTone(kind: string): 'good' | 'bad' | 'warn' {
  if (kind === 'accepted') return 'good';
  return kind === 'refused' || kind === 'unrenderable' ? 'bad' : 'warn';
}

const BAD = new Set(['bounced', 'returned', 'complained', 'opted-out']);

/** How what was said of a message that had left looks. */
export function reportTone(kind: string): 'good' | 'bad' | '' {
  if (BAD.has(kind)) return 'bad';
  return kind === 'underway' || kind === 'part-delivered' ? '' : 'good';
}

/** What was said besides, in the words of who said it: each a line. */
export function reportDetails(said: Omit<Report, 'at'>): string[] {
  const { text, url, cause, what, part, because } = said;
  return [because, cause, what, part, text, url].filter((line): line is NonNullable<typeof line> => Boolean(line));
}
