import { Button, Menu, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { Confirm } from '@/kit/Confirm';
import { Failed, Loaded } from '@/kit/Loaded';
import { ONCE } from '@/kit/once';
import { Panel, State, type Tone } from '@/kit/Page';
import { Table } from '@/kit/Table';
import { Copy } from '@/kit/values';
import { useText } from '@/text';
import { useChangeMember, useInvite, useMembers, useReinvite, useRemoveMember, type Member } from './queries';

const TONES: Record<string, Tone> = { active: 'good', local: 'good', invited: 'going', expired: 'warn', disabled: 'bad' };

const ROLES = ['owner', 'editor', 'viewer'] as const;

/** What somebody wants of a member, before it is confirmed. */
type Asked = { member: Member } & ({ what: 'role'; role: string } | { what: 'disable' | 'invite' | 'remove' });

/** Who may sign in, and as what. */
export function Members() {
  const text = useText();
  const own = text.settings;
  const query = useMembers();
  const change = useChangeMember();
  const [inviting, setInviting] = useState(false);
  const [asked, setAsked] = useState<Asked | null>(null);
  const role = (name: string) => text.shell.roles[name as (typeof ROLES)[number]] ?? name;
  return (
    <>
      {change.error ? <Failed error={change.error} /> : null}
      <Panel title={own.members} sub={own.membersWords} end={<Button size="xs" onClick={() => setInviting(true)}>{own.invite}</Button>} flush>
        <Loaded query={query}>
          {({ items }) => (
            <Table
              name={own.members} rows={items} keyOf={(row) => row.email}
              columns={[
                { head: own.member, cell: (row) => <><strong>{row.name}</strong><div className="dim small break">{row.email}</div></> },
                { head: own.role, cell: (row) => role(row.role) },
                { head: own.state, cell: (row) => <State tone={TONES[row.state] ?? 'calm'}>{own.memberStates[row.state] ?? row.state}</State> },
                { head: own.actions, right: true, cell: (row) => (
                  <Menu position="bottom-end">
                    <Menu.Target><Button size="compact-xs" variant="default" aria-label={own.actionsOf(row.name)}>{'···'}</Button></Menu.Target>
                    <Menu.Dropdown>
                      {ROLES.filter((one) => one !== row.role).map((one) => <Menu.Item key={one} onClick={() => setAsked({ member: row, what: 'role', role: one })}>{own.makeRole(role(one))}</Menu.Item>)}
                      <Menu.Divider />
                      <Menu.Item onClick={() => setAsked({ member: row, what: 'invite' })}>{own.reinvite}</Menu.Item>
                      <Menu.Item onClick={() => (row.disabled ? change.mutate({ email: row.email, disabled: false }) : setAsked({ member: row, what: 'disable' }))}>{row.disabled ? own.enable : own.disable}</Menu.Item>
                      <Menu.Item color="var(--bad)" onClick={() => setAsked({ member: row, what: 'remove' })}>{own.remove}</Menu.Item>
                    </Menu.Dropdown>
                  </Menu>
                ) },
              ]}
            />
          )}
        </Loaded>
      </Panel>
      {inviting ? <Invite close={() => setInviting(false)} /> : null}
      {asked ? <Asking asked={asked} close={() => setAsked(null)} /> : null}
    </>
  );
}

/** Says what a change of a member means before it is made. */
function Asking({ asked, close }: { asked: Asked; close: () => void }) {
  const text = useText();
  const own = text.settings;
  const change = useChangeMember();
  const remove = useRemoveMember();
  const reinvite = useReinvite();
  const { member } = asked;
  const role = asked.what === 'role' ? text.shell.roles[asked.role as (typeof ROLES)[number]] ?? asked.role : '';
  const done = { onSuccess: close };
  if (reinvite.data) {
    return (
      <Modal opened onClose={close} title={own.reinvite} centered {...ONCE}>
        <Invitation name={member.name} token={reinvite.data.invitation} close={close} />
      </Modal>
    );
  }
  const asks = {
    role: { title: own.roleTitle(member.name, role), verb: own.makeRole(role), words: [own.roleWords, own.sessionsEnd], act: () => change.mutate({ email: member.email, role: asked.what === 'role' ? asked.role : member.role }, done) },
    disable: { title: own.disableTitle(member.name), verb: own.disable, words: [own.disableWords, own.sessionsEnd], act: () => change.mutate({ email: member.email, disabled: true }, done) },
    invite: { title: own.reinviteTitle(member.name), verb: own.reinvite, words: [own.reinviteWords, own.sessionsEnd], act: () => reinvite.mutate(member.email) },
    remove: { title: own.removeTitle(member.name), verb: own.remove, words: [own.removeWords, own.removeKept], act: () => remove.mutate(member.email, done) },
  }[asked.what];
  return (
    <Confirm
      opened close={close} danger={asked.what === 'remove' || asked.what === 'disable'} title={asks.title} verb={asks.verb} consequences={asks.words} act={asks.act}
      busy={change.isPending || remove.isPending || reinvite.isPending} error={change.error ?? remove.error ?? reinvite.error}
    />
  );
}

/** A link that is shown once. */
function Invitation({ name, token, close }: { name: string; token: string; close: () => void }) {
  const own = useText().settings;
  return (
    <div className="stack">
      <p>{own.invited(name)}</p>
      <div className="json" data-testid="invitation"><Copy value={location.origin + token} /></div>
      <Button onClick={close}>{own.done}</Button>
    </div>
  );
}

function Invite({ close }: { close: () => void }) {
  const text = useText();
  const own = text.settings;
  const invite = useInvite();
  const [draft, setDraft] = useState({ email: '', name: '', role: 'editor' });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate(draft);
  };
  return (
    <Modal opened onClose={close} title={own.invite} centered closeButtonProps={{ 'aria-label': text.kit.close }} {...(invite.data ? ONCE : {})}>
      {invite.data ? (
        <Invitation name={invite.data.member.name} token={invite.data.invitation} close={close} />
      ) : (
        <form className="stack" onSubmit={submit}>
          <TextInput label={own.email} type="email" required data-autofocus value={draft.email} onChange={(event) => setDraft({ ...draft, email: event.currentTarget.value })} />
          <TextInput label={own.memberName} required value={draft.name} onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })} />
          <NativeSelect label={own.role} description={own.roleWords} value={draft.role} onChange={(event) => setDraft({ ...draft, role: event.currentTarget.value })} data={ROLES.map((role) => ({ value: role, label: text.shell.roles[role] }))} />
          {invite.error ? <Failed error={invite.error} /> : null}
          <Button type="submit" loading={invite.isPending}>{own.invite}</Button>
        </form>
      )}
    </Modal>
  );
}
