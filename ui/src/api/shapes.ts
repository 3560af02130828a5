// Shapes of answers that `openapi.json` calls objects. The server is right where they differ.
import type { Reasoning } from '@/kit/Why';
import type { Diagnostic } from './problem';

export interface Published<D = Record<string, unknown>> {
  revision: number;
  plan: number;
  definition: D;
}

export interface Definitions {
  plan: number;
  definitions: Record<string, Record<string, Published>>;
}

export interface Plan {
  /** `from` is the revision in force before, and `to` the one that publishing made. */
  changes: { kind: string; name: string; what: 'add' | 'change' | 'remove'; before: unknown; after: unknown; from?: number | null; to?: number | null }[];
  clean: boolean;
  diagnostics: Diagnostic[];
  plan?: number;
}

export interface Segment {
  name: string;
  revision: number;
  rule: string;
  members: number;
  built: number;
}

export interface Attempt {
  number: number;
  address: string;
  granted: string;
  ended: [string, { kind: string; text?: string; id?: string; [more: string]: unknown }] | null;
}

/** When, and what somebody said about a message that had left. */
export type Report = [string, { kind: string; text?: string; url?: string | null; cause?: string; what?: string; part?: string; actor?: string; [more: string]: unknown }];

export interface Message {
  id: string;
  channel: string;
  class: string;
  profile: string;
  template: [string, number];
  topic: string | null;
  path: string;
  trace: string;
  created: string;
  expires: string;
  source: { kind: string; campaign?: string; journey?: string; id?: number; [more: string]: unknown };
  state: { state: string; at?: string; reason?: unknown; [more: string]: unknown };
  term: string;
  /** Why it is so, in words. */
  why?: string | null;
  context: Record<string, unknown>;
  attempts: Attempt[];
  reports: Report[];
}

export interface Balance {
  target: number;
  planned: number;
  sent: number;
  refused: number;
  failed: number;
  unknown: number;
  pending: number;
  balances: boolean;
  done: boolean;
  frozen: boolean;
  moved_in: number;
  moved_out: number;
  /** People of the audience whose message has no outcome yet, or who have none yet. */
  left: number;
  refusals: Record<string, number>;
}

export interface CampaignRun {
  run: number;
  campaign: string;
  revision: number;
  state: 'running' | 'paused' | 'cancelled' | 'done';
  started: string;
  since: string;
  by: string;
  balance: Balance;
  /** What keeps it from freezing its audience everywhere, in words: a segment that is still being built. */
  waits?: string | null;
  /** Opened and followed, by whom; of one run alone. */
  engagement?: Record<'opened' | 'clicked', Record<'human' | 'machine' | 'unknown', number>>;
}

export interface Step {
  at: string;
  partition: number;
  offset: number;
  input: string;
  effects: string[];
}

export interface SegmentAnswer {
  profile: string;
  segment: string;
  inside: boolean;
  why: Reasoning;
}
