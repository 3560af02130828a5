// The rule as a document: a pure reducer over the JSON form that the server reads and prints. It
// knows the shape of the tree and nothing of what is right: that the server says.

export type Op = 'equal' | 'different' | 'less' | 'at-most' | 'more' | 'at-least';
export const OPS: Op[] = ['equal', 'different', 'more', 'at-least', 'less', 'at-most'];
export type Literal = string | number | boolean;
export type Window = 'all' | { last: string } | { this: string } | { past: { count: number; unit: string } } | Record<string, unknown>;
export interface Bound { op: Op; to: number }
export interface Selection { event: string; where?: unknown; window?: Window }

export type Rule =
  | { and: Rule[] }
  | { or: Rule[] }
  | { not: Rule }
  | { attribute: { path: string; is: unknown } }
  | { count: { of: Selection; is: Bound } }
  | { sum: { of: Selection; property: string; is: Bound } }
  | { first: { of: Selection; is: unknown } }
  | { last: { of: Selection; is: unknown } }
  | { segment: string }
  | { reachable: { channel: string; topic?: string | null } }
  | { consent: string }
  | Record<string, unknown>;

/** Where in the tree: the places of children from the root on. */
export type Place = readonly number[];

export interface Doc {
  past: Rule[];
  rule: Rule;
  future: Rule[];
}

export type Action =
  | { do: 'set'; at: Place; rule: Rule }
  | { do: 'add'; at: Place; rule: Rule }
  | { do: 'remove'; at: Place }
  | { do: 'join'; at: Place; by: 'and' | 'or' }
  | { do: 'negate'; at: Place }
  | { do: 'load'; rule: Rule }
  | { do: 'undo' }
  | { do: 'redo' };

// Limit: steps that can be taken back; the oldest are forgotten.
const STEPS_MAX = 200;

/** The word of a rule's kind: `and`, `count`, `attribute`… */
export function kindOf(rule: Rule): string {
  return Object.keys(rule)[0] ?? '';
}

/** The children of a rule that is made of rules. */
export function childrenOf(rule: Rule): Rule[] {
  const of = rule as { and?: Rule[]; or?: Rule[]; not?: Rule };
  return of.and ?? of.or ?? (of.not ? [of.not] : []);
}

export function isGroup(rule: Rule): rule is { and: Rule[] } | { or: Rule[] } {
  return 'and' in rule || 'or' in rule;
}

function withChildren(rule: Rule, children: Rule[]): Rule {
  if ('and' in rule) return { and: children };
  if ('or' in rule) return { or: children };
  if ('not' in rule) return { not: children[0] ?? { and: [] } };
  return rule;
}

/** The rule at a place. */
export function ruleAt(rule: Rule, at: Place): Rule | undefined {
  return at.reduce<Rule | undefined>((found, place) => (found ? childrenOf(found)[place] : undefined), rule);
}

/** The tree with the rule at a place replaced; by nothing, it is taken out. */
function replaced(rule: Rule, at: Place, by: (found: Rule) => Rule | null): Rule | null {
  const [place, ...rest] = at;
  if (place === undefined) return by(rule);
  const children = childrenOf(rule);
  const child = children[place];
  if (!child) return rule;
  const next = replaced(child, rest, by);
  const kept = next === null ? children.filter((_, other) => other !== place) : children.map((other, index) => (index === place ? next : other));
  // A `not` of nothing is nothing.
  return kept.length === 0 && 'not' in rule ? null : withChildren(rule, kept);
}

/** The rule as a group, so that there is a place to add to. */
export function asGroup(rule: Rule | null): Rule {
  if (rule === null) return { and: [] };
  return isGroup(rule) ? rule : { and: [rule] };
}

/** The rule as the server takes it: groups of one are that one, empty groups are not there. */
export function simplified(rule: Rule): Rule | null {
  if ('not' in rule) {
    const inner = simplified((rule as { not: Rule }).not);
    return inner === null ? null : { not: inner };
  }
  if (!isGroup(rule)) return rule;
  const children = childrenOf(rule).map(simplified).filter((child): child is Rule => child !== null);
  if (children.length <= 1) return children[0] ?? null;
  return withChildren(rule, children);
}

function changed(rule: Rule, action: Action): Rule {
  const or = (found: Rule | null) => found ?? { and: [] };
  switch (action.do) {
    case 'set':
      return or(replaced(rule, action.at, () => action.rule));
    case 'add':
      return or(replaced(rule, action.at, (found) => (isGroup(found) ? withChildren(found, [...childrenOf(found), action.rule]) : { and: [found, action.rule] })));
    case 'remove':
      return or(replaced(rule, action.at, () => null));
    case 'join':
      return or(replaced(rule, action.at, (found) => (action.by === 'and' ? { and: childrenOf(found) } : { or: childrenOf(found) })));
    case 'negate':
      return or(replaced(rule, action.at, (found) => ('not' in found ? (found as { not: Rule }).not : { not: found })));
    default:
      return rule;
  }
}

export function begin(rule: Rule | null): Doc {
  return { past: [], rule: asGroup(rule), future: [] };
}

/** What a document becomes. Every change can be taken back, and made again. */
export function reduce(doc: Doc, action: Action): Doc {
  switch (action.do) {
    case 'undo': {
      const before = doc.past.at(-1);
      return before ? { past: doc.past.slice(0, -1), rule: before, future: [doc.rule, ...doc.future] } : doc;
    }
    case 'redo': {
      const [next, ...future] = doc.future;
      return next ? { past: [...doc.past, doc.rule], rule: next, future } : doc;
    }
    case 'load':
      return begin(action.rule);
    default: {
      const rule = asGroup(changed(doc.rule, action));
      if (JSON.stringify(rule) === JSON.stringify(doc.rule)) return doc;
      return { past: [...doc.past, doc.rule].slice(-STEPS_MAX), rule, future: [] };
    }
  }
}

/** Conditions that can be begun with, by their kind. */
export const STARTERS = {
  attribute: { attribute: { path: '', is: { compare: { op: 'equal', to: '' } } } },
  count: { count: { of: { event: '', window: { last: '30d' } }, is: { op: 'at-least', to: 1 } } },
  sum: { sum: { of: { event: '', window: { last: '90d' } }, property: '', is: { op: 'more', to: 0 } } },
  last: { last: { of: { event: '', window: 'all' }, is: { 'within-last': '30d' } } },
  first: { first: { of: { event: '', window: 'all' }, is: { 'within-last': '30d' } } },
  segment: { segment: '' },
  reachable: { reachable: { channel: 'email', topic: null } },
  consent: { consent: '' },
} satisfies Record<string, Rule>;
export type Starter = keyof typeof STARTERS;

/** What somebody typed as a value: `42` is a number, `true` a truth, `"42"` a text. */
export function literalOf(typed: string): Literal {
  if (/^-?\d+(\.\d+)?$/.test(typed)) return Number(typed);
  if (typed === 'true' || typed === 'false') return typed === 'true';
  const quoted = /^"(.*)"$/.exec(typed);
  return quoted ? (quoted[1] ?? '') : typed;
}

/** A value as it would be typed. */
export function typedOf(literal: Literal): string {
  if (typeof literal !== 'string') return String(literal);
  return literal !== '' && literalOf(literal) !== literal ? `"${literal}"` : literal;
}
