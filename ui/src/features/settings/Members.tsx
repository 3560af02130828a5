import { Button, Menu, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { Confirm } from '@/kit/Confirm';
import { Failed, Loaded } from '@/kit/Loaded';
import { Panel, State, type Tone } from '@/kit/Page';
import { Table } from '@/kit/Table';
import { Copy } from '@/kit/values';
import { useText } from '@/text';
import { useChangeMember, useInvite, useMembers, useRemoveMember, type Member } from './queries';

const TONES: Record<string, Tone> = { active: 'good', local: 'good', invited: 'going', expired: 'warn', disabled: 'bad' };

/** Who may sign in, and as what. */
export function Members() {
  const text = useText();
  const own = text.settings;
  const query = useMembers();
  const change = useChangeMember();
  const remove = useRemoveMember();
  const [inviting, setInviting] = useState(false);
  const [removing, setRemoving] = useState<Member | null>(null);
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
                { head: own.role, cell: (row) => (
                  <NativeSelect size="xs" aria-label={own.roleOf(row.name)} value={row.role} onChange={(event) => change.mutate({ email: row.email, role: event.currentTarget.value })} data={(['owner', 'editor', 'viewer'] as const).map((role) => ({ value: role, label: text.shell.roles[role] }))} />
                ) },
                { head: own.state, cell: (row) => <State tone={TONES[row.state] ?? 'calm'}>{own.memberStates[row.state] ?? row.state}</State> },
                { head: own.actions, right: true, cell: (row) => (
                  <Menu position="bottom-end">
                    <Menu.Target><Button size="compact-xs" variant="default" aria-label={own.actionsOf(row.name)}>{'···'}</Button></Menu.Target>
                    <Menu.Dropdown>
                      <Menu.Item onClick={() => change.mutate({ email: row.email, disabled: !row.disabled })}>{row.disabled ? own.enable : own.disable}</Menu.Item>
                      <Menu.Item color="var(--bad)" onClick={() => setRemoving(row)}>{own.remove}</Menu.Item>
                    </Menu.Dropdown>
                  </Menu>
                ) },
              ]}
            />
          )}
        </Loaded>
      </Panel>
      {inviting ? <Invite close={() => setInviting(false)} /> : null}
      <Confirm
        opened={removing !== null} close={() => setRemoving(null)} danger title={own.removeTitle(removing?.name ?? '')} verb={own.remove} busy={remove.isPending} error={remove.error}
        consequences={[own.removeWords, own.removeKept]}
        act={() => removing && remove.mutate(removing.email, { onSuccess: () => setRemoving(null) })}
      />
    </>
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
    <Modal opened onClose={close} title={own.invite} centered closeButtonProps={{ 'aria-label': text.kit.close }}>
      {invite.data ? (
        <div className="stack">
          <p>{own.invited(invite.data.member.name)}</p>
          <div className="json" data-testid="invitation"><Copy value={location.origin + invite.data.invitation} /></div>
          <Button onClick={close}>{own.done}</Button>
        </div>
      ) : (
        <form className="stack" onSubmit={submit}>
          <TextInput label={own.email} type="email" required data-autofocus value={draft.email} onChange={(event) => setDraft({ ...draft, email: event.currentTarget.value })} />
          <TextInput label={own.memberName} required value={draft.name} onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })} />
          <NativeSelect label={own.role} description={own.roleWords} value={draft.role} onChange={(event) => setDraft({ ...draft, role: event.currentTarget.value })} data={(['owner', 'editor', 'viewer'] as const).map((role) => ({ value: role, label: text.shell.roles[role] }))} />
          {invite.error ? <Failed error={invite.error} /> : null}
          <Button type="submit" loading={invite.isPending}>{own.invite}</Button>
        </form>
      )}
    </Modal>
  );
}
