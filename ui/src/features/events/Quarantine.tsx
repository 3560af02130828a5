import { Button } from '@mantine/core';
import { useMayEdit } from '@/api/session';
import { useFormat } from '@/kit/format';
import { Empty, Failed, Loaded } from '@/kit/Loaded';
import { Page, Panel } from '@/kit/Page';
import { inWords, Json, When } from '@/kit/values';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { Rooms } from './Rooms';
import { useQuarantine, useReplay } from './queries';

/** What could not be decided, why, and trying it again. */
export function Quarantine() {
  const text = useText().events;
  const query = useQuarantine();
  const replay = useReplay();
  const format = useFormat();
  const mayEdit = useMayEdit();
  return (
    <Page title={text.quarantine.title} sub={text.quarantine.sub}>
      <Rooms at="quarantine" />
      {replay.error ? <Failed error={replay.error} /> : null}
      <Loaded query={query}>
        {({ items = [], entries }) =>
          items.length + entries.length === 0 ? (
            <Panel>
              <Empty title={text.quarantine.empty} words={text.quarantine.emptyWords} />
            </Panel>
          ) : (
            <>
              {items.map((item) => (
                <Panel key={item.id} title={item.event.name} end={mayEdit ? <Button size="xs" variant="default" loading={replay.isPending} onClick={() => replay.mutate({ ids: [item.id] })}>{text.quarantine.replay}</Button> : null}>
                  <div className="stack">
                    <p className="dim small">
                      {text.quarantine.waits(format.number(item.tries))} <When at={item.since} />
                    </p>
                    {item.faults.map((fault, place) => (
                      <p key={place} className="break"><Words words={faultOf(fault)} /></p>
                    ))}
                    <Json value={item.event.properties} label={text.properties} />
                  </div>
                </Panel>
              ))}
              {entries.map((entry) => (
                <Panel key={`${entry.partition}/${entry.position}`} title={text.quarantine.one} sub={text.place(entry.partition, entry.position)}>
                  <Json value={entry.entry} label={text.quarantine.one} />
                </Panel>
              ))}
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

/** A fault in the server's words, in whichever form it has them. */
function faultOf(fault: unknown): string {
  const said = fault as { path?: string; message?: string; words?: string };
  return said && typeof said === 'object' && (said.message || said.words) ? [said.path, said.message ?? said.words].filter(Boolean).join(': ') : inWords(fault);
}
