export interface Line {
  kind: 'same' | 'add' | 'del';
  text: string;
}

/** Two texts line by line, by their longest common subsequence. */
export function diffLines(before: string, after: string): Line[] {
  const a = before === '' ? [] : before.split('\n');
  const b = after === '' ? [] : after.split('\n');
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: 'same', text: a[i] ?? '' });
      i += 1;
      j += 1;
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ kind: 'del', text: a[i] ?? '' });
      i += 1;
    } else {
      lines.push({ kind: 'add', text: b[j] ?? '' });
      j += 1;
    }
  }
  return lines;
}

/** A definition as people read it: one field a line, texts with their own lines. */
export function readable(value: unknown): string {
  if (value === null || value === undefined) return '';
  return JSON.stringify(value, null, 2).replace(/\\n/g, '\n');
}
