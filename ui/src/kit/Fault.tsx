import type { Diagnostic } from '@/api/problem';
import { useText, type Text } from '@/text';
import { foreign, Words } from './Words';

type Told = Pick<Diagnostic, 'message' | 'hint'> & Partial<Pick<Diagnostic, 'code'>>;

/** A fault in one sentence: the server's own, in English, behind what the page's language calls it in short. Shown as `own` words. */
export function sentence(fault: Told, faults: Text['faults']): string {
  const short = faults[fault.code ?? ''];
  return [...(short ? [short] : []), foreign([fault.message, fault.hint].filter(Boolean).join(' · '))].join(': ');
}

export function Fault({ fault }: { fault: Told }) {
  return <Words words={sentence(fault, useText().faults)} own />;
}
