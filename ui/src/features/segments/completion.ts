import type { Offer } from '@/kit/editor/view';
import { complete } from './queries';

/** What kind of name stands where something is typed, judged by what stands before it. */
export function kindAt(before: string): { kind: string; of?: string } {
  if (/\bsegment\s+"[^"]*$/.test(before)) return { kind: 'segment' };
  if (/\blist\s+"[^"]*$/.test(before)) return { kind: 'list' };
  if (/\btemplate\s+"[^"]*$/.test(before)) return { kind: 'template' };
  if (/\bcampaign\s+"[^"]*$/.test(before)) return { kind: 'campaign' };
  if (/\bjourney\s+"[^"]*$/.test(before)) return { kind: 'journey' };
  if (/\btopic\s+"[^"]*$/.test(before)) return { kind: 'topic' };
  const inside = /\b(?:count|first|last|sum|average|min|max|distinct|most frequent|first value|last value|sequence)\s*\(\s*$|\bthen(?:\s+not)?\s+$/i.exec(before);
  if (inside) return { kind: 'event' };
  const where = /\b(?:count|sum|first|last|sequence|average|min|max|distinct)\s*\(\s*([\p{L}\p{N}_`]+)[^()]*\bwhere\s+(?:[^()]*\b(?:and|or)\s+)?$/iu.exec(before);
  if (where) return { kind: 'property', of: where[1] ?? '' };
  return { kind: 'attribute' };
}

/** Names that the server has learned, for what is being typed. */
export async function offersFor(prefix: string, before: string): Promise<Offer[]> {
  // `order_completed.total`: the part behind the point is a property of the event before it.
  const point = prefix.lastIndexOf('.');
  const found = kindAt(before);
  const asked = found.kind === 'event' && point > 0 ? { kind: 'property', of: prefix.slice(0, point) } : found;
  try {
    const items = await complete(asked.kind, asked.kind === 'property' && point > 0 ? prefix.slice(point + 1) : prefix, asked.of);
    const head = asked.kind === 'property' && point > 0 ? prefix.slice(0, point + 1) : '';
    return items.map((item) => ({ label: head + item.name, detail: item.type ?? asked.kind }));
  } catch {
    // Not: an error box. Somebody is typing; without offers the editor still works.
    return [];
  }
}
