import { Empty, Loaded } from '@/kit/Loaded';
import { useFormat } from '@/kit/format';
import { Page, Panel, State, Stats } from '@/kit/Page';
import { Searched } from '@/kit/Search';
import { Table } from '@/kit/Table';
import { Copy, Exactly, When } from '@/kit/values';
import { useText } from '@/text';
import { useErased } from './queries';

/** Who was erased, as far as anybody may know: hashes of names, and whether their last bytes are gone. */
export function Erased() {
  const { title, erased: text } = useText().profiles;
  const format = useFormat();
  const query = useErased();
  return (
    <Page title={text.title} sub={text.sub} crumbs={[{ to: '/profiles', words: title }]}>
      <Loaded query={query} rows={6}>
        {({ erasures, waiting_for_identity: waiting, swept }) => (
          <>
            <Stats
              stats={[
                { name: text.names, value: format.number(erasures.length) },
                { name: text.waiting, value: format.number(waiting), small: text.waitingWords },
                { name: text.sweep, value: swept ? <When at={swept.at} /> : '–', small: swept ? <Exactly at={swept.at} /> : text.noSweep },
              ]}
            />
            {erasures.length === 0 ? (
              <Panel flush>
                <Empty title={text.none} words={text.noneWords} />
              </Panel>
            ) : (
              <Searched rows={erasures.toReversed()} label={text.find} wordsOf={(row) => row.hash}>
                {(rows) => (
                  <Table
                    name={text.title} rows={rows} keyOf={(row) => row.hash}
                    columns={[
                      { head: text.hash, cell: (row) => <Copy value={row.hash} /> },
                      { head: text.at, wide: true, cell: (row) => <Exactly at={row.at} /> },
                      { head: text.bytes, cell: (row) => (row.state === 'swept' ? <State tone="good">{text.gone}</State> : <div style={{ minWidth: 130 }}><State tone="going">{text.until}</State><div className="dim small"><Exactly at={row.last_byte.log_and_store} /></div></div>) },
                      { head: text.backups, wide: true, cell: (row) => (row.last_byte.backups ? <Exactly at={row.last_byte.backups} /> : <span className="faint">{text.noBackup}</span>) },
                      { head: text.suppressed, wide: true, cell: (row) => (row.suppressed ? text.yes : <span className="faint">–</span>) },
                    ]}
                  />
                )}
              </Searched>
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}
