import { Autocomplete, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useRead } from '@/api/queries';
import type { components } from '@/api/schema';
import { Confirm } from '@/kit/Confirm';
import { useFormat } from '@/kit/format';
import { tell } from '@/kit/toast';
import { useText } from '@/text';
import { useRetain } from './queries';

/** Forgets the events of a name that are older than a day, for good. */
export function Forget({ close }: { close: () => void }) {
  const text = useText().settings.forget;
  const format = useFormat();
  const retain = useRetain();
  const learned = useRead<components['schemas']['SchemaList']>('/v1/schemas');
  const [event, setEvent] = useState('');
  const [day, setDay] = useState('');
  const count = learned.data?.items.find((one) => one.event === event)?.count;
  return (
    <Confirm
      opened close={close} danger title={text.title} verb={text.verb} busy={retain.isPending} error={retain.error} barred={event === '' || day === ''} {...(event ? { typed: event } : {})}
      consequences={[...(event && count !== undefined ? [text.seen(event, format.number(count))] : []), text.words, text.final]}
      act={() =>
        retain.mutate({ event, before: new Date(`${day}T00:00:00Z`).toISOString() }, {
          onSuccess: () => {
            tell(text.done(event));
            close();
          },
        })
      }
    >
      <Autocomplete label={text.event} required value={event} onChange={setEvent} data={(learned.data?.items ?? []).flatMap((one) => one.event ?? [])} limit={40} />
      <TextInput label={text.before} type="date" required value={day} onChange={(typed) => setDay(typed.currentTarget.value)} />
    </Confirm>
  );
}
