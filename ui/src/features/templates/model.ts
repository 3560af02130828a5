import type { Mark } from '@/kit/editor/view';
import { sentence } from '@/kit/Fault';
import type { Text } from '@/text';
import type { Finding } from './queries';

/** Whom a preview is for: `namespace:value`, or an address or an id alone. */
export function personOf(typed: string): { namespace: string; value: string } | undefined {
  const asked = typed.trim();
  if (!asked) return undefined;
  const cut = asked.indexOf(':');
  if (cut > 0) return { namespace: asked.slice(0, cut), value: asked.slice(cut + 1) };
  return { namespace: asked.includes('@') ? 'email' : 'user_id', value: asked };
}

/** The part that a finding is in, as fields are called. */
export const partOf = (fault: Pick<Finding, 'part'>) => fault.part;

/** Findings at their places in a text. */
export function marksOf(text: string, faults: Finding[], inShort: Text['faults']): Mark[] {
  const bytes = new TextEncoder().encode(text);
  const unit = (byte: number) => new TextDecoder().decode(bytes.slice(0, byte)).length;
  return faults
    .filter((fault) => typeof fault.start === 'number')
    .map((fault) => ({
      from: unit(fault.start ?? 0), to: unit(fault.end ?? fault.start ?? 0), severity: fault.severity === 'error' ? 'error' : 'warning',
      message: sentence(fault, inShort),
    }));
}
