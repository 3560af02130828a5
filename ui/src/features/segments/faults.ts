import type { Mark } from '@/kit/editor/view';
import { sentence } from '@/kit/Fault';
import type { Text } from '@/text';
import type { Fault } from './queries';

/** The place of a byte in a text: the server counts bytes, the editor counts UTF-16 units. */
export function unitAt(text: string, byte: number): number {
  let bytes = 0;
  let units = 0;
  for (const letter of text) {
    if (bytes >= byte) return units;
    const code = letter.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    units += letter.length;
  }
  return units;
}

/** What is needed of a fault to show it where it is. */
type Told = Pick<Fault, 'message'> & Partial<Pick<Fault, 'at' | 'code' | 'end' | 'hint' | 'severity'>>;

/** Faults at their places in the text. */
export function marksOf(text: string, faults: Told[], inShort: Text['faults']): Mark[] {
  return faults.map((fault) => {
    const [first, last] = [fault.at ?? 0, fault.end ?? -1];
    const from = unitAt(text, first);
    const word = /^[\p{L}\p{N}_.]+|^./u.exec(text.slice(from))?.[0].length ?? 1;
    const to = last > first ? unitAt(text, last) : from + word;
    return { from, to, severity: fault.severity === 'warning' ? 'warning' : 'error', message: sentence(fault, inShort) };
  });
}
