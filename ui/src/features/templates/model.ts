import type { Diagnostic } from '@/api/problem';
import type { Mark } from '@/kit/editor/view';

/** Whom a preview is for: `namespace:value`, or an address or an id alone. */
export function personOf(typed: string): { namespace: string; value: string } | undefined {
  const asked = typed.trim();
  if (!asked) return undefined;
  const cut = asked.indexOf(':');
  if (cut > 0) return { namespace: asked.slice(0, cut), value: asked.slice(cut + 1) };
  return { namespace: asked.includes('@') ? 'email' : 'user_id', value: asked };
}

/** Faults of the body, at their places. */
export function marksOf(text: string, faults: Diagnostic[]): Mark[] {
  const bytes = new TextEncoder().encode(text);
  const unit = (byte: number) => new TextDecoder().decode(bytes.slice(0, byte)).length;
  return faults
    .filter((fault) => fault.span && fault.path.endsWith('html'))
    .map((fault) => {
      const [from, to] = fault.span as [number, number];
      return { from: unit(from), to: unit(to), severity: fault.severity === 'error' ? 'error' : 'warning', message: fault.hint ? `${fault.message} · ${fault.hint}` : fault.message };
    });
}
