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
