import type { Tone } from '@/kit/Page';
import type { File, Source, Written } from './queries';

export type Standing = 'trouble' | 'taking' | 'waiting' | 'failed' | 'unlooked' | 'well';

export const TONES: Record<Standing, Tone> = { trouble: 'bad', taking: 'going', waiting: 'going', failed: 'warn', unlooked: 'calm', well: 'good' };

/** How a source stands, in one word: what keeps it from going on first. */
export function standingOf({ files, standing }: Pick<Source, 'files' | 'standing'>): Standing {
  if (standing.trouble) return 'trouble';
  if (standing.under_way) return 'taking';
  if (standing.waiting > 0) return 'waiting';
  if (files.failed > 0) return 'failed';
  // What it took before the server started is known, though it has not looked since.
  return standing.looked_at || files.taken > 0 ? 'well' : 'unlooked';
}

export interface Sum {
  rows: number;
  accepted: number;
  rejected: number;
}

/** What came of a source: of its files, or of the messages since the server started. */
export function sumOf({ kind, files, standing }: Source): Sum {
  const { rows, accepted, rejected } = kind === 'nats' ? (standing.messages ?? { rows: 0, accepted: 0, rejected: 0 }) : files;
  return { rows, accepted, rejected };
}

/** Where its files or messages are. */
export function placeOf({ folder, store, nats }: Written): string {
  if (store) return `${store.endpoint}/${store.bucket}/${store.prefix ?? ''}`;
  if (nats) return [nats.server.url, nats.stream, nats.subject].filter(Boolean).join(' · ');
  return folder ?? '';
}

export type Shown = 'all' | 'failed' | 'rejected';

/** Files by a part of their name, and by what became of them. */
export function filtered(files: File[], { q = '', show = 'all' }: { q?: string | undefined; show?: string | undefined }): File[] {
  const wanted = q.trim().toLowerCase();
  return files
    .filter((file) => file.name.toLowerCase().includes(wanted))
    .filter((file) => (show === 'failed' ? file.state === 'failed' : show === 'rejected' ? file.counts.rejected > 0 : true));
}
