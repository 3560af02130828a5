import { Button } from '@mantine/core';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { useText } from '@/text';
import { To } from './To';

export interface Column<T> {
  head: string;
  cell: (row: T) => ReactNode;
  right?: boolean;
  /** Left out where there is little room. */
  wide?: boolean;
}

interface Props<T> {
  /** What the table is of, for who cannot see it. */
  name: string;
  columns: Column<T>[];
  rows: T[];
  keyOf: (row: T) => string;
  /** Where a row leads. Its first cell is the link. */
  to?: (row: T) => string;
  more?: { has: boolean; busy: boolean; ask: () => void };
}

// Fewer rows are drawn at once: what is searched with the browser's own search must be there.
const VIRTUAL_FROM = 150;
const ROW_PX = 43;

/** Rows. Long lists draw only those in sight, and page by cursor. */
export function Table<T>({ name, columns, rows, keyOf, to, more }: Props<T>) {
  const text = useText().kit;
  const body = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    if (body.current) setTop(body.current.getBoundingClientRect().top + window.scrollY);
  }, []);
  const virtual = rows.length >= VIRTUAL_FROM;
  const virtualizer = useWindowVirtualizer({
    count: virtual ? rows.length : 0,
    estimateSize: () => ROW_PX,
    overscan: 12,
    scrollMargin: top,
  });
  const shown = virtual ? virtualizer.getVirtualItems().map((item) => item.index) : rows.map((_, place) => place);
  const first = virtual ? virtualizer.getVirtualItems()[0] : undefined;
  const last = virtual ? virtualizer.getVirtualItems().at(-1) : undefined;
  const before = first ? first.start - top : 0;
  const after = last ? virtualizer.getTotalSize() - (last.end - top) : 0;
  const spacer = (height: number) =>
    height > 0 ? (
      <tr className="spacer" aria-hidden="true">
        <td colSpan={columns.length} style={{ height }} />
      </tr>
    ) : null;
  return (
    <>
      <div className="scroll" tabIndex={0} role="region" aria-label={name}>
        <table className="grid" aria-rowcount={more?.has ? -1 : rows.length + 1}>
          <caption className="sr">{name}</caption>
          <thead>
            <tr aria-rowindex={1}>
              {columns.map((column) => (
                <th key={column.head} scope="col" className={`${column.right ? 'right' : ''} ${column.wide ? 'wide' : ''}`}>
                  {column.head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody ref={body}>
            {spacer(before)}
            {shown.map((place) => {
              const row = rows[place];
              if (row === undefined) return null;
              const target = to?.(row);
              return (
                <tr key={keyOf(row)} className={target ? 'linked' : ''} data-row="" aria-rowindex={place + 2}>
                  {columns.map((column, cell) => (
                    <td key={column.head} className={`${column.right ? 'right' : ''} ${column.wide ? 'wide' : ''}`}>
                      {cell === 0 && target ? <To to={target}>{column.cell(row)}</To> : column.cell(row)}
                    </td>
                  ))}
                </tr>
              );
            })}
            {spacer(after)}
          </tbody>
        </table>
      </div>
      {more?.has ? (
        <div className="more">
          <Button size="xs" variant="default" loading={more.busy} onClick={more.ask}>
            {text.more}
          </Button>
        </div>
      ) : null}
    </>
  );
}

/** What `usePages` knows, as the table's footer. */
export function moreOf(pages: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown }) {
  return { has: pages.hasNextPage, busy: pages.isFetchingNextPage, ask: () => void pages.fetchNextPage() };
}
