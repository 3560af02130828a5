/** All of the counts together. */
export function sumOf(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** How late things are, in seconds, by what is late. */
export function latenessOf(said: Record<string, unknown>): { name: string; seconds: number }[] {
  return Object.entries(said)
    .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
    .map(([name, value]) => ({ name: name.replace(/_(ms|seconds|s)$/, ''), seconds: name.endsWith('_ms') ? value / 1000 : value }));
}
