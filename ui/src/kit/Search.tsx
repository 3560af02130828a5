import { Button, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useText } from '@/text';
import { useTyped } from './following';
import { IconSearch } from './icons';
import { Empty } from './Loaded';
import { Panel } from './Page';
import { useQuestion } from './To';

/** A part of the address that is typed: it is written there once somebody has stopped typing. */
export function useAsked(at: string): [string, (typed: string) => void] {
  const [question, change] = useQuestion();
  return useTyped(question[at] ?? '', (typed) => change({ [at]: typed || undefined }));
}

/** What a list is searched for. The address keeps it; `at` is its name there. */
export function Search({ label, shown = false, at = 'q' }: { label: string; shown?: boolean; at?: string }) {
  const [typed, setTyped] = useAsked(at);
  const named = shown ? { label } : { 'aria-label': label, placeholder: label };
  return <TextInput className="grow" type="search" {...named} leftSection={<IconSearch />} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />;
}

const plain = (words: string) => words.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** The rows in whose words all that is wanted stands, whatever its accents. */
export function searched<T>(rows: T[], wanted: string | undefined, wordsOf: (row: T) => string): T[] {
  const words = plain(wanted ?? '').split(/\s+/).filter(Boolean);
  return words.length === 0 ? rows : rows.filter((row) => words.every((word) => plain(wordsOf(row)).includes(word)));
}

/** A short list with a search over it, and what to do where nothing fits. */
export function Searched<T>({ rows, label, wordsOf, title, children }: { rows: T[]; label: string; wordsOf: (row: T) => string; title?: string; children: (found: T[]) => ReactNode }) {
  const text = useText().kit;
  const [question, change] = useQuestion();
  const found = searched(rows, question.q, wordsOf);
  return (
    <>
      <div className="filters" role="search">
        <Search label={label} />
      </div>
      <Panel {...(title ? { title } : {})} flush>
        {found.length > 0 ? children(found) : <Empty title={text.noneFit} next={<Button variant="default" onClick={() => change({ q: undefined })}>{text.showAll}</Button>} />}
      </Panel>
    </>
  );
}
