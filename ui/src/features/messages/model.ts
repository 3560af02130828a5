import type { Report } from '@/api/shapes';

interface Outcome {
  kind: string;
  text?: string;
  reason?: unknown;
}

/** How an outcome looks. */
export function outcomeTone(kind: string): 'good' | 'bad' | 'warn' {
  if (kind === 'accepted') return 'good';
  return kind === 'refused' || kind === 'unrenderable' ? 'bad' : 'warn';
}

/** What a provider answered, in its own words behind ours. */
export function outcomeWords(outcome: Outcome, words: Record<string, string>): string {
  const said = outcome.text ?? (typeof outcome.reason === 'string' ? outcome.reason : '');
  const own = words[outcome.kind] ?? outcome.kind;
  return said ? `${own}: ${said}` : own;
}

const BAD = new Set(['bounced', 'returned', 'complained', 'opted-out']);

/** How what was said of a message that had left looks. */
export function reportTone(kind: string): 'good' | 'bad' | '' {
  if (BAD.has(kind)) return 'bad';
  return kind === 'underway' || kind === 'part-delivered' ? '' : 'good';
}

/** What was said besides, in the words of who said it: each a line. */
export function reportDetails(said: Report[1]): string[] {
  const { text, url, cause, what, part, was, is, why } = said;
  const changed = was && is ? `${was} → ${is}` : '';
  return [changed, why, cause, what, part, text, url].filter((line): line is string => typeof line === 'string' && line !== '');
}
