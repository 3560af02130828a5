import { Button } from '@mantine/core';
import { useMayEdit } from '@/api/session';
import { Empty, Failed, Loaded } from '@/kit/Loaded';
import { Page, Panel } from '@/kit/Page';
import { Json } from '@/kit/values';
import { useText } from '@/text';
import { Rooms } from './Rooms';
import { useQuarantine, useReplay } from './queries';

/** What could not be decided, why, and trying it again. */
export function Quarantine() {
  const text = useText().events;
  const query = useQuarantine();
  const replay = useReplay();
  const mayEdit = useMayEdit();
  return (
    <Page title={text.quarantine.title} sub={text.quarantine.sub}>
      <Rooms at="quarantine" />
      {replay.error ? <Failed error={replay.error} /> : null}
      <Loaded query={query}>
        {(data) => {
          const entries: Record<string, unknown>[] = data.items ?? (data.entries as unknown as Record<string, unknown>[]) ?? [];
          if (entries.length === 0) {
            return (
              <Panel>
                <Empty title={text.quarantine.empty} words={text.quarantine.emptyWords} />
              </Panel>
            );
          }
          return entries.map((entry, place) => (
            <Panel
              key={place} title={String(entry.reason ?? entry.why ?? entry.words ?? text.quarantine.one)}
              end={mayEdit ? <Button size="xs" variant="default" loading={replay.isPending} onClick={() => replay.mutate({ ids: [entry.id] })}>{text.quarantine.replay}</Button> : null}
            >
              <Json value={entry} label={text.quarantine.one} />
            </Panel>
          ));
        }}
      </Loaded>
    </Page>
  );
}
