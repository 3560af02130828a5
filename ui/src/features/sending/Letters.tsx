import { Button } from '@mantine/core';
import { useState } from 'react';
import { useMayEdit } from '@/api/session';
import { Confirm } from '@/kit/Confirm';
import { useFormat } from '@/kit/format';
import { Empty, Failed, Waiting } from '@/kit/Loaded';
import { Panel } from '@/kit/Page';
import { moreOf, Table } from '@/kit/Table';
import { href, To, useQuestion } from '@/kit/To';
import { tell } from '@/kit/toast';
import { When } from '@/kit/values';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { useDrop, useLetters, useReplay, type Chosen } from './queries';

interface Asked {
  what: 'replay' | 'drop';
  chosen: Chosen;
  count: number;
  atLeast: boolean;
}

/** Messages that ended because nobody carried them: tried again once that is mended, or given up. */
export function Letters() {
  const text = useText().sending;
  const mayEdit = useMayEdit();
  const [question, change] = useQuestion();
  const pages = useLetters(question.code);
  const [asked, setAsked] = useState<Asked | null>(null);
  const codes = Object.entries(pages.first?.codes ?? {}).sort((a, b) => b[1] - a[1]);
  const atLeast = pages.first?.at_least ?? false;
  const failed = pages.error ? <Failed error={pages.error} again={pages.repeat} /> : null;
  if (pages.isPending) return failed ?? <Waiting rows={6} />;
  if (codes.length === 0) {
    return (
      <Panel>
        <Empty title={text.noLetters} words={text.noLettersWords} />
      </Panel>
    );
  }
  const ask = (what: Asked['what'], chosen: Chosen, count: number, least = false) => setAsked({ what, chosen, count, atLeast: least });
  return (
    <>
      <Codes codes={codes} atLeast={atLeast} mayEdit={mayEdit} ask={ask} />
      <Panel title={question.code ? (text.codes[question.code] ?? question.code) : text.all} end={question.code ? <Button size="xs" variant="subtle" onClick={() => change({ code: undefined })}>{text.showAll}</Button> : null} flush>
        <Table
          name={text.letters} rows={pages.items} keyOf={(row) => row.id} to={(row) => href`/messages/${row.id}`} more={moreOf(pages)}
          columns={[
            { head: text.template, cell: (row) => row.template },
            { head: text.why, cell: (row) => <div style={{ minWidth: 110 }}>{text.codes[row.code] ?? row.code}{row.text ? <div className="dim small break"><Words words={row.text} /></div> : null}</div> },
            { head: text.queue, wide: true, cell: (row) => row.queue },
            { head: text.triedBy, wide: true, cell: (row) => row.providers.join(', ') || <span className="faint">{text.nobody}</span> },
            { head: text.ended, right: true, wide: true, cell: (row) => <When at={row.at} /> },
            ...(mayEdit
              ? [{
                  head: text.actions, right: true,
                  cell: (row: (typeof pages.items)[number]) => (
                    <span className="above row" style={{ justifyContent: 'flex-end', flexWrap: 'wrap' as const }}>
                      <Button size="compact-xs" variant="default" onClick={() => ask('replay', { ids: [row.id] }, 1)}>{text.replay}</Button>
                      <Button size="compact-xs" variant="default" c="var(--bad)" onClick={() => ask('drop', { ids: [row.id] }, 1)}>{text.drop}</Button>
                    </span>
                  ),
                }]
              : []),
          ]}
        />
      </Panel>
      {/* Below, where somebody asked for more, and with what there is still there. */}
      {failed}
      {asked ? <Deciding asked={asked} close={() => setAsked(null)} /> : null}
    </>
  );
}

function Codes({ codes, atLeast, mayEdit, ask }: { codes: [string, number][]; atLeast: boolean; mayEdit: boolean; ask: (what: Asked['what'], chosen: Chosen, count: number, least?: boolean) => void }) {
  const text = useText().sending;
  const format = useFormat();
  const total = codes.reduce((sum, [, count]) => sum + count, 0);
  const rows: [string | null, number][] = codes.length > 1 ? [...codes, [null, total]] : codes;
  return (
    <Panel title={text.letters} sub={text.lettersWords} flush>
      <Table
        name={text.byCode} rows={rows} keyOf={([code]) => code ?? ''}
        columns={[
          { head: text.why, cell: ([code]) => (code === null ? <strong>{text.all}</strong> : <To to={href`/sending?tab=letters&code=${code}`}>{text.codes[code] ?? code}</To>) },
          { head: text.count, right: true, cell: ([, count]) => (atLeast ? text.atLeast(format.number(count)) : format.number(count)) },
          ...(mayEdit
            ? [{
                head: text.actions, right: true,
                cell: ([code, count]: [string | null, number]) => {
                  const chosen: Chosen = code === null ? { all: true } : { code };
                  const named = code === null ? text.all : (text.codes[code] ?? code);
                  return (
                    <span className="row" style={{ justifyContent: 'flex-end', flexWrap: 'wrap' as const }}>
                      <Button size="compact-xs" variant="default" aria-label={`${text.replay}: ${named}`} onClick={() => ask('replay', chosen, count, atLeast)}>{text.replay}</Button>
                      <Button size="compact-xs" variant="default" c="var(--bad)" aria-label={`${text.drop}: ${named}`} onClick={() => ask('drop', chosen, count, atLeast)}>{text.drop}</Button>
                    </span>
                  );
                },
              }]
            : []),
        ]}
      />
    </Panel>
  );
}

function Deciding({ asked, close }: { asked: Asked; close: () => void }) {
  const text = useText().sending;
  const format = useFormat();
  const replay = useReplay();
  const drop = useDrop();
  const count = asked.atLeast ? text.atLeast(format.number(asked.count)) : format.number(asked.count);
  const again = asked.what === 'replay';
  const done = (said: string) => {
    tell(said);
    close();
  };
  return (
    <Confirm
      opened close={close} danger={!again} title={again ? text.replayTitle : text.dropTitle} verb={again ? text.replay : text.drop}
      busy={replay.isPending || drop.isPending} error={replay.error ?? drop.error}
      consequences={again ? [text.replayWords(count), text.replayAsked, text.replayMended] : [text.dropWords(count), text.dropFinal]}
      act={() =>
        again
          ? replay.mutate(asked.chosen, { onSuccess: ({ replayed }) => done(text.replayed(format.number(replayed))) })
          : drop.mutate(asked.chosen, { onSuccess: ({ dropped }) => done(text.dropped(format.number(dropped))) })
      }
    />
  );
}
