import { Confirm } from '@/kit/Confirm';
import { useFormat } from '@/kit/format';
import { useGo } from '@/kit/To';
import { useText } from '@/text';
import { useErase, useMessages, type Profile, type Who } from './queries';

/** Forgetting a person, with what that means in numbers. */
export function Erase({ who, profile, opened, close }: { who: Who; profile: Profile; opened: boolean; close: () => void }) {
  const text = useText().profiles.erase;
  const format = useFormat();
  const go = useGo();
  const erase = useErase(who);
  const messages = useMessages(who);
  const n = (value: number, most: number) => (value >= most ? `${format.number(most)}+` : format.number(value));
  return (
    <Confirm
      opened={opened} close={close} danger title={text.title} verb={text.verb} typed={who.value} busy={erase.isPending} error={erase.error}
      consequences={[
        text.names(format.number(profile.aliases.length)),
        text.facts(format.number(Object.keys(profile.attributes).length), n(profile.timeline.length, 1_000)),
        text.messages(n(messages.data?.messages.length ?? 0, 100)),
        text.segments(format.number(profile.segments.length), format.number(profile.runs.length)),
        text.kept,
        text.final,
      ]}
      act={() => erase.mutate(undefined, { onSuccess: () => go('/profiles') })}
    />
  );
}
