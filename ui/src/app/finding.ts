export interface Entry {
  key: string;
  words: string;
  kind: string;
  to: string;
}

/** How well letters are found in words, in their order: lower is better, nothing if they are not. */
export function score(words: string, typed: string): number | undefined {
  const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const [where, what] = [plain(words), plain(typed.trim())];
  const whole = where.indexOf(what);
  if (whole === 0) return 0;
  if (whole > 0) return /[\s\-_.]/.test(where[whole - 1] ?? '') ? 1 : 2;
  let at = -1;
  let gaps = 0;
  for (const letter of what) {
    const next = where.indexOf(letter, at + 1);
    if (next < 0) return undefined;
    gaps += next - at - 1;
    at = next;
  }
  return 3 + gaps;
}

/** The entries that fit, best first; of two that fit as well the earlier one. */
export function find(entries: Entry[], typed: string): Entry[] {
  if (!typed.trim()) return entries.slice();
  return entries
    .map((entry) => ({ entry, fit: score(entry.words, typed) }))
    .filter((found): found is { entry: Entry; fit: number } => found.fit !== undefined)
    .sort((a, b) => a.fit - b.fit)
    .map(({ entry }) => entry);
}
