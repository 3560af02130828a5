import { href } from '@/kit/To';

/** The two parts of a name such as `email:ana@example.com`: the value may hold colons. */
export function splitAlias(alias: string): { namespace: string; value: string } {
  const place = alias.indexOf(':');
  return { namespace: alias.slice(0, place), value: alias.slice(place + 1) };
}

/** Where an event of a person is shown, also once only their profile remembers it. */
export function eventOf(who: { namespace: string; value: string }, event: string, where: { name?: string; at?: string } = {}): string {
  return href`/events/${event}` + `?${new URLSearchParams({ of: `${who.namespace}:${who.value}`, ...where })}`;
}

const FIRST = ['user_id', 'email', 'phone'];

/** The name by which a profile is shown and linked: the strongest that people recognise. */
export function shownName<N extends { namespace: string }>(names: N[]): N | undefined {
  for (const namespace of FIRST) {
    const found = names.find((name) => name.namespace === namespace);
    if (found) return found;
  }
  return names[0];
}

/** The addresses of a person that messages go to, and what is kept from each. */
export function addressesOf<S>(profile: { aliases: string[]; suppressions: { address: string; why: { stops: S } }[] }): { address: { namespace: string; address: string }; stops: S | undefined }[] {
  const kept = new Map(profile.suppressions.map((one) => [one.address, one.why.stops]));
  return profile.aliases
    .filter((alias) => alias.startsWith('email:') || alias.startsWith('phone:'))
    .map((alias) => {
      const { namespace, value } = splitAlias(alias);
      return { address: { namespace, address: value }, stops: kept.get(alias) };
    });
}
