import { Confirm } from '@/kit/Confirm';
import { useFormat } from '@/kit/format';
import { Waiting } from '@/kit/Loaded';
import { useGo } from '@/kit/To';
import { useText } from '@/text';
import { MESSAGES_MAX, useErase, useMessages, type Profile, type Who } from './queries';

/** Forgetting a person, with what that means in numbers. */
export function Erase({ who, name, profile, close }: { who: Who; name: string; profile: Profile; close: () => void }) {
  const text = useText().profiles.erase;
  const format = useFormat();
  const go = useGo();
  const erase = useErase(who);
  const messages = useMessages(who);
  const n = (value: number, most: number) => (value >= most ? `${format.number(most)}+` : format.number(value));
  return (
    <Confirm
      opened close={close} danger title={text.title} verb={text.verb} typed={name} busy={erase.isPending} error={erase.error ?? messages.error} barred={!messages.data}
      consequences={[
        text.names(format.number(profile.aliases.length)),
        text.facts(format.number(Object.keys(profile.attributes).length), n(profile.timeline.length, 1_000)),
        ...(messages.data ? [text.messages(n(messages.data.messages.length, MESSAGES_MAX))] : []),
        text.segments(format.number(profile.segments.length), format.number(profile.runs.length)),
        text.kept,
        text.final,
      ]}
      act={() => erase.mutate(undefined, { onSuccess: () => go('/profiles') })}
    >
      {/* Nobody says yes to a number that is not there yet. */}
      {messages.isPending ? <Waiting rows={1} /> : null}
    </Confirm>
  );
}
