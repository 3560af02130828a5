import type { Message } from '@/api/shapes';
import { Because } from '@/kit/Because';
import { Table, type Column } from '@/kit/Table';
import { href } from '@/kit/To';
import { When } from '@/kit/values';
import { useText } from '@/text';
import { MessageState } from './MessageState';

/** Messages as rows. `who` says to whom as well, where they are of many. */
export function Messages({ rows, who = false, more }: { rows: Message[]; who?: boolean; more?: { has: boolean; busy: boolean; ask: () => void } }) {
  const text = useText().messages;
  const columns: Column<Message>[] = [
    { head: text.template, cell: (row) => row.template.name },
    ...(who ? [{ head: text.to, wide: true, cell: (row: Message) => <span className="break">{row.attempts[0]?.address ?? <span className="faint">{text.noAttempt}</span>}</span> }] : []),
    { head: text.state, cell: (row) => <MessageState state={row.state.state} /> },
    { head: text.why, cell: (row) => <div className="dim" style={{ minWidth: row.why ? 130 : 0 }}>{row.why ? <Because said={row.state.reason ?? row.state.put_off} why={row.why} /> : null}</div> },
    { head: text.source, wide: true, cell: (row) => row.source.campaign ?? row.source.journey ?? text.sources[row.source.kind] ?? row.source.kind },
    { head: text.when, cell: (row) => <When at={row.created} /> },
  ];
  return <Table name={text.title} rows={rows} keyOf={(row) => row.id} to={(row) => href`/messages/${row.id}`} columns={columns} {...(more ? { more } : {})} />;
}
