import { Button } from '@mantine/core';
import { useMember } from '@/api/session';
import { useFormat } from '@/kit/format';
import { Empty, Failed, Loaded } from '@/kit/Loaded';
import { Panel } from '@/kit/Page';
import { Table } from '@/kit/Table';
import { tell } from '@/kit/toast';
import { Copy, Exactly, When } from '@/kit/values';
import { useText } from '@/text';
import { useBackups, useMakeBackup } from './queries';

/** The backups that lie on the server, and another one. */
export function Backups() {
  const text = useText().settings.backups;
  const format = useFormat();
  const query = useBackups();
  const make = useMakeBackup();
  const owner = useMember().role === 'owner';
  const button = owner ? (
    <Button size="xs" loading={make.isPending} onClick={() => make.mutate(undefined, { onSuccess: (made) => tell(text.made(format.bytes(made.bytes))) })}>
      {text.make}
    </Button>
  ) : null;
  return (
    <Panel title={text.title} sub={text.words} end={button} flush>
      {make.error ? <div className="pad"><Failed error={make.error} /></div> : null}
      <Loaded query={query} rows={3}>
        {({ backups }) =>
          backups.length === 0 ? (
            <Empty title={text.none} words={text.noneWords} />
          ) : (
            <Table
              name={text.title} rows={backups} keyOf={(row) => row.file}
              columns={[
                { head: text.at, cell: (row) => <><Exactly at={row.at} /> <span className="faint small">· <When at={row.at} /></span></> },
                { head: text.size, right: true, cell: (row) => format.bytes(row.bytes) },
                { head: text.file, wide: true, cell: (row) => <Copy value={row.file} /> },
              ]}
            />
          )
        }
      </Loaded>
    </Panel>
  );
}
