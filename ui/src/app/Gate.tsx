import { Loader } from '@mantine/core';
import { MemberProvider, useSession } from '@/api/session';
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
      return <SignIn setup={session.setup} />;
    case 'in':
      return (
        <MemberProvider value={session.session.member}>
          <Shell />
        </MemberProvider>
      );
  }
}
