// What a journey's steps do, in the words of the page.
import type { Text } from '@/text';
import type { Graph } from './queries';

type Says = Text['journeys']['says'];

/** What a step does; as the server says it where this page does not know the kind. */
export function stepWords(step: Graph['steps'][number], says: Says): string {
  switch (step.kind) {
    case 'message':
      return says.message(step.template ?? '');
    case 'wait':
      return says.wait(step.span ?? '');
    case 'wait-for':
      return says.waitFor(step.event ?? '', step.span ?? '', step.same_key ?? false, step.rule ?? '');
    case 'if':
      return step.rule ?? '';
    case 'set':
      return says.set(Object.entries(step.sets ?? {}).map(([name, value]) => `\`${name}\` = ${value}`).join(', '));
    case 'exit':
      return says.exit;
    default:
      return step.words;
  }
}

/** What lets people in. */
export function entryWords({ begins, entry }: Pick<Graph, 'begins' | 'entry'>, says: Says): string {
  if (begins.event) return says.event(begins.event, begins.rule ?? '', begins.key ?? '');
  if (begins.segment) return begins.by_leaving ? says.leaves(begins.segment) : says.enters(begins.segment);
  return entry;
}

/** How often somebody may enter: `once`, `after-leaving`, `always`, `after 30d`. */
export const policyWords = (policy: string, says: Says) => says.again[policy] ?? (policy.startsWith('after ') ? says.after(policy.slice(6)) : policy);
