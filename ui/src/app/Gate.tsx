import { Loader } from '@mantine/core';
import { useLayoutEffect, useRef, useState } from 'react';
import { MemberProvider, useSession, type Session, type Standing } from '@/api/session';
import { Failed } from '@/kit/Loaded';
import { useText } from '@/text';
import { Shell } from './Shell';
import { SignIn } from './SignIn';

/** Lets members in, and asks everybody else who they are. */
export function Gate() {
  const text = useText().kit;
  const session = useSession();
  switch (session.at) {
    case 'asking':
      return (
        <div className="gate" role="status" aria-label={text.loading}>
          <Loader size="sm" />
        </div>
      );
    case 'failed':
      return (
        <main className="gate">
          <div className="card">
            <Failed error={session.problem} again={session.again} />
          </div>
        </main>
      );
    case 'out':
    case 'in':
      return <Door session={session} />;
  }
}

/** Who is out signs in. Who was in before finds the page behind the door as it was, drafts and all. */
function Door({ session }: { session: Extract<Standing, { at: 'in' | 'out' }> }) {
  const [last, setLast] = useState<Session['member'] | null>(null);
  const member = session.at === 'in' ? session.session.member : null;
  if (member && member !== last) setLast(member);
  const out = session.at === 'out';
  useFocusKept(out);
  return (
    <>
      {session.at === 'out' ? <SignIn setup={session.setup} {...(last ? { email: last.email } : {})} /> : null}
      {last ? (
        <div hidden={out}>
          <MemberProvider value={member ?? last}>
            <Shell shut={out} />
          </MemberProvider>
        </div>
      ) : null}
    </>
  );
}

/** Who comes back is where they were with the keyboard, too. */
function useFocusKept(out: boolean) {
  const left = useRef<HTMLElement>(null);
  // Before the browser takes the focus away from what is hidden, and before the door takes it.
  useLayoutEffect(() => {
    if (out) left.current = focused();
    else {
      left.current?.focus({ preventScroll: true });
      left.current = null;
    }
  }, [out]);
}

/** What has the focus, also inside of an editor, which lives in a shadow root. */
function focused(): HTMLElement | null {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at instanceof HTMLElement ? at : null;
}
